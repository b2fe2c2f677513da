"""A reliability diagram: is a model right as often as its confidence says?"""

from __future__ import annotations

from bearclf.protocol.records import Judged

SIDE = 200
"""Height and width of the picture's square, in its own units."""


def reliability_picture(before: Judged | None, after: Judged) -> str:
    """An SVG: share of right answers against confidence; on the diagonal all is well."""
    edge, inner = SIDE - 1, SIDE - 2
    lines = "".join(
        _curve(side.bins, css) for side, css in ((before, "bearclf-before"), (after, "bearclf-after")) if side
    )
    legend = '<span class="bearclf-after">— after</span>'
    if before:
        legend = f'<span class="bearclf-before">- - before</span> {legend}'
    return (
        f'<figure class="bearclf-reliability"><svg viewBox="-10 -10 {SIDE + 20} {SIDE + 20}" role="img" '
        'aria-label="Share of right answers against confidence">'
        f'<rect x="1" y="1" width="{inner}" height="{inner}"/><path d="M1 {edge} L{edge} 1"/>{lines}</svg>'
        "<figcaption>Across: how sure it was, 0 to 100 %. Upwards: how often it was right. On the thin line "
        f"both are the same. Larger dots are more photos.<br>{legend}</figcaption></figure>"
    )


def _curve(bins: tuple[tuple[float, float, int], ...], css: str) -> str:
    points = [(SIDE * sure, SIDE * (1 - right), photos) for sure, right, photos in bins if photos]
    most = max((photos for *_, photos in points), default=1)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + 5 * (photos / most) ** 0.5:.1f}"/>'
        for x, y, photos in points
    )
    return f'<g class="{css}"><polyline points="{path}"/>{dots}</g>'
