"""A page of HTML as somebody reads it, and what it would ask of others."""

from __future__ import annotations

from html.parser import HTMLParser

EMPTY = {"meta", "img", "link", "br", "circle", "line", "path", "rect"}


class Readable(HTMLParser):
    """``text`` by headings: what stands below each, with whitespace as it is shown, but no drawing.

    ``tags`` counts elements; ``images`` has sources and alternative texts, ``labels`` those of drawings.
    ``asks`` is what would be fetched from elsewhere.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sections: dict[str, str] = {"": ""}
        self.tags: dict[str, int] = {}
        self.images: list[tuple[str, str]] = []
        self.labels: list[str] = []
        self.asks: list[str] = []
        self.title = ""
        self._open: list[str] = []
        self._heading = ""
        self.feed(html)
        self.close()
        assert self._open == [], "every element is closed"

    @property
    def text(self) -> str:
        return " ".join(" ".join((name, text)) for name, text in self.sections.items())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        given = dict(attrs)
        if tag == "img":
            self.images.append((given.get("src") or "", given.get("alt") or ""))
        if tag == "svg":
            self.labels.append(given.get("aria-label") or "")
        for name in ("src", "href", "srcset", "action", "data", "xlink:href"):
            if given.get(name) and not str(given[name]).startswith(("data:", "#")):
                self.asks.append(str(given[name]))
        if tag not in EMPTY:
            self._open.append(tag)
        if tag == "h2":
            self._heading = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            assert self._open.pop() == tag
        if tag == "h2":
            self.sections[self._heading] = ""

    def handle_data(self, data: str) -> None:
        words = " ".join(data.replace("\u00a0", " ").split())
        inside = self._open[-1] if self._open else ""
        if "svg" in self._open:
            return
        if inside == "title":
            self.title += words
        elif "h2" in self._open:
            self._heading += words
        elif words and "style" not in self._open:
            before = self.sections[self._heading]
            self.sections[self._heading] = f"{before} {words}".strip()
