from __future__ import annotations

import logging
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bearclf.errors import UserError
from bearclf.models.card import CARD, read_card
from bearclf.models.versions import KEPT_CANDIDATES, Versions
from tests.helpers.versions import make_bundle, pointer, retrain


def test_the_configured_bundle_is_live_until_another_is_promoted(base: Path, versions: Versions) -> None:
    assert (versions.live().path, versions.live().number) == (base, 0)
    number = retrain(versions)
    assert versions.live().path == base
    elsewhere = Versions(base)
    versions.promote(number)
    assert elsewhere.live().number == number
    assert (elsewhere.live().path / "export.pkl").read_bytes() == b"weights 1"
    assert Versions(make_bundle(base.parent / "another")).live().number == 0


def test_every_earlier_version_can_be_returned_to(versions: Versions) -> None:
    first, second = retrain(versions), retrain(versions)
    versions.promote(first)
    versions.promote(second)
    for number in (first, 0, second, 0):
        versions.promote(number)
        assert versions.live().number == number


def test_a_base_that_was_replaced_is_live_again(base: Path, versions: Versions) -> None:
    number = retrain(versions)
    versions.promote(number)
    make_bundle(base, b"trained from the command line")
    assert versions.live().number == 0
    versions.promote(number)
    assert versions.live().number == number


def test_the_list_is_newest_first_and_says_what_is_live(base: Path, versions: Versions) -> None:
    assert [(version.number, version.live) for version in versions.all()] == [(0, True)]
    number = retrain(versions)
    versions.new_folder()  # nothing in it yet: no version
    versions.promote(number)
    retrain(versions)
    listed = versions.all()
    assert [(version.number, version.live) for version in listed] == [(3, False), (1, True), (0, False)]
    assert (listed[0].recipe, listed[0].classes) == ("probe", ["x", "y"])
    assert listed[0].photos == 20
    assert listed[0].error_rate == 0.02
    assert listed[0].error_interval == pytest.approx((0.01, 0.05))
    assert abs(listed[0].trained.timestamp() - time.time()) < 60
    (versions.live().path / CARD).write_text("{}")
    assert [one.number for one in versions.all()] == [3, 0]


def test_a_copied_model_is_as_old_as_its_training(base: Path, versions: Versions) -> None:
    trained = "2024-02-29T12:00:00+00:00"
    (base / CARD).write_text(replace(read_card(base), trained=trained).to_json(), "utf-8")
    [listed] = versions.all()
    assert listed.trained.isoformat() == trained


@pytest.mark.parametrize("name", ["export.pkl", CARD])
def test_what_is_not_what_its_card_says_is_not_made_live(versions: Versions, name: str) -> None:
    number = retrain(versions)
    tampered = versions.all()[0].path / name
    tampered.write_bytes(b"{}")
    with pytest.raises(UserError):
        versions.promote(number)
    tampered.unlink()
    with pytest.raises(UserError):
        versions.promote(number)
    assert versions.live().number == 0


def test_a_card_that_was_changed_since_is_neither_live_nor_promoted(
    base: Path, versions: Versions, caplog: pytest.LogCaptureFixture
) -> None:
    number = retrain(versions)
    versions.promote(number)
    path = versions.live().path
    shutil.rmtree(path)
    make_bundle(path, b"somebody else's weights")
    with caplog.at_level(logging.WARNING):
        assert [versions.live().path, versions.live().path] == [base, base]
    assert len(caplog.records) == 1  # though it is asked every second
    with pytest.raises(UserError, match="changed since it was live"):
        versions.promote(number)


def test_only_what_was_never_live_can_be_discarded(versions: Versions) -> None:
    live, candidate = retrain(versions), retrain(versions)
    versions.promote(live)
    versions.promote(0)
    versions.discard(candidate)
    assert [one.number for one in versions.all()] == [live, 0]
    for number, reason in ((live, "was live"), (candidate, "gone already"), (0, "gone already")):
        with pytest.raises(UserError, match=reason):
            versions.discard(number)
    with pytest.raises(UserError, match="no model 7"):
        versions.promote(7)


def test_whatever_was_ever_live_is_kept_and_of_the_others_the_newest(versions: Versions) -> None:
    for number in range(1, KEPT_CANDIDATES + 5):
        assert retrain(versions) == number
        versions.promote(number)
    once_live = list(range(KEPT_CANDIDATES + 4, 0, -1))
    for _ in range(KEPT_CANDIDATES + 3):
        newest = retrain(versions)
    versions.new_folder()
    numbers = [one.number for one in versions.all()]
    assert numbers == [*range(newest, newest - KEPT_CANDIDATES, -1), *once_live, 0]
    versions.promote(1)
    assert versions.live().number == 1


def test_if_nobody_knows_any_more_what_was_live_all_is_kept(versions: Versions, data: Path) -> None:
    for number in range(1, 4):
        assert retrain(versions) == number
        versions.promote(number)
    pointer(data).write_bytes(b"{")
    versions.promote(3)
    for _ in range(KEPT_CANDIDATES + 1):
        retrain(versions)
    versions.new_folder()
    assert {1, 2, 3} <= {one.number for one in versions.all()}
    versions.promote(1)
    assert versions.live().number == 1


def test_what_a_killed_training_left_is_cleared_away(versions: Versions) -> None:
    number, path = versions.new_folder()
    left, fresh = path.parent / f".{number}-old", path.parent / f".{number}-new"
    for folder in (left, fresh):
        folder.mkdir()
        (folder / "export.pkl").write_bytes(b"half of it")
    os.utime(left, (0, 0))
    versions.new_folder()
    assert (left.exists(), fresh.exists()) == (False, True)
