"""Minimal ICC profiles built from their definition, and the same colour maths in plain NumPy."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_RGB = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
ADOBE_GAMMA = 563 / 256

_D65 = (0.3127, 0.3290)
_D50_XYZ = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def srgb_decode(values: Floats) -> Floats:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def srgb_encode(linear: Floats) -> Floats:
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def _xyz(xy: tuple[float, float]) -> Floats:
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def rgb_to_d50(primaries: tuple[tuple[float, float], ...]) -> Floats:
    """Return the matrix from linear RGB (white D65) to XYZ under D50, by Bradford adaptation."""
    columns = np.stack([_xyz(xy) for xy in primaries], axis=1)
    matrix = columns * np.linalg.solve(columns, _xyz(_D65))
    cones = (_BRADFORD @ _D50_XYZ) / (_BRADFORD @ _xyz(_D65))
    adaptation: Floats = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD @ matrix
    return adaptation


def d50_to_srgb_bytes(xyz: Floats) -> NDArray[np.uint8]:
    """Return sRGB bytes for XYZ (..., 3) under D50, colours outside clipped."""
    linear = xyz @ np.linalg.inv(rgb_to_d50(SRGB)).T
    encoded: NDArray[np.uint8] = np.rint(srgb_encode(linear) * 255).astype(np.uint8)
    return encoded


def lab_to_d50(lab: Floats) -> Floats:
    """Return XYZ under D50 for CIE Lab (..., 3)."""
    middle = (lab[..., :1] + 16) / 116
    f = np.concatenate([middle + lab[..., 1:2] / 500, middle, middle - lab[..., 2:] / 200], axis=-1)
    ratios = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    result: Floats = ratios * _D50_XYZ
    return result


def rgb_profile(primaries: tuple[tuple[float, float], ...], gamma: float | None) -> bytes:
    """Return a matrix profile; `gamma` None stands for the curve of sRGB."""
    matrix = rgb_to_d50(primaries)
    tags = {b"wtpt": _xyz_tag(_D50_XYZ)}
    for index, name in enumerate((b"r", b"g", b"b")):
        tags[name + b"XYZ"] = _xyz_tag(matrix[:, index])
        tags[name + b"TRC"] = _curve_tag(gamma)
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def grey_profile(gamma: float) -> bytes:
    return _profile(
        b"mntr", b"GRAY", b"XYZ ", {b"wtpt": _xyz_tag(_D50_XYZ), b"kTRC": _curve_tag(gamma)}
    )


def ink_lab(inks: Floats) -> Floats:
    """Return the invented printer's Lab colour, whole bytes apart, for inks (..., 4) of 0 or 1."""
    cyan, magenta, yellow, black = np.moveaxis(inks, -1, 0)
    light = np.clip(255 - 50 * cyan - 80 * magenta - 12 * yellow - 230 * black, 0, 255)
    tint = light > 0
    a = np.where(tint, -30 * cyan + 60 * magenta, 0)
    b = np.where(tint, -40 * cyan + 70 * yellow, 0)
    return np.stack([light * 100 / 255, a, b], axis=-1)


def cmyk_profile() -> bytes:
    """Return the profile of the invented printer, a table with two points an ink."""
    grid = np.stack(np.meshgrid(*[[0.0, 1.0]] * 4, indexing="ij"), axis=-1)
    lab = ink_lab(grid).reshape(-1, 3)
    table = np.stack([lab[:, 0] * 255 / 100, lab[:, 1] + 128, lab[:, 2] + 128], axis=1)
    ramp = bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + _fixed(np.eye(3).ravel())
    lut += ramp * 4 + np.rint(table).astype(np.uint8).tobytes() + ramp * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"wtpt": _xyz_tag(_D50_XYZ), b"A2B0": lut})


def _fixed(values: Floats) -> bytes:
    return np.rint(values * 65536).astype(">i4").tobytes()


def _xyz_tag(xyz: Floats) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(xyz)


def _curve_tag(gamma: float | None) -> bytes:
    if gamma is not None:
        return b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + bytes(2)
    samples = np.rint(srgb_decode(np.linspace(0, 1, 1024)) * 65535).astype(">u2")
    return b"curv" + struct.pack(">II", 0, len(samples)) + samples.tobytes()


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    table = struct.pack(">I", len(tags))
    body = b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI", start + len(body), b"none", 0x02400000)
    head += kind + space + connection + bytes(12) + b"acsp" + bytes(28) + _fixed(_D50_XYZ)
    return head.ljust(128, b"\0") + table + body
