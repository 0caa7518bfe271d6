"""Frames of a clip, decoded by PyAV (extra `video`) and turned upright."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fgaesq.capture.boxes import read_at
from fgaesq.capture.containers import read_metadata
from fgaesq.capture.metadata import Metadata
from fgaesq.capture.motion import clip_end, find_motion
from fgaesq.errors import DecodeError, MissingExtraError
from fgaesq.images.faults import Fault
from fgaesq.images.limits import check_sides
from fgaesq.images.names import printable
from fgaesq.images.opening import open_regular
from fgaesq.images.structure import check_boxes
from fgaesq.types import Image

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

__all__ = ["Clip", "Frame", "Skip", "open_clip"]

Skip: TypeAlias = Literal["DEFAULT", "NONREF", "NONKEY"]
"""Which frames are not decoded: none, those no other depends on, all but key frames."""

_SEEK_GAP_S = 4.0
"""Shorter gaps between wanted frames are decoded through rather than jumped over."""

_HD_HEIGHT = 720
_ITU709, _ITU601, _UNSTATED = 1, 5, 2
_PHOTO_STARTS = (b"\xff\xd8", b"\x89PNG")
_PHOTO_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"hevx")
_MOST_DAMAGED_PACKETS = 1000


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame.

    Attributes:
        pts: its time in units of the stream.
        time_s: its time in seconds from the beginning.
        picture: as PyAV has it, not turned.
    """

    pts: int
    time_s: float
    picture: VideoFrame


@dataclass(frozen=True, slots=True)
class Clip:
    """An open clip.

    Attributes:
        name: of its file, for messages.
        container, stream: of PyAV.
    """

    name: str
    container: InputContainer
    stream: VideoStream

    @property
    def duration_s(self) -> float:
        """How long it is, 0 if it does not say."""
        if self.stream.duration and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base)
        return (self.container.duration or 0) / 1e6

    def decoded(self, *, skip: Skip = "DEFAULT") -> Iterator[Frame]:
        """Yield the frames from the beginning, those with a time and without damage only."""
        self._rewind(self._start)
        self.stream.codec_context.skip_frame = skip
        yield from self._onward()

    def at(self, times: Sequence[int]) -> Iterator[Frame]:
        """Yield the frames of the given times (pts, ascending), the same that `decoded` yields.

        Raises:
            DecodeError: one of them cannot be decoded again.
        """
        self._rewind(self._start)
        self.stream.codec_context.skip_frame = "DEFAULT"
        frames = self._onward()
        at = self._start
        gap = int(_SEEK_GAP_S / self.stream.time_base) if self.stream.time_base else 0
        for wanted in times:
            if gap and wanted - at > gap:
                self._rewind(wanted)
                frames = self._onward()
            found = _until(frames, wanted)
            if found is None:  # the index of the clip led too far: look from the beginning
                self._rewind(self._start)
                frames = self._onward()
                found = _until(frames, wanted)
            if found is None:
                raise DecodeError(f"{self.name}: the clip changed while it was read; try again")
            at = wanted
            yield found

    def pixels(self, frame: Frame, *, max_long_side_px: int | None = None) -> Image:
        """Return a frame as upright RGB, (H, W, 3) uint8, reduced if it is larger than asked for.

        What its pixels stand for (turn, aspect of a pixel, colour matrix) is applied; high dynamic
        range is not mapped to that of photos.
        """
        aspect = self.stream.sample_aspect_ratio or 1
        picture = frame.picture
        width, height = max(1, round(picture.width * aspect)), picture.height
        if max_long_side_px is not None and max(width, height) > max_long_side_px:
            scale = max_long_side_px / max(width, height)
            width, height = max(1, round(width * scale)), max(1, round(height * scale))
        upright = self.shown(frame, (width, height), "rgb24", "BICUBIC")
        quarters = round(picture.rotation / 90) % 4  # anticlockwise
        return np.ascontiguousarray(np.rot90(upright, quarters)) if quarters else upright

    def shown(
        self, frame: Frame, size: tuple[int, int], form: str, interpolation: str
    ) -> NDArray[np.uint8]:
        """Return a frame not turned, at (width, height), as `rgb24` (H, W, 3) or `gray` (H, W)."""
        picture = frame.picture
        matrix = int(picture.colorspace)
        if matrix == _UNSTATED:
            matrix = _ITU709 if picture.height >= _HD_HEIGHT else _ITU601
        reformatted = picture.reformat(
            width=size[0],
            height=size[1],
            format=form,
            src_colorspace=matrix,
            interpolation=interpolation,
        )
        return np.asarray(reformatted.to_ndarray(), dtype=np.uint8)

    @property
    def _start(self) -> int:
        return self.stream.start_time or 0

    def _rewind(self, time: int) -> None:
        self.container.seek(time, backward=True, any_frame=False, stream=self.stream)

    def _onward(self) -> Iterator[Frame]:
        import av

        damaged = 0
        for packet in self.container.demux(self.stream):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                damaged += 1
                if damaged > _MOST_DAMAGED_PACKETS:
                    return
                continue
            for one in frames:
                if one.pts is not None and not one.is_corrupt:
                    time_s = float((one.pts - self._start) * (self.stream.time_base or 0))
                    yield Frame(one.pts, time_s, one)


@contextmanager
def open_clip(path: str | os.PathLike[str]) -> Iterator[Clip]:
    """Open a clip, or the clip at the end of a Motion Photo.

    Raises:
        DecodeError: it cannot be opened, is damaged or cut short, or has no moving picture.
        MissingExtraError: the extra is not installed.
    """
    name = printable(path)
    try:
        import av
    except ImportError:
        raise MissingExtraError(f"{name}: reading clips", "video") from None
    try:
        with (
            open_regular(path) as file,
            av.open(_clip_in(file), "r", metadata_errors="replace") as container,
        ):
            if not container.streams.video:
                raise Fault("it has no moving picture", "give a clip")
            stream = container.streams.video[0]
            if getattr(stream, "codec_context", None) is None:
                raise Fault("FFmpeg does not know how it is compressed", "convert it to H.264")
            check_sides(stream.width, stream.height)
            stream.thread_type = "AUTO"
            yield Clip(name, container, stream)
    except Fault as fault:
        raise DecodeError(f"{name}: {fault}") from fault.__cause__
    except av.error.FFmpegError as error:
        raise DecodeError(
            f"{name}: it is no clip that can be read, or it is damaged; "
            "check it, or copy it again from the camera or card"
        ) from error


def _clip_in(file: BinaryIO) -> BinaryIO:
    """Return the clip that a file is, or that a Motion Photo holds."""
    length = os.fstat(file.fileno()).st_size
    head = read_at(file, 0, 12)
    is_photo = head.startswith(_PHOTO_STARTS) or (
        head[4:8] == b"ftyp" and head[8:12] in _PHOTO_BRANDS
    )
    if is_photo:
        found: Metadata = read_metadata(file, length)
        start = find_motion(file, length, found.xmp)
        if not start:
            raise Fault("it is a photo that holds no clip", "give the clip that lies beside it")
        return io.BytesIO(read_at(file, start, clip_end(file, start, length) - start))
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        check_boxes(file, length, "clip")
    file.seek(0)
    return file


def _until(frames: Iterator[Frame], wanted: int) -> Frame | None:
    """Return the frame of a time, None if the frames begin after it or end before."""
    for frame in frames:
        if frame.pts >= wanted:
            return frame if frame.pts == wanted else None
    return None
