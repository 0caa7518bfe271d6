"""From patches to token embeddings."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["PixelStem", "SpectralStem"]

_PATCH = 16
# How the logarithm of DCT magnitudes is brought to about zero mean and unit spread.
_LOG_FLOOR, _LOG_MEAN, _LOG_SPREAD = 0.02, -1.8, 1.3


class PixelStem(nn.Module):
    """The paper's: one linear map of the pixels, without bias (CLIP's first convolution)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.projection = nn.Linear(3 * _PATCH * _PATCH, width, bias=False)

    def forward(self, patches: Tensor) -> Tensor:
        return self.projection(patches.flatten(2))  # type: ignore[no-any-return]


class SpectralStem(nn.Module):
    """Ours: the pixels beside the logarithm of the magnitudes of their DCT.

    Blur, noise, compression and oversharpening are shapes of the spectrum; a linear map of pixels
    cannot see a magnitude, and a small network learns it only from far more images than a pool of a
    thousand photos gives (docs/decisions/0003).
    """

    dct: Tensor
    opponent: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("dct", _dct_matrix(), persistent=False)
        # Luma, blue-yellow, red-green of the normalised channels; rows have unit length.
        axes = torch.tensor([[0.299, 0.587, 0.114], [-0.5, -0.5, 1.0], [1.0, -1.0, 0.0]])
        axes = axes / axes.norm(dim=1, keepdim=True)
        self.register_buffer("opponent", axes, persistent=False)
        self.projection = nn.Linear(3 * _PATCH * _PATCH, width, bias=False)
        self.spectral_projection = nn.Linear(3 * _PATCH * _PATCH, width)

    def forward(self, patches: Tensor) -> Tensor:
        pixels: Tensor = self.projection(patches.flatten(2))
        spectrum: Tensor = self.spectral_projection(self._log_spectrum(patches).flatten(2))
        return pixels + spectrum

    def _log_spectrum(self, patches: Tensor) -> Tensor:
        """Return log |DCT| of the opponent channels, (B, T, 3, 256), about standardised."""
        colours = self.opponent @ patches.flatten(3)  # (B, T, 3, 256)
        spectrum = colours @ self.dct
        return (torch.log(spectrum.abs() + _LOG_FLOOR) - _LOG_MEAN) / _LOG_SPREAD


def _dct_matrix() -> Tensor:
    """Return the orthonormal 2-D DCT-II of flattened patches as one matrix, (256 pixels, 256)."""
    n = torch.arange(_PATCH, dtype=torch.float64)
    matrix = torch.cos(math.pi / _PATCH * (n[None, :] + 0.5) * n[:, None]) * math.sqrt(2 / _PATCH)
    matrix[0] /= math.sqrt(2)
    return torch.kron(matrix, matrix).T.contiguous().float()
