"""How small and how large an image may be, and what size it is reduced to."""

from __future__ import annotations

from fgaesq.errors import InputError
from fgaesq.images.faults import Fault

__all__ = [
    "MAX_PIXELS",
    "MIN_SIDE_PX",
    "check_pixel_count",
    "check_request",
    "check_sides",
    "reduced_size",
]

MAX_PIXELS = 500_000_000
"""Images that declare more pixels are refused before any of them is decoded."""

MIN_SIDE_PX = 16
"""One patch: an image with a shorter side has nothing to judge."""


def check_request(
    max_long_side_px: int | None, *, enough_px: int | None = None, as_released: bool = False
) -> None:
    """Check the options that callers pass.

    Raises:
        InputError: a long side is below one patch, or a reduced size is asked for together with
            the released decoding, which is at full size by definition.
    """
    for name, value in (("max_long_side_px", max_long_side_px), ("enough_px", enough_px)):
        if value is None:
            continue
        if value < MIN_SIDE_PX:
            raise InputError(
                f"{name} is {value}; give at least {MIN_SIDE_PX}, the side of one patch"
            )
        if as_released:
            raise InputError(
                f"{name} is {value} and as_released is set; "
                "give one of them, as published scores were made at full size"
            )


def check_pixel_count(width: int, height: int) -> None:
    """Check a declared size against `MAX_PIXELS`.

    Raises:
        Fault: there are too many pixels.
    """
    if width * height > MAX_PIXELS:
        raise Fault(
            f"it declares {width}x{height} px, over the limit of {MAX_PIXELS:,} pixels",
            "reduce it first",
        )


def check_sides(width: int, height: int) -> None:
    """Check a declared size: not too many pixels, and no side below one patch.

    Raises:
        Fault: the size is out of these bounds.
    """
    check_pixel_count(width, height)
    if min(width, height) < MIN_SIDE_PX:
        raise Fault(
            f"it is {width}x{height} px, smaller than one {MIN_SIDE_PX} px patch",
            "use the original photo",
        )


def reduced_size(width: int, height: int, max_long_side_px: int | None) -> tuple[int, int]:
    """Return the (width, height) in pixels that an image is reduced to; it is never enlarged.

    Raises:
        Fault: at that size the short side would be below one patch, so that reducing would leave
            nothing to judge, and not reducing would break the caller's limit.
    """
    long_side = max(width, height)
    if max_long_side_px is None or long_side <= max_long_side_px:
        return width, height
    scale = max_long_side_px / long_side
    reduced = max(1, round(width * scale)), max(1, round(height * scale))
    if min(reduced) < MIN_SIDE_PX:
        raise Fault(
            f"it is {width}x{height} px, so reduced to {max_long_side_px} px its short side "
            f"would be smaller than one {MIN_SIDE_PX} px patch",
            "crop it",
        )
    return reduced
