from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bearclf.errors import UserError
from bearclf.models.bundle import EXPORT, NEIGHBOURS, NETWORK
from bearclf.models.card import read_card
from bearclf.models.novelty import NoveltyDetector
from bearclf.photos.decode import PhotoError, decode
from bearclf.photos.folders import content_digest
from bearclf.prediction.predictor import Predictor
from bearclf.settings import bundle_folder
from tests.helpers.bundles import bundle_with
from tests.helpers.drawings import CLASSES, encoded, pattern, teddy


@pytest.mark.parametrize("kind", CLASSES)
def test_a_photo_gets_its_class_all_probabilities_and_a_time(predictor: Predictor, kind: str) -> None:
    answer = predictor.predict(encoded(pattern(kind, 77)))
    assert answer.label == kind
    assert answer.probability == max(answer.probabilities.values())
    assert list(answer.probabilities) == list(CLASSES)
    assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-6)
    assert answer.ms > 0


def test_many_at_once_get_the_same_answers_as_one_by_one(predictor: Predictor) -> None:
    files = [encoded(pattern(kind, seed)) for kind in CLASSES for seed in range(5)]
    together = predictor.predict_decoded([decode(data) for data in files])
    for data, answer in zip(files, together, strict=True):
        alone = predictor.predict(data)
        assert answer.probabilities == pytest.approx(alone.probabilities, abs=1e-5)
    assert predictor.predict_decoded([]) == []


def test_what_is_no_photo_is_refused(predictor: Predictor) -> None:
    with pytest.raises(PhotoError):
        predictor.predict(b"nonsense")


def test_nothing_is_printed(predictor: Predictor, capfd: pytest.CaptureFixture[str]) -> None:
    predictor.predict(encoded(teddy()))
    assert capfd.readouterr() == ("", "")


def test_the_shipped_model_knows_a_drawn_teddy() -> None:
    answer = Predictor(bundle_folder()).predict(encoded(teddy()))
    assert (answer.label, answer.known) == ("teddy", True)


def test_answers_are_those_of_learn_predict(shared_photos: Path, tmp_path: Path) -> None:
    from fastai.vision.all import load_learner

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        learner = load_learner(bundle_folder() / "export.pkl")
    learned = Predictor(bundle_with(bundle_folder(), tmp_path / "older", NETWORK, None))
    fast = Predictor(bundle_folder())
    assert (learned.is_fast, fast.is_fast) == (False, True)
    photos = sorted((shared_photos / "bears-raw").glob("*/*"))[::8][:100]
    assert len(photos) == 100
    with learner.no_bar():
        for photo in photos:
            expected = learner.predict(photo)[2].numpy()
            for predictor in (learned, fast):
                probabilities = list(predictor.predict(photo.read_bytes()).probabilities.values())
                assert np.abs(np.array(probabilities) - expected).max() < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("paths", [b"cpathlib._local\nPosixPath\n", b"cpathlib\nWindowsPath\n"])
def test_a_model_from_another_python_or_system_is_loaded(paths: bytes, tmp_path: Path) -> None:
    """Python 3.13 has another module of paths than those before and after it; Windows has other paths."""
    written = io.BytesIO()
    with zipfile.ZipFile(bundle_folder() / EXPORT) as here, zipfile.ZipFile(written, "w") as there:
        for name in here.namelist():
            content = here.read(name)
            if name.endswith("data.pkl"):
                content = content.replace(b"cpathlib\nPosixPath\n", paths)
                assert paths in content
            there.writestr(name, content)
    bundle = bundle_with(bundle_folder(), tmp_path / "elsewhere", EXPORT, written.getvalue())
    learned = Predictor(bundle_with(bundle, tmp_path / "older", NETWORK, None))
    assert learned.predict(encoded(teddy())).label == "teddy"


def test_what_a_photo_is_like_is_what_training_says_it_is(
    predictor: Predictor, patterns: Path, pattern_bundle: Path
) -> None:
    """One photo's products are computed in another way than many photos'."""
    from bearclf.models.bundle import FEATURES, TrainingRecord

    detector = NoveltyDetector.load((pattern_bundle / NEIGHBOURS).read_bytes())
    record = TrainingRecord.load((pattern_bundle / FEATURES).read_bytes())
    photo = next((patterns / "dots").iterdir()).read_bytes()
    row = record.digests.index(content_digest(photo))
    features = record.features[[row, row]].astype(np.float32)
    similarities = detector.similarities(features)[0]
    answer = predictor.predict(photo)
    assert answer.nearest[0] == row
    assert answer.nearest == tuple(np.argsort(-similarities, kind="stable")[:4])
    assert answer.familiarity == pytest.approx(detector.familiarity(features)[0], abs=1e-3)


