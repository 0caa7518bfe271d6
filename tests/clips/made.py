"""Small clips for the tests, encoded by PyAV, and the turn that phones write into them."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
from PIL import Image as PILImage
from PIL import ImageFilter

from fgaesq.types import Image

RATE = 12


def encoded(frames: Iterable[Image], *, form: str = "mp4") -> bytes:
    """Return a clip of equally large frames, sides even, at `RATE` frames a second."""
    stream_of: io.BytesIO = io.BytesIO()
    with av.open(stream_of, "w", format=form) as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "12", "g": "12"})
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, RATE)
        for number, frame in enumerate(frames):
            if number == 0:
                stream.height, stream.width = frame.shape[:2]
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            picture.pts = number
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return stream_of.getvalue()


def turned(clip: bytes, quarters_clockwise: int) -> bytes:
    """Return a clip whose track header says that its frames are shown turned."""
    start = clip.index(b"tkhd") + 4 + 40
    one = 1 << 16
    turns = {1: (0, one, -one, 0), 2: (-one, 0, 0, -one), 3: (0, -one, one, 0)}
    a, b, c, d = turns[quarters_clockwise]
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    return clip[:start] + matrix + clip[start + 36 :]


def detailed(height: int, width: int, *, seed: int) -> Image:
    """Return a picture with detail at all scales, unlike those of other seeds."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3))
    for cells in (3, 7, 17, 41):
        coarse = rng.uniform(0, 255, (cells, cells, 3)).astype(np.uint8)
        large = PILImage.fromarray(coarse).resize((width, height), PILImage.Resampling.BICUBIC)
        total += np.asarray(large, dtype=np.float64) / 4
    return total.astype(np.uint8)


def moving(picture: Image, shift: int) -> Image:
    """Return the picture moved sideways, as by a panning camera."""
    return np.roll(picture, shift, axis=1)


def blurred(picture: Image, radius: float = 3.0) -> Image:
    filtered = PILImage.fromarray(picture).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(filtered)
