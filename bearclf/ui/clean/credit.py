"""How a photo's creator and licence are named beside it."""

from __future__ import annotations

from html import escape

from bearclf.protocol.records import Attribution

UNKNOWN = "unknown"


def credit(attribution: Attribution) -> str:
    """Creator and licence, shortly: "Ana Müller · CC BY 2.0"."""
    known = [text for text in (attribution.creator, attribution.licence) if text and text != UNKNOWN]
    return " · ".join(known) or "creator and licence unknown"


def spoken_credit(attribution: Attribution) -> str:
    """The same for a title, or for who can't see the photo: "“Old bear”, by Ana Müller, CC BY 2.0"."""
    creator = f"by {attribution.creator}" if attribution.creator not in ("", UNKNOWN) else "creator unknown"
    licence = attribution.licence if attribution.licence not in ("", UNKNOWN) else "licence unknown"
    title = [f"“{attribution.title}”"] if attribution.title else []
    return ", ".join([*title, creator, licence])


def credit_line(attribution: Attribution) -> str:
    """Creator and licence as HTML, with a link to where the creator shows the photo."""
    text, title = escape(credit(attribution)), escape(spoken_credit(attribution))
    address = attribution.landing_page or attribution.licence_url
    if address:
        link = f'href="{escape(address)}" target="_blank" rel="noopener noreferrer" title="{title}"'
        text = f"<a {link}>{text}</a>"
    return f'<p class="bearclf-credit">{text}</p>'
