from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from bearclf import UserError, gather
from bearclf.cli import main
from bearclf.gathering.attribution import read_attributions
from bearclf.photos.progress import unseen
from tests.helpers.drawings import encoded, pattern
from tests.helpers.other_hosts import Answer, Elsewhere, as_json

API = "https://api.kaggle.com/v1/datasets.DatasetApiService"


@pytest.fixture(autouse=True)
def _a_person_with_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", "KGAT_key")
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kaggle"))


@pytest.fixture
def dataset(elsewhere: Elsewhere) -> Elsewhere:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for number in range(3):
            file.writestr(f"train/grizzly_bear/{number}.jpg", encoded(pattern("dots", number)))
        file.writestr("train/polar_bear/0.jpg", encoded(pattern("checks", 0)))
        file.writestr("train/grizzly_bear/notes.txt", b"no photo")
    about = {"creatorName": "Ana Müller", "licenseName": "CC0: Public Domain", "currentVersionNumber": 3}
    elsewhere.answers[f"{API}/GetDataset"] = [as_json(**about)]
    elsewhere.answers[f"{API}/DownloadDataset"] = [Answer(archive.getvalue())]
    return elsewhere


def test_photos_of_the_folders_that_were_asked_for_come_with_the_datasets_licence(
    dataset: Elsewhere, training: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = ["--source", "kaggle:ana/bears"]
    assert main(["gather", "Grizzly Bear", "--class", "grizzly", "--out", str(training), *source]) == 0
    assert "3 new photos" in (said := capsys.readouterr().out)
    assert "one licence as a whole" in said
    photos = list(read_attributions(training).values())
    assert {(photo.creator, photo.licence) for photo in photos} == {("Ana Müller", "CC0: Public Domain")}
    assert {photo.landing_page for photo in photos} == {"https://www.kaggle.com/datasets/ana/bears"}
    assert all(headers["authorization"] == "Bearer KGAT_key" for _, _, headers in dataset.asked)

    again = gather("grizzly bear", "grizzly", training, source="kaggle:ana/bears", progress=unseen)
    assert again.known == 3
    assert dataset.times(f"{API}/DownloadDataset") == 1


@pytest.mark.parametrize(
    ("source", "query", "sentence"),
    [
        ("kaggle:ana/bears", "teddy", "no folder “teddy” with photos. It has grizzly_bear, polar_bear"),
        ("kaggle:bears", "teddy", "OWNER/DATASET"),
    ],
)
def test_a_mistake_is_a_sentence(
    source: str, query: str, sentence: str, dataset: Elsewhere, training: Path
) -> None:
    with pytest.raises(UserError, match=sentence):
        gather(query, "teddy", training, source=source, progress=unseen)


def test_a_refusal_says_how_to_give_a_key(elsewhere: Elsewhere, training: Path) -> None:
    elsewhere.answers[f"{API}/GetDataset"] = [Answer(b"{}", 403, {"Content-Type": "application/json"})]
    with pytest.raises(UserError, match=r"can't be fetched.*KAGGLE_API_TOKEN"):
        gather("bear", "grizzly", training, source="kaggle:ana/bears", progress=unseen)
