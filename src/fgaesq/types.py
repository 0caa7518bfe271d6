"""The values that travel between the stages: photo -> tokens -> score -> ranking.

All are immutable. Sizes are (height, width). Scores run from 1 to 10, higher is better; rank 1 is
the best; `p` is the probability that the first image of a pair is preferred to the second.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fgaesq.errors import InputError

if TYPE_CHECKING:
    from PIL import Image as PILImage

__all__ = [
    "Comparison",
    "DifferenceMap",
    "EffectMap",
    "Failure",
    "Image",
    "ImageSource",
    "ModelIdentity",
    "Pair",
    "Photo",
    "RankedImage",
    "RankedSeries",
    "Ranking",
    "Reason",
    "Score",
    "Scores",
    "Stage",
    "TokenSet",
    "Verdict",
]

Image: TypeAlias = NDArray[np.uint8]
"""An upright RGB image in sRGB, uint8, shape (H, W, 3)."""

ImageSource: TypeAlias = "str | os.PathLike[str] | PILImage.Image | NDArray[np.generic]"
"""What the Python API accepts as an image: a path, PIL image or array (see `images.as_photo`)."""

Verdict: TypeAlias = Literal["first", "second", "too_close"]
Stage: TypeAlias = Literal["find", "decode", "align", "tokens", "model"]


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One decoded photo.

    Attributes:
        name: the path as given, or `image-<position>` for images from memory.
        pixels: upright sRGB, uint8, (H, W, 3), possibly smaller than the file's image.
        native_size: (height, width) of the upright image in the file.
        digest: hex digest of `pixels` and their shape; equal pixels have equal digests. It decides
            ties and makes results independent of file names and order.
    """

    name: str
    pixels: Image
    native_size: tuple[int, int]
    digest: str


@dataclass(frozen=True, slots=True, eq=False)
class TokenSet:
    """The mixed-resolution tokens of one image: T slots, slot 0 belongs to the class token.

    Attributes:
        patches: (T, 3, 16, 16), channels RGB. uint8: sRGB values the model still has to normalise;
            float32: already normalised (`reference` tokenizer). Unused slots are 0.
        centres: (T, 2) float64, the token's centre (y, x) as a fraction of the frame, 0 to 1.
            Meaningless where the slot is the class token or padding.
        scales: (T,) uint8, 0 coarse, 1 fine. 0 in slot 0 and in padding.
        padded: (T,) bool, True where the slot holds no token.
        attend_padding: whether the model lets attention see the padded slots (released behaviour)
            or masks them out.
        fine_cells: ids (raster order on the cell grid) of the cells that became fine tokens.
        cell_grid: (rows, columns) of the 32 px cells that `fine_cells` counts in.
        statistics: (T, S) float32, of the full resolution that each coarse token covers and, in the
            slot of the class token, of the framing; 0 in the other slots (`tokens.statistics`,
            `tokens.framing`). None where the model asks for none.
        naturalness: (K,) float32, of an image of a series that is judged by it
            (`tokens.naturalness.naturalness_input`); none for all other images.
    """

    patches: NDArray[np.uint8] | NDArray[np.float32]
    centres: NDArray[np.float64]
    scales: NDArray[np.uint8]
    padded: NDArray[np.bool_]
    attend_padding: bool
    fine_cells: tuple[int, ...]
    cell_grid: tuple[int, int]
    statistics: NDArray[np.float32] | None = None
    naturalness: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model made a number.

    Attributes:
        name: of the model.
        version: of its weights.
        sha256: of the weights file that the engine ran.
        engine: what computed.
        tokenizer: how images became tokens.
        reasons: whether results name reasons; a model without words for them gives none.
    """

    name: str
    version: str
    sha256: str
    engine: str
    tokenizer: str
    reasons: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A photo (or folder) that could not be used, at which stage, and why in one sentence."""

    path: str
    stage: Stage
    error: str


@dataclass(frozen=True, slots=True)
class Score:
    """One image's absolute score: 1 to 10, the expectation of `distribution` (10 bins, sum 1)."""

    path: str
    score: float
    distribution: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of single images, in the order given, and what failed."""

    model: ModelIdentity
    images: tuple[Score, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an image is better or worse than others, such as `sharper`.

    Attributes:
        text: what the image is, compared with the others.
        strength: 0 to 1, the model's probability that this is the reason; over all words that the
            model knows they sum to 1, and only those that stand out are given.
    """

    text: str
    strength: float


@dataclass(frozen=True, slots=True)
class RankedImage:
    """One image's place in its series.

    Attributes:
        rank: 1 is the best; images of identical pixels share a rank.
        score: 1 to 10, judged within the series.
        p_best: probability that this is the preferred image; sums to 1 over the series.
        reasons: why it is better, or worse, than the others of its series; strongest first.
    """

    path: str
    rank: int
    score: float
    p_best: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """The verdict on two images.

    Attributes:
        first, second: paths.
        p: the probability that `first` beats `second`.
        verdict: the preferred one, or `too_close`.
        reasons: why the one with the higher score is better; strongest first.
    """

    first: str
    second: str
    p: float
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DifferenceMap:
    """Where the images of a series differ.

    Attributes:
        values: (rows, columns) float32, 0 (same) to 1, per 32 px cell of the reference image.
        fine_cells: ids of the cells that were kept at full resolution.
        boxes: per image (by path) the box (top, left, bottom, right), in fractions of that image's
            frame, onto which the map's grid falls; None for an image that could not be aligned.
    """

    values: NDArray[np.float32]
    fine_cells: tuple[int, ...]
    boxes: dict[str, tuple[float, float, float, float] | None]


@dataclass(frozen=True, slots=True, eq=False)
class EffectMap:
    """Where the scores of a series come from.

    Attributes:
        values: per image (by path) (rows, columns) float32 on the grid of the series' difference
            map: how much the cell raises (above 0) or lowers the image's score against the others,
            in points of the score. Over the grid they sum to about the gap between the scores.
            None for an image that could not be aligned.
        boxes: as in `DifferenceMap`.
    """

    values: dict[str, NDArray[np.float32] | None]
    boxes: dict[str, tuple[float, float, float, float] | None]


@dataclass(frozen=True, slots=True)
class RankedSeries:
    """A series in rank order, best first; `pairs` holds all pairs, the better-ranked one first."""

    id: str
    images: tuple[RankedImage, ...]
    pairs: tuple[Pair, ...]
    difference: DifferenceMap | None = field(default=None, compare=False, repr=False)
    effects: EffectMap | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The result of `rank`: every series, and what failed."""

    model: ModelIdentity
    series: tuple[RankedSeries, ...]
    failures: tuple[Failure, ...]

    @property
    def best(self) -> RankedImage:
        """The best image of the only series.

        Raises:
            InputError: there is not exactly one series (none of its images could be used, or
                several were ranked): there is no one best image.
        """
        if len(self.series) > 1:
            raise InputError(
                f"{len(self.series)} series were ranked, so there is no one best image; use .series"
            )
        if not self.series:
            reasons = "; ".join(failure.error for failure in self.failures[:3])
            raise InputError(f"no image could be ranked ({reasons or 'none was given'})")
        return self.series[0].images[0]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of `compare`: both scores within the pair, and P(first beats second).

    `reasons` say why the one with the higher score is better, strongest first.
    """

    model: ModelIdentity
    first: Score
    second: Score
    p: float
    verdict: Verdict
    difference: DifferenceMap | None = field(default=None, compare=False, repr=False)
    reasons: tuple[Reason, ...] = ()
    effects: EffectMap | None = field(default=None, compare=False, repr=False)
