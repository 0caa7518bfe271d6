"""FGAesQ: a vision transformer over mixed-resolution tokens with a score-distribution head.

Paper: "Fine-grained Image Aesthetic Assessment" (arXiv 2603.03907, CVPR 2026), built from its text
and from facts about its released weights; no code was taken over. What differs from the released
behaviour: attention can mask padding, the scale embedding is trained, inputs are never changed in
place. With `attended` all True and the released weights the numbers are those of the release
(tests/parity).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fgaesq.models.stems import PixelStem, SpectralStem
from fgaesq.models.vit import Block

__all__ = ["BINS", "FGAesQ", "expected_score"]

BINS = 10


class FGAesQ(nn.Module):
    """Tokens in, feature and score distribution out.

    Args (of the constructor):
        width, depth, heads: of the transformer.
        feature: length of the feature that is compared with texts in training.
        table_size: side of the learned positional table.
        head: widths of the two hidden layers of the head.
        dropout: after each of them. Its noise is independent between the images of a series, so
            it hides small differences; 0 where a model learns these from scratch.
        stem: `PixelStem` or `SpectralStem` of the same width.
    """

    def __init__(
        self,
        *,
        width: int,
        depth: int,
        heads: int,
        feature: int,
        table_size: int,
        head: tuple[int, int],
        dropout: tuple[float, float],
        stem: PixelStem | SpectralStem,
    ) -> None:
        super().__init__()
        self.stem = stem
        self.class_token = nn.Parameter(torch.randn(width) * width**-0.5)
        self.position_table = nn.Parameter(torch.randn(1 + table_size**2, width) * 0.02)
        self.mask_token = nn.Parameter(torch.zeros(width))
        self.scale_embedding = nn.Parameter(torch.randn(2, width) * 0.02)
        self.norm_in = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm_out = nn.LayerNorm(width)
        self.projection = nn.Parameter(torch.randn(width, feature) * width**-0.5)
        self.head = nn.Sequential(
            nn.Linear(feature, head[0]), nn.ReLU(), nn.Dropout(dropout[0]),
            nn.Linear(head[0], head[1]), nn.ReLU(), nn.Dropout(dropout[1]),
            nn.Linear(head[1], BINS),
        )  # fmt: skip

    def forward(
        self,
        patches: Tensor,
        position_weights: Tensor,
        scales: Tensor,
        padded: Tensor,
        attended: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Return (feature (B, F), logits (B, 10)); the arguments are those of `encode`."""
        feature = self.encode(patches, position_weights, scales, padded, attended)
        return feature, self.head(feature)

    def encode(
        self,
        patches: Tensor,
        position_weights: Tensor,
        scales: Tensor,
        padded: Tensor,
        attended: Tensor,
    ) -> Tensor:
        """Return the feature (B, F) that the head turns into a score distribution.

        Args:
            patches: (B, T, 3, 16, 16), normalised RGB; slot 0 is ignored (class token).
            position_weights: (B, T, 1 + G * G), what each slot takes from the positional table.
            scales: (B, T) int64, 0 coarse, 1 fine.
            padded: (B, T) bool, slots without a token.
            attended: (B, T) bool, slots that attention may see.
        """
        x = self.stem(patches)
        x = torch.where(padded[..., None], self.mask_token.to(x.dtype), x)
        x = x + self.scale_embedding[scales]
        first = self.class_token.to(x.dtype).expand(x.shape[0], 1, -1)
        x = torch.cat([first, x[:, 1:]], dim=1)
        x = self.norm_in(x + position_weights @ self.position_table)
        for block in self.blocks:
            x = block(x, attended)
        return self.norm_out(x[:, 0]) @ self.projection  # type: ignore[no-any-return]


def expected_score(logits: Tensor) -> Tensor:
    """Return the expectation of the distribution over 1 to 10, shape (B,)."""
    bins = torch.arange(1, BINS + 1, dtype=logits.dtype, device=logits.device)
    return torch.softmax(logits, dim=-1) @ bins
