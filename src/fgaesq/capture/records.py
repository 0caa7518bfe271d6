"""The values of a shoot: what a file says of its capture, and which files are one photo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

__all__ = ["Capture", "PhotoFiles", "TimeSource"]

TimeSource: TypeAlias = Literal["exif", "container", "xmp", "file"]
"""Where a time comes from: EXIF, a clip's container, a sidecar, or the file's own date."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What a file says of how and when it was taken; None where it says nothing.

    Attributes:
        taken: when, with fractions of a second as far as the camera gives them; with a time zone
            if one is known, else as the camera's clock showed it.
        time_source: where that comes from; a file's own date tells little.
        make, model, serial: of the camera.
        exposure_s, aperture, iso, focal_mm: of the exposure; focal length as the lens has it.
        bias_ev: exposure compensation.
        focus_m: distance of the focus.
        auto_bracket: whether the camera says that this is one of an exposure bracket.
        focus_bracket: whether the camera says that this is one of a focus stack.
        burst: an id that cameras and phones write into all photos of a burst.
        sequence: the photo's number in its burst or bracket, from 0 or 1.
        live_id: the id that the photo and the clip of a Live Photo share.
        width, height: of the upright image, in pixels; 0 where it is not known.
        motion_bytes: length of a clip at the end of the file (Motion Photo), 0 for none.
    """

    taken: datetime | None = None
    time_source: TimeSource | None = None
    make: str = ""
    model: str = ""
    serial: str = ""
    exposure_s: float | None = None
    aperture: float | None = None
    iso: float | None = None
    focal_mm: float | None = None
    bias_ev: float | None = None
    focus_m: float | None = None
    auto_bracket: bool = False
    focus_bracket: bool = False
    burst: str = ""
    sequence: int | None = None
    live_id: str = ""
    width: int = 0
    height: int = 0
    motion_bytes: int = 0


@dataclass(frozen=True, slots=True)
class PhotoFiles:
    """The files of one photo.

    Attributes:
        main: the one that is looked at: the JPEG or HEIC of a RAW+JPEG pair.
        raw: the RAW beside it; None if there is none, or if it is the main file.
        clip: the clip of a Live Photo.
        sidecars: the XMP files that belong to it.
    """

    main: Path
    raw: Path | None = None
    clip: Path | None = None
    sidecars: tuple[Path, ...] = ()
