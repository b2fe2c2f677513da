"""Before and after: the same photos, today's labels, and no more certainty than there is."""

from __future__ import annotations

import numpy as np
import pytest

from bearclf.curation.comparison import compare
from bearclf.models.judgement import Judgement
from bearclf.protocol.records import ChangedAnswer, Comparison, Judged

VOCAB = ["black", "grizzly"]


def judgement(answers: str, vocab: list[str] = VOCAB, first: int = 0) -> Judgement:
    """One letter a photo: which class the model named, by 0.9."""
    probabilities = {}
    for number, letter in enumerate(answers, first):
        index = next(i for i, name in enumerate(vocab) if name.startswith(letter))
        row = np.full(len(vocab), 0.1 / (len(vocab) - 1))
        row[index] = 0.9
        probabilities[str(number)] = row
    return Judgement(vocab, 0.5, probabilities, dict.fromkeys(probabilities, 0.6))


def labels(truth: str) -> dict[str, str]:
    return {str(number): {"b": "black", "g": "grizzly"}[letter] for number, letter in enumerate(truth)}


def before(compared: Comparison) -> Judged:
    assert compared.before is not None
    return compared.before


def test_both_are_judged_under_todays_labels() -> None:
    # The third photo was moved from black to grizzly since the first model was trained.
    compared = compare(judgement("bbbg"), judgement("bbgg"), labels("bbgg"))
    assert (before(compared).wrong, compared.after.wrong) == (1, 0)
    assert compared.after.error.share == 0
    assert compared.after.error.high > 0.3, "four photos don't prove much"
    assert compared.changed == (ChangedAnswer(digest="2", label="grizzly", before="black", after="grizzly"),)
    assert compared.sentence == "Wrong on 1 fewer of the same 4 photos: that could be chance."
    assert before(compared).matrix.counts == ((2, 0), (1, 1))


def test_only_photos_that_both_were_asked_about_count() -> None:
    compared = compare(judgement("bbb"), judgement("gbb", first=1), labels("bbbb"))
    assert sum(map(sum, compared.after.matrix.counts)) == 2
    assert before(compared).wrong == 0


@pytest.mark.parametrize(
    ("earlier", "later", "says"),
    [
        ("b" * 10, "g" * 10, "Wrong on 10 more of the same 10 photos: more than chance would explain."),
        ("b" * 10, "b" * 10, "Wrong on as many of the same 10 photos as before."),
    ],
)
def test_the_sentence_says_what_chance_could_do(earlier: str, later: str, says: str) -> None:
    assert compare(judgement(earlier), judgement(later), labels("b" * 10)).sentence == says


def test_a_model_of_other_classes_is_no_before() -> None:
    other = judgement("cd", ["cat", "dog"])
    compared = compare(other, judgement("bg"), labels("bg"))
    assert compared.before is None
    assert compared.after.wrong == 0
    assert compared.changed == ()


def test_the_order_of_a_models_classes_does_not_matter() -> None:
    compared = compare(judgement("bg", VOCAB[::-1]), judgement("bg"), labels("bg"))
    assert before(compared).wrong == compared.after.wrong == 0


def test_who_is_turned_away_is_counted() -> None:
    stricter = judgement("bb")
    stricter = Judgement(VOCAB, 0.7, stricter.probabilities, stricter.familiarities)
    compared = compare(judgement("bb"), stricter, labels("bb"))
    assert (before(compared).turned_away, compared.after.turned_away) == (0, 1)
