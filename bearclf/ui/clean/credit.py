"""How a photo's creator and licence are named beside it."""

from __future__ import annotations

from html import escape

from bearclf.protocol.records import Attribution

UNKNOWN = "unknown"


def credit(attribution: Attribution) -> list[str]:
    """Creator and licence, shortly, in parts of which none should be broken: "Ana Müller ·", "CC BY 2.0"."""
    known = [text for text in (attribution.creator, attribution.licence) if text not in ("", UNKNOWN)]
    if not known:
        return ["Creator and licence unknown"]
    return [*(f"{text} ·" for text in known[:-1]), known[-1]]


def spoken_credit(attribution: Attribution) -> str:
    """The same for a title, or for who can't see the photo: "“Old bear”, by Ana Müller, CC BY 2.0"."""
    creator = f"by {attribution.creator}" if attribution.creator not in ("", UNKNOWN) else "creator unknown"
    licence = attribution.licence if attribution.licence not in ("", UNKNOWN) else "licence unknown"
    title = [f"“{attribution.title}”"] if attribution.title else []
    return ", ".join([*title, creator, licence])


def credit_line(attribution: Attribution) -> str:
    """Creator and licence as HTML, with a link to where the creator shows the photo."""
    text = " ".join(f"<span>{escape(part)}</span>" for part in credit(attribution))
    address = attribution.landing_page or attribution.licence_url
    if address:
        text = f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{text}</a>'
    return f'<p class="bearclf-credit" title="{escape(spoken_credit(attribution))}">{text}</p>'