def test_the_cards_command_gives_its_metrics_again(shared_photos: Path, tmp_path: Path) -> None:
    from bearclf.cli import main

    card = read_card(bundle_folder())
    words = card.command.split()
    assert words[:5] == ["python", "-m", "bearclf", "train", "bears"]
    words[words.index("BUNDLE")] = str(tmp_path / "again")
    at = words.index("--elsewhere")  # only for measuring
    del words[at : at + 2]
    assert main(["train", str(shared_photos / "bears"), *words[5:]]) == 0
    again = read_card(tmp_path / "again")
    assert again.training_sha256 == card.training_sha256
    for name in ("n", "accuracy", "accuracy_interval", "per_class_recall", "confusion_matrix"):
        assert again.metrics[name] == card.metrics[name], name
    assert again.metrics["log_loss"] == pytest.approx(card.metrics["log_loss"], abs=1e-3)


def test_one_photo_in_any_rendering_gets_nearly_one_answer(shared_photos: Path) -> None:
    from PIL import Image, ImageCms

    predictor = Predictor(bundle_folder())
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for path in sorted((shared_photos / "bears").glob("*/*.jpg"))[::60]:
        plain = decode(path.read_bytes())
        expected = predictor.predict(encoded(plain, "PNG"))
        exif = Image.Exif()
        exif[0x0112] = 6
        grey = plain.convert("L")
        assert predictor.predict(encoded(grey, "PNG")).probabilities == pytest.approx(
            predictor.predict(encoded(grey.convert("RGB"), "PNG")).probabilities, abs=0.02
        )
        renderings = {
            "jpeg": encoded(plain, "JPEG", quality=97, subsampling=0),
            "progressive": encoded(plain, "JPEG", quality=97, subsampling=0, progressive=True),
            "cmyk": encoded(plain.convert("CMYK"), "JPEG", quality=97, subsampling=0),
            "alpha": encoded(plain.convert("RGBA"), "PNG"),
            "profile": encoded(plain, "PNG", icc_profile=srgb),
            "webp": encoded(plain, "WEBP", lossless=True),
            "avif": encoded(plain, "AVIF", quality=97, subsampling="4:4:4"),
            "heic": encoded(plain, "HEIF", quality=97, chroma=444),
            "bmp": encoded(plain, "BMP"),
            "tiff": encoded(plain, "TIFF"),
            "lying jpeg": encoded(
                plain.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=97, subsampling=0, exif=exif
            ),
            "lying heic": encoded(
                plain.transpose(Image.Transpose.ROTATE_90),
                "HEIF",
                quality=97,
                chroma=444,
                exif=exif.tobytes(),
            ),
        }
        for name, content in renderings.items():
            answer = predictor.predict(content)
            assert answer.probabilities == pytest.approx(expected.probabilities, abs=0.02), (path.name, name)


def test_a_photo_unlike_the_training_photos_is_none_of_these(pattern_bundle: Path, patterns: Path) -> None:
    predictor = Predictor(pattern_bundle)
    seen = predictor.predict(next((patterns / "dots").iterdir()).read_bytes())
    assert (seen.standing, seen.known) == ("known", True)
    assert seen.familiarity >= read_card(pattern_bundle).known_from
    assert len(seen.nearest) == 4
    noise = np.random.default_rng(3).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    from PIL import Image

    stranger = predictor.predict(encoded(Image.fromarray(noise), "PNG"))
    assert (stranger.standing, stranger.known) == ("none", False)
    assert stranger.familiarity < seen.familiarity


def other_arrays() -> bytes:
    out = io.BytesIO()
    np.savez(out, weights=np.zeros(3))
    return out.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"not a zip", other_arrays()], ids=["empty", "text", "other arrays"]
)
def test_a_detector_that_makes_no_sense_is_said(content: bytes, pattern_bundle: Path, tmp_path: Path) -> None:
    bundle = bundle_with(pattern_bundle, tmp_path / "bundle", NEIGHBOURS, content)
    with pytest.raises(UserError, match=r"neighbours\.npz .* can't be understood"):
        Predictor(bundle)
