"""Bring 8-bit images of any colour space to sRGB on a white ground."""

from __future__ import annotations

import functools
import io
import logging

import numpy as np
from PIL import Image as PILImage
from PIL import ImageCms

__all__ = ["to_srgb"]

_LOG = logging.getLogger(__name__)

_MODE_OF_SPACE = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_INVISIBLE = 2
"""A profile that moves no colour by more levels than this is sRGB already."""


def to_srgb(image: PILImage.Image, profile: bytes | None) -> PILImage.Image:
    """Return the image in sRGB, transparent parts on white.

    With an ICC profile, colours are converted by relative colorimetric intent with black point
    compensation: colours that sRGB has stay exactly what they are, white stays white and black
    black, and the result does not depend on the taste in a vendor's perceptual table. It is also
    what browsers and photo editors do by default.

    A profile that cannot be read, or that is for another colour space than the pixels, is ignored
    as browsers do, and the pixels are taken as sRGB (CMYK: as plain inks); this is logged at level
    INFO. Grey pixels with an RGB profile are equal amounts of its red, green and blue.

    Args:
        image: mode L, LA, RGB, RGBA, CMYK or LAB.
        profile: the embedded ICC profile, if there is one.

    Returns:
        An image of mode RGB and the same size.
    """
    alpha = None
    if image.mode in ("LA", "RGBA"):
        alpha = image.getchannel("A")
        image = image.convert(image.mode[:-1])
    image = _convert_colours(image, profile) if profile else _plain_rgb(image)
    if alpha is None or alpha.getextrema()[0] == 255:
        return image
    ground = PILImage.new("RGB", image.size, "white")
    ground.paste(image, mask=alpha)
    return ground


def _plain_rgb(image: PILImage.Image) -> PILImage.Image:
    if image.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        return _apply(ImageCms.buildTransform(lab, srgb, "LAB", "RGB"), image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _convert_colours(image: PILImage.Image, profile: bytes) -> PILImage.Image:
    try:
        mode, transform = _transform(profile)
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        _LOG.info("the ICC profile is ignored: %s", error)
        return _plain_rgb(image)
    if image.mode == "L" and mode == "RGB":
        image = image.convert("RGB")
    if image.mode != mode:
        _LOG.info("the ICC profile is ignored: it is for %s, the pixels are %s", mode, image.mode)
        return _plain_rgb(image)
    return image if transform is None else _apply(transform, image)


@functools.lru_cache(maxsize=8)
def _transform(profile: bytes) -> tuple[str, ImageCms.ImageCmsTransform | None]:
    """Return the mode a profile is for and its way to sRGB; None if it is sRGB already.

    Kept for a few profiles, since the photos of a series share theirs. Little CMS allows several
    threads to use one transform at a time.
    """
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    space = source.profile.xcolor_space.strip()
    if space not in _MODE_OF_SPACE:
        raise ValueError(f"its colour space is {space!r}")
    mode = _MODE_OF_SPACE[space]
    transform = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    return mode, None if mode == "RGB" and _changes_nothing(transform) else transform


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    levels = np.linspace(0, 255, 18).astype(np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(18, -1, 3)
    converted = np.asarray(_apply(transform, PILImage.fromarray(colours)))
    return int(np.abs(converted.astype(np.int16) - colours).max()) <= _INVISIBLE


def _apply(transform: ImageCms.ImageCmsTransform, image: PILImage.Image) -> PILImage.Image:
    converted = transform.apply(image)
    converted.info.clear()
    return converted
