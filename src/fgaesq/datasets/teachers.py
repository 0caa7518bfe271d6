"""What an image classifier says of the series of a token cache, for a student to learn from.

A network that learns from constructed series alone sees edits and never hears what is in the photo.
Distillation from object classifiers adds that (Hou et al., "Distilling Knowledge from Object
Classification to Aesthetics Assessment", arXiv 2206.00809). Their teacher goes through a predictor
trained on aesthetic labels; there are none here, so the classifier's own feature and logits teach.

The teacher sees one frame per series, before any edit: the student has to recognise the content of
all images of the series, whatever flaws they have.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.constructed import draw_frame, kind_at, read_pool
from fgaesq.datasets.token_cache import DecodedPhotos
from fgaesq.errors import InputError, MissingExtraError, WeightsError
from fgaesq.storage.digests import file_sha256
from fgaesq.types import Image

__all__ = ["Teacher", "TeacherOutputs", "embed_cache", "load_outputs"]


class Teacher:
    """An ImageNet classifier of the MobileNet family as a quantised TFLite file.

    Attributes:
        feature_length: D, of the globally pooled feature.
        classes: K, of the logits; 0 where the file ends with the feature.

    Raises:
        MissingExtraError: ai-edge-litert is not installed.
        WeightsError: the file is missing, is not TFLite, or is another kind of network.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise WeightsError(f"{path}: not found; give a classifier as a TFLite file")
        self._network = _opened(path)
        source, target = self._network.get_input_details(), self._network.get_output_details()
        # After global pooling the activations, and no weights, are (1, 1, 1, length).
        pooled = [
            tensor
            for tensor in self._network.get_tensor_details()
            if tuple(tensor["shape"][:-1]) == (1, 1, 1)
        ]
        fits = len(source) == len(target) == 1 and len(source[0]["shape"]) == 4
        if not pooled or not fits or source[0]["dtype"] is not np.uint8:
            raise WeightsError(
                f"{path}: not a MobileNet with uint8 images as input and one output; give such a "
                "classifier or feature extractor"
            )
        self._input, self._feature, self._logits = source[0], pooled[0], pooled[1:][:1]
        self.feature_length = int(self._feature["shape"][-1])
        self.classes = int(self._logits[0]["shape"][-1]) if self._logits else 0

    def __call__(self, image: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the feature (D,) and the logits (K,) of an RGB uint8 image of any size.

        The whole image is squeezed into the square that the network takes (224 px for the usual
        ones) by averaging areas; nothing is cropped, because what lies at the rim may be what the
        photo is about. The quantisation of the input maps 0 to 255 onto -1 to 1.
        """
        height, width = (int(side) for side in self._input["shape"][1:3])
        squeezed = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        self._network.set_tensor(self._input["index"], np.asarray(squeezed, np.uint8)[None])
        self._network.invoke()
        logits = [self._read(tensor) for tensor in self._logits]
        return self._read(self._feature), logits[0] if logits else np.zeros(0, np.float32)

    def _read(self, tensor: dict[str, Any]) -> NDArray[np.float32]:
        scale, zero = tensor["quantization"]
        whole = self._network.get_tensor(tensor["index"]).ravel().astype(np.float32)
        real: NDArray[np.float32] = ((whole - zero) * (scale or 1.0)).astype(np.float32)
        return real


def _opened(path: Path) -> Any:  # noqa: ANN401 - the library has no types
    """Return the interpreter, with intermediate results kept.

    The output of a classifier is its softmax, in steps of 1/256, in which all but a few classes
    are 0; the logits before it are worth more.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
    except ImportError:
        raise MissingExtraError("a teacher", "teacher") from None
    try:
        network = Interpreter(
            str(path),
            num_threads=1,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        network.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(f"{path}: not a TFLite network ({reason}); get the file anew") from None
    return network


@dataclass(frozen=True, slots=True, eq=False)
class TeacherOutputs:
    """What the teacher says of each series of a cache; row i is of series i.

    Attributes:
        feature: (S, D) float16.
        logits: (S, K) float16; K is 0 if the teacher has none.
        mean, deviation: (D,) float32 of the features over the series; a deviation of 0 is stored
            as 1.
    """

    feature: NDArray[np.float16]
    logits: NDArray[np.float16]
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    def read(self, series: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return features (N, D), standardised per channel, and logits (N, K), both float32.

        Rows of series that the teacher was not asked about, those from S on, are NaN. Features
        after a ReLU all point into one corner of space; without their mean, cosines tell them
        apart. (The paper has batch normalisation with fixed statistics in this place.)
        """
        known = series < len(self.feature)
        rows, unknown = np.where(known, series, 0), np.where(known, 0, np.nan)[:, None]
        feature = (self.feature[rows] - self.mean) / self.deviation + unknown
        return feature.astype(np.float32), (self.logits[rows] + unknown).astype(np.float32)


def embed_cache(
    folder: Path,
    teacher: Path,
    *,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write `folder/teacher.npz`: what the teacher says of each series of a token cache.

    The frames are made anew from what `cache.json` says, without edits. A file that is already
    there is kept.

    Args:
        folder: of the cache; its tokens need not be finished.
        teacher: a TFLite file, see `Teacher`.
        workers: processes.
        progress: called with (series done, all series).

    Raises:
        InputError: no cache, its photos are gone, or it holds the outputs of another teacher.
        MissingExtraError, WeightsError: see `Teacher`.
    """
    note = folder / "cache.json"
    if not note.is_file():
        raise InputError(f"{folder}: not a token cache; 'fgaesq train' makes one")
    spec = json.loads(note.read_text(encoding="utf-8"))
    opened = Teacher(teacher)  # here, where an error reaches the user whole
    digest = file_sha256(teacher)
    target = folder / "teacher.npz"
    if target.exists():
        _check_made_by(target, digest, teacher)
        return
    feature = np.zeros((spec["series"], opened.feature_length), np.float16)
    logits = np.zeros((spec["series"], opened.classes), np.float16)
    every = range(spec["series"])
    step = -(-len(every) // (4 * workers))  # a few jobs a process: each decodes what it needs
    jobs = [(spec, teacher, every[start : start + step]) for start in every[::step]]
    done = 0
    with multiprocessing.get_context("spawn").Pool(workers) as processes:
        for series, features, answers in processes.imap_unordered(_embedded, jobs):
            feature[series], logits[series] = features, answers
            done += len(series)
            if progress:
                progress(done, spec["series"])
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, feature=feature, logits=logits, sha256=np.array(digest))
    part.replace(target)


def load_outputs(*folders: Path) -> TeacherOutputs:
    """Open what `embed_cache` wrote into the folders of caches, one after another.

    Raises:
        InputError: there is nothing.
    """
    features, answers = [], []
    for folder in folders:
        path = folder / "teacher.npz"
        if not path.is_file():
            raise InputError(f"{path}: not found; give the recipe the key data.teacher")
        with np.load(path) as stored:
            features.append(stored["feature"])
            answers.append(stored["logits"])
    feature, logits = np.concatenate(features), np.concatenate(answers)
    deviation = feature.std(axis=0, dtype=np.float32)
    return TeacherOutputs(
        feature=feature,
        logits=logits,
        mean=feature.mean(axis=0, dtype=np.float32),
        deviation=np.where(deviation > 0, deviation, np.float32(1)),
    )


def _check_made_by(path: Path, digest: str, teacher: Path) -> None:
    with np.load(path) as stored:
        same = str(stored["sha256"]) == digest
    if not same:
        raise InputError(f"{path}: made by another teacher than {teacher.name}; remove it")


def _frames(spec: dict[str, Any], indices: Sequence[int]) -> Iterator[Image]:
    """Yield the frames that the series of a cache were made from."""
    pool = read_pool(Path(spec["photos"]), split=spec["split"])
    pixels = DecodedPhotos(pool)
    for index in indices:
        kind = kind_at(index, spec["making"], spec["kinds"])
        yield draw_frame(pool, pixels, kind=kind, seed=spec["seed"], index=index)[1]


def _embedded(
    job: tuple[dict[str, Any], Path, Sequence[int]],
) -> tuple[list[int], NDArray[np.float16], NDArray[np.float16]]:
    """Return the indices of series, their features and their logits."""
    spec, path, indices = job
    cv2.setNumThreads(1)
    teacher = Teacher(path)
    features, logits = zip(*(teacher(frame) for frame in _frames(spec, indices)), strict=True)
    return list(indices), np.stack(features).astype(np.float16), np.stack(logits).astype(np.float16)
