from __future__ import annotations

from bearclf.ui.identify.csv_export import answers_csv


def test_no_cell_is_taken_for_a_formula() -> None:
    table = answers_csv(["+x"], [("=1+1.jpg", "@SUM(A1)", {"+x": 0.5}), ('a,"b".jpg', "refused", {})])
    assert table.splitlines() == ["file,answer,'+x", "'=1+1.jpg,'@SUM(A1),0.5000", '"a,""b"".jpg",refused,']
