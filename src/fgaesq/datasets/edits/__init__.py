"""Edits of known order: each makes a photo worse, the more so the higher its severity.

An edit is a function `(image, severity, rng) -> image` on sRGB uint8 (H, W, 3). Severity runs from
0 (just there; only those in `CROPPING` do nothing) to 1 (nobody would keep it); about .1 is just
noticeable side by side. Everything random about an edit (direction, grain, place) is drawn from
`rng`: with an equal generator and a higher severity the result is worse by more of the same, which
is what makes the order of a series certain. Blur, exposure, noise, cast and haze are things of
light and work on linear values.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from types import MappingProxyType

import numpy as np

from fgaesq.datasets.edits.detail import (
    aliasing,
    as_jpeg,
    chromatic_noise,
    compression,
    defocus,
    halos,
    motion,
    noise,
    oversharpening,
    plastic,
    resampling,
    smear,
    upscaled,
)
from fgaesq.datasets.edits.geometry import cut_off, subject_clarity, tilt, warping
from fgaesq.datasets.edits.light import (
    banding,
    colour_cast,
    desaturation,
    flat_contrast,
    from_linear,
    harsh_contrast,
    haze,
    overexposure,
    oversaturation,
    to_linear,
    underexposure,
    vignette_flare,
)
from fgaesq.datasets.edits.structure import (
    checkerboard,
    duplicated_texture,
    garbled,
    ghosting,
    occlusion,
)
from fgaesq.datasets.edits.suiting import (
    brightness,
    colourfulness,
    fine_detail,
    level_lines,
)
from fgaesq.types import Image

__all__ = [
    "CROPPING",
    "DETAIL",
    "EDITS",
    "LOCAL",
    "SUITED",
    "UNDOES",
    "Edit",
    "as_jpeg",
    "from_linear",
    "to_linear",
]

Edit = Callable[[Image, float, np.random.Generator], Image]

EDITS: MappingProxyType[str, Edit] = MappingProxyType(
    {
        "defocus": defocus,
        "motion": motion,
        "overexposure": overexposure,
        "underexposure": underexposure,
        "noise": noise,
        "colour_cast": colour_cast,
        "haze": haze,
        "tilt": tilt,
        "compression": compression,
        "oversaturation": oversaturation,
        "smear": smear,
        "oversharpening": oversharpening,
        "resampling": resampling,
        "warping": warping,
        "banding": banding,
        "ghosting": ghosting,
        "cut_off": cut_off,
        "occlusion": occlusion,
        "halos": halos,
        "plastic": plastic,
        "upscaled": upscaled,
        "aliasing": aliasing,
        "duplicated_texture": duplicated_texture,
        "garbled": garbled,
        "flat_contrast": flat_contrast,
        "harsh_contrast": harsh_contrast,
        "vignette_flare": vignette_flare,
        "chromatic_noise": chromatic_noise,
        "checkerboard": checkerboard,
        "desaturation": desaturation,
    }
)
"""Every kind of edit by name."""

SUITED: MappingProxyType[str, Callable[[Image], float]] = MappingProxyType(
    {
        "cut_off": subject_clarity,
        "desaturation": colourfulness,
        "overexposure": brightness,
        "oversharpening": fine_detail,
        "tilt": level_lines,
    }
)
"""Per edit that not every photo is worse for, how well a photo suits it: well enough from 1 on."""

CROPPING = frozenset({"tilt", "cut_off"})
"""Edits that crop: severity 0 gives a crop of the same size without the flaw."""

LOCAL = frozenset(
    {
        "defocus",
        "motion",
        "noise",
        "smear",
        "oversharpening",
        "resampling",
        "warping",
        "plastic",
        "upscaled",
        "aliasing",
        "chromatic_noise",
        "checkerboard",
    }
)
"""Edits that also happen to a part of the frame: a subject that moves, a face out of focus.

Those that choose a region themselves are not among them: the two regions might not meet.
"""

DETAIL = frozenset(
    {
        "defocus",
        "motion",
        "noise",
        "chromatic_noise",
        "compression",
        "smear",
        "oversharpening",
        "halos",
        "resampling",
        "upscaled",
        "plastic",
        "aliasing",
        "warping",
        "garbled",
        "checkerboard",
        "banding",
    }
)
"""Edits of fine detail, between which upscaled and generated images differ."""

_SOFTENING = ("defocus", "motion", "smear", "resampling", "plastic", "upscaled")
_CRISP = ("noise", "oversharpening", "aliasing", "checkerboard")
_DULL = ("haze", "flat_contrast")
_VIVID = ("oversaturation", "oversharpening", "underexposure", "halos", "harsh_contrast")
_IN_A_PLACE = ("ghosting", "occlusion", "duplicated_texture", "garbled", "vignette_flare")
_PAIRS = [
    ("overexposure", "underexposure"),
    ("compression", "smear"),
    ("compression", "checkerboard"),
    ("banding", "noise"),
    ("banding", "chromatic_noise"),
    ("chromatic_noise", "flat_contrast"),
    *(("desaturation", other) for other in ("oversaturation", "colour_cast", "chromatic_noise")),
    ("vignette_flare", "overexposure"),
    ("vignette_flare", "underexposure"),
    ("vignette_flare", "harsh_contrast"),
    *product(_SOFTENING, _CRISP),
    *product(_DULL, _VIVID),
    *(("cut_off", other) for other in _IN_A_PLACE),  # a crop may leave the place out
]
UNDOES: MappingProxyType[str, frozenset[str]] = MappingProxyType(
    {
        name: frozenset(other for pair in _PAIRS if name in pair for other in pair if other != name)
        for name in EDITS
    }
)
"""Per edit, those that can hide or undo it: together their order is no longer certain."""
