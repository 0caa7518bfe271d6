"""From patches to embeddings: what the spectral stem sees."""

from __future__ import annotations

import numpy as np
import torch
from scipy import fft

from fgaesq.models.stems import PixelStem, SpectralStem, _dct_matrix


def test_the_matrix_is_the_orthonormal_dct() -> None:
    patches = np.random.default_rng(0).normal(size=(3, 16, 16))
    wanted = fft.dctn(patches, type=2, norm="ortho", axes=(1, 2)).reshape(3, 256)
    found = torch.from_numpy(patches.reshape(3, 256)).float() @ _dct_matrix()
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_pixels_enter_channel_by_channel() -> None:
    stem = PixelStem(4)
    patches = torch.randn(1, 2, 3, 16, 16)
    convolved = torch.nn.functional.conv2d(
        patches[0], stem.projection.weight.view(4, 3, 16, 16), stride=16
    )
    np.testing.assert_allclose(stem(patches)[0].detach(), convolved[:, :, 0, 0].detach(), atol=1e-5)


def test_the_spectrum_is_of_luma_and_two_colour_differences() -> None:
    stem = SpectralStem(4)
    grey = torch.randn(1, 1, 1, 16, 16).expand(1, 1, 3, 16, 16)
    spectrum = stem._log_spectrum(grey)[0, 0]
    floor = (np.log(0.02) + 1.8) / 1.3
    assert spectrum.shape == (3, 256)
    np.testing.assert_allclose(spectrum[1:], floor, atol=1e-3)  # no colour, so nothing there
    assert (spectrum[0] > floor + 0.1).float().mean() > 0.9


def test_the_spectrum_does_not_know_the_sign() -> None:
    stem = SpectralStem(4)
    patches = torch.randn(1, 3, 3, 16, 16)
    assert torch.equal(stem._log_spectrum(patches), stem._log_spectrum(-patches))


def test_constants_are_no_weights() -> None:
    names = set(SpectralStem(4).state_dict())
    assert names == {"projection.weight", "spectral_projection.weight", "spectral_projection.bias"}
