"""The picture of all ways: what is on it, and that nothing on it is cut off or covers something else."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from bearclf import UserError, show_batch
from bearclf.training.batch_picture import look
from bearclf.training.seen import draw_photos
from bearclf.training.ways import ways
from tests.helpers.drawings import encoded, pattern


@pytest.mark.parametrize("photos", [1, 4, 12])
def test_nothing_is_cut_off_or_covered(patterns: Path, photos: int) -> None:
    figure = show_batch(patterns, photos=photos, size=32)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    texts = [text for text in figure.findobj(Text) if text.get_text()]
    said = " ".join(text.get_text() for text in texts)
    for way in ways(32):
        assert way.title in said
        assert way.cost in said
    boxes = [text.get_window_extent(renderer) for text in texts]
    boxes += [axes.get_window_extent(renderer) for axes in figure.axes]
    assert len(figure.axes) == photos * (1 + len(ways(32)))
    for box in boxes:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1
    for one, other in combinations(boxes, 2):
        apart = one.x1 <= other.x0 or other.x1 <= one.x0 or one.y1 <= other.y0 or other.y1 <= one.y0
        assert apart, (one, other)


def test_a_notebook_shows_it(patterns: Path) -> None:
    """By what IPython asks any object for, without pyplot."""
    formatted, _ = DisplayFormatter().format(show_batch(patterns, photos=2, size=32))
    assert formatted["image/png"].startswith(b"\x89PNG")


def test_each_row_shows_the_same_photos_and_the_first_as_they_are(patterns: Path) -> None:
    rows, drawn = look(patterns, 3, 32, 0.5, seed=1)
    assert sorted(drawn.labels) == ["checks", "dots", "stripes"], "of each class before a second of one"
    assert [picture.size for picture in rows[0].pictures] == [(96, 80)] * 3
    assert {len(row.pictures) for row in rows} == {3}
    again = draw_photos(patterns, 3, 1)
    others = draw_photos(patterns, 3, 2)
    contents = [[photo.tobytes() for photo in one.photos] for one in (drawn, again, others)]
    assert contents[0] == contents[1] != contents[2]


def test_one_class_is_enough_to_look_at_and_what_is_no_photo_is_named(tmp_path: Path) -> None:
    (tmp_path / "dots").mkdir()
    (tmp_path / "dots" / "a.jpg").write_bytes(encoded(pattern("dots", 1)))
    (tmp_path / "dots" / "b.jpg").write_bytes(b"no photo")
    with pytest.warns(UserWarning, match=r"Skipped .*b\.jpg"):
        figure = show_batch(tmp_path, size=32)
    assert len(figure.axes) == 1 + len(ways(32))
    (tmp_path / "dots" / "a.jpg").unlink()
    with pytest.raises(UserError, match=r"None of these photos can be read. b\.jpg: "):
        show_batch(tmp_path)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"photos": 0}, "from 1 to 12"),
        ({"size": 8}, "from 32 to 1024"),
        ({"min_scale": 1.5}, "at most 1"),
        ({"seed": -1}, "seed"),
        ({"label": "../dots"}, "no photos of a class"),
    ],
)
def test_what_makes_no_sense_is_said(patterns: Path, wrong: dict, says: str) -> None:
    with pytest.raises(UserError, match=says):
        show_batch(patterns, **wrong)
