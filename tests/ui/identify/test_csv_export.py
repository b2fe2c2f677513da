from __future__ import annotations

from bearclf.ui.identify.csv_export import answers_csv
from tests.helpers.fakes import answer


def test_no_cell_is_taken_for_a_formula() -> None:
    half = answer({"+x": 0.5}, "doubtful").answer
    table = answers_csv(["+x"], [("=1+1.jpg", "@SUM(A1)", half), ('a,"b".jpg', "refused", None)])
    assert table.splitlines() == [
        "file,answer,standing,'+x",
        "'=1+1.jpg,'@SUM(A1),doubtful,0.5000",
        '"a,""b"".jpg",refused,,',
    ]
