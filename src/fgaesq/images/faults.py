"""Why an image cannot be used, before it is known which name and error type to report it with."""

from __future__ import annotations

import struct
import zlib

from PIL import Image as PILImage

__all__ = ["DECODER_ERRORS", "Fault", "cut_short", "damaged", "fault_of_decoder"]

DECODER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    PILImage.DecompressionBombError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise on damaged data (seen by decoding files with flipped bytes)."""

_COPY_AGAIN = "copy it again from the camera or card"
_EXPORT_AGAIN = "export it again"


class Fault(Exception):
    """A reason and a remedy; the functions that users call turn it into an `InputError`.

    Its text is `"<reason>; <remedy>"` and reads on after `"<name>: "`.
    """

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")


def cut_short(kind: str) -> Fault:
    """Return the fault of a file whose end is missing."""
    return Fault(f"the {kind} file is cut short", _COPY_AGAIN)


def damaged(kind: str) -> Fault:
    """Return the fault of a file whose data contradict the format's rules."""
    return Fault(f"the {kind} data are damaged", _COPY_AGAIN)


def fault_of_decoder(error: Exception, kind: str) -> Fault:
    """Return the fault that an exception of Pillow (one of `DECODER_ERRORS`) stands for.

    Args:
        error: what the decoder raised.
        kind: the format's name for the message, "JPEG" for example.
    """
    text = str(error).lower()
    if isinstance(error, OSError) and error.errno is not None:
        return Fault(f"it cannot be read ({error.strerror})", "check the disk or the connection")
    if isinstance(error, PILImage.DecompressionBombError):
        return Fault(f"the {kind} image has more pixels than Pillow accepts", "reduce it first")
    if "truncated" in text:
        return cut_short(kind)
    if isinstance(error, SyntaxError) and ("cannot handle" in text or "unknown pixel" in text):
        return Fault(f"this variant of {kind} cannot be read", f"{_EXPORT_AGAIN} as 8-bit {kind}")
    return damaged(kind)
