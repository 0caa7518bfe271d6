"""Series ordered by one edit: each image has more of it than the better one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fgaesq.datasets.constructed.frames import (
    ConstructedSeries,
    as_saved,
    handheld,
    reframed,
    shuffled,
    turned,
    with_sensor_noise,
)
from fgaesq.datasets.edits import CROPPING, EDITS, LOCAL, UNDOES
from fgaesq.types import Image

__all__ = ["construct_series", "edited_series"]

_SMALLEST_GAP = 0.07  # of severity between neighbours: about what can just be seen side by side
_SENSOR_NOISE = (0.7, 4.5)  # in grey levels
_SHARE_NOISY = 0.7
_HIDDEN_BY_NOISE = frozenset({"noise", "chromatic_noise", "checkerboard", "banding"})
_LEAST_HIDING = 1.2  # in grey levels: these flaws are seen beside that


def construct_series(
    photo: Image,
    *,
    kind: str,
    rng: np.random.Generator,
    source: str = "",
    tier: str = "",
    long_side_px: int | None = None,
) -> ConstructedSeries:
    """Make a series of 2 to 5 images from one photo.

    Args:
        photo: at least 64 px on its short side.
        kind: a name in `EDITS`.
        rng: decides everything random.
        source: name of the photo, carried into the result.
        tier: that of the photo, carried into the result.
        long_side_px: of the images; by default drawn from what the photo has.
    """
    frame = reframed(photo, rng, kind=kind, long_side_px=long_side_px)
    return edited_series(frame, kind, rng, source, tier)


def edited_series(
    frame: Image,
    kind: str,
    rng: np.random.Generator,
    source: str = "",
    tier: str = "",
    *,
    shaken: bool = False,
) -> ConstructedSeries:
    """Make a series as `construct_series` does of a frame that is cut already.

    With `shaken` its images differ as those of a real burst do: they are turned and shifted against
    each other by parts of a pixel, and most have noise of their own, equally strong in all.
    """
    severities = _severities(int(rng.choice([2, 3, 4, 5], p=[0.3, 0.3, 0.2, 0.2])), rng)
    steps = _drawn_steps(kind, rng)
    quality = int(rng.integers(72, 99)) if rng.random() < 0.6 else 0
    frames = _shot(frame, steps, severities, rng, _shaken(kind) if shaken else handheld)
    if shaken:
        frames = _noisy(frames, kind, rng)
    images = [as_saved(one, quality) for one in frames]
    return shuffled(
        images,
        rng=rng,
        source=source,
        tier=tier,
        kind=kind,
        edits=(kind,) * len(images),
        severities=severities,
        burden=steps.burden,
        area=steps.area,
    )


def _shot(
    base: Image,
    steps: _Steps,
    severities: Sequence[float],
    rng: np.random.Generator,
    moved: Callable[[Image, np.random.Generator], Image],
) -> list[Image]:
    """Return a frame per severity, each with a slightly different framing."""
    if steps.kind in CROPPING:  # the shift comes last: the crop's subject must be the same for all
        return [moved(_edited(base, steps, severity), rng) for severity in severities]
    return [_edited(moved(base, rng), steps, severity) for severity in severities]


def _shaken(kind: str) -> Callable[[Image, np.random.Generator], Image]:
    return partial(turned, level=kind == "tilt")  # the order must stay certain


def _noisy(frames: Sequence[Image], kind: str, rng: np.random.Generator) -> list[Image]:
    """Return the frames with noise of their own, or, less often, as they are."""
    sigma = float(rng.uniform(*_SENSOR_NOISE)) if rng.random() < _SHARE_NOISY else 0.0
    soft = bool(rng.random() < 0.5)
    if kind in _HIDDEN_BY_NOISE:
        sigma = min(sigma, _LEAST_HIDING)
    return [with_sensor_noise(frame, sigma, soft, rng) if sigma else frame for frame in frames]


@dataclass(frozen=True, slots=True)
class _Steps:
    """What happens to every frame of a series.

    Attributes:
        kind: the edit that orders the series.
        common, burden: an edit and its severity, the same for all frames; 0 for none.
        second: another edit that gets worse together with the first, or none.
        area, centre, tall: of the ellipse that the first edit is confined to; area 1 for none.
        seeds: of the three edits, the same for all frames.
    """

    kind: str
    common: str
    burden: float
    second: str
    area: float
    centre: tuple[float, float]
    tall: float
    seeds: tuple[int, int, int]


def _drawn_steps(kind: str, rng: np.random.Generator) -> _Steps:
    others = [name for name in EDITS if name not in {kind, *CROPPING, *UNDOES[kind]}]
    common, second = (str(name) for name in rng.choice(others, size=2))
    burden = float(rng.uniform(0.05, 0.4)) if rng.random() < 0.2 else 0.0
    combined = rng.random() < 0.12 and not (burden and second in UNDOES[common])
    local = kind in LOCAL and rng.random() < 0.35
    return _Steps(
        kind=kind,
        common=common,
        burden=burden,
        second=second if combined and not local else "",
        area=float(rng.uniform(0.06, 0.35)) if local else 1.0,
        centre=(float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.25, 0.75))),
        tall=float(rng.uniform(0.7, 1.4)),
        seeds=tuple(int(seed) for seed in rng.integers(2**63, size=3)),  # type: ignore[arg-type]
    )


def _edited(image: Image, steps: _Steps, severity: float) -> Image:
    """Return a frame with the common flaw and with the edits at `severity`."""
    if steps.burden:
        rng = np.random.default_rng(steps.seeds[0])
        image = EDITS[steps.common](image, steps.burden, rng)
    if severity > 0 or steps.kind in CROPPING:
        worse = EDITS[steps.kind](image, severity, np.random.default_rng(steps.seeds[1]))
        image = worse if steps.area == 1 else _inside_ellipse(image, worse, steps)
    if steps.second and severity > 0:
        rng = np.random.default_rng(steps.seeds[2])
        image = EDITS[steps.second](image, 0.7 * severity, rng)
    return image


def _inside_ellipse(outside: Image, inside: Image, steps: _Steps) -> Image:
    """Return `outside` with `inside` shown through an ellipse with a soft rim."""
    height, width = outside.shape[:2]
    y, x = np.ogrid[:height, :width]
    radius = np.sqrt(steps.area / np.pi)  # of the frame's sides, before stretching
    down = (y / height - steps.centre[0]) / (radius * steps.tall)
    across = (x / width - steps.centre[1]) / (radius / steps.tall)
    share = np.clip((1 - np.hypot(down, across)) * 6 + 0.5, 0, 1)[..., None].astype(np.float32)
    blend = outside + share * (inside.astype(np.float32) - outside)
    image: Image = np.rint(blend).astype(np.uint8)
    return image


def _severities(number: int, rng: np.random.Generator) -> list[float]:
    """Return ascending severities at least one just visible step apart; mostly starting at 0."""
    free = 1.0 - _SMALLEST_GAP * (number - 1)
    reach = free * rng.uniform(0.15, 1.0)  # narrow series are as common as wide ones
    places = np.sort(rng.uniform(0, reach, number))
    severities = places + _SMALLEST_GAP * np.arange(number)
    if rng.random() < 0.75:
        severities[0] = 0.0
    return [float(value) for value in severities]
