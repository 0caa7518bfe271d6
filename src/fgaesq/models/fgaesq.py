"""FGAesQ: a vision transformer over mixed-resolution tokens with a score-distribution head.

Paper: "Fine-grained Image Aesthetic Assessment" (arXiv 2603.03907, CVPR 2026), built from its text
and from facts about its released weights; no code was taken over. What differs from the released
behaviour: attention can mask padding, the scale embedding is trained, inputs are never changed in
place. With `attended` all True and the released weights the numbers are those of the release
(tests/parity).
"""

from __future__ import annotations

from itertools import chain
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from fgaesq.models.stems import PixelStem, SpectralStem
from fgaesq.models.vit import Block
from fgaesq.tokens.framing import FRAMING
from fgaesq.tokens.naturalness import BY_NATURALNESS, NATURALNESS
from fgaesq.tokens.statistics import STATISTICS

__all__ = [
    "BINS",
    "Cells",
    "FGAesQ",
    "Framing",
    "Naturalness",
    "Overview",
    "expected_score",
    "overview_of",
]

BINS = 10
_LEAST_SAID = -1.0  # below what GELU gives
_FRAMING_SCALE = 3.0  # brings shares of directions to the spread of the other numbers
_DIFFERENCE_SCALE = 4.0  # brings means of differences to the spread of the other numbers


class FGAesQ(nn.Module):
    """Tokens in, feature and score distribution out.

    Args (of the constructor):
        width, depth, heads: of the transformer.
        feature: length of the feature that is compared with texts in training.
        table_size: side of the learned positional table.
        head: widths of the hidden layers of the head; none for a linear head.
        dropout: after each of them. Its noise is independent between the images of a series, so
            it hides small differences; 0 where a model learns these from scratch.
        stem: `PixelStem` or `SpectralStem` of the same width.
        readout: `class`: the feature is that of the class token (the paper's); `mean`: the mean
            over all tokens, so that each token's share of a score can be told (`explain`).
        statistics: how many statistics of the full resolution a token brings, 0 for none.
        overview: hidden width of the network on their overview of the frame, 0 for none.
        cells: width of the network on the statistics of each cell, 0 for none.
        framing: hidden width of the network on what the frame as a whole is like, 0 for none.
        naturalness: whether images of some kinds of series are judged by `Naturalness`.
    """

    def __init__(
        self,
        *,
        width: int,
        depth: int,
        heads: int,
        feature: int,
        table_size: int,
        head: tuple[int, ...],
        dropout: tuple[float, ...],
        stem: PixelStem | SpectralStem,
        readout: Literal["class", "mean"] = "class",
        statistics: int = 0,
        overview: int = 0,
        cells: int = 0,
        framing: int = 0,
        naturalness: bool = False,
    ) -> None:
        super().__init__()
        if (overview or cells or framing or naturalness) and (readout != "mean" or not statistics):
            raise ValueError("what is measured needs the mean readout and statistics")
        self.stem = stem
        self.readout = readout
        self.statistics = nn.Linear(statistics, width) if statistics else None
        self.class_token = nn.Parameter(torch.randn(width) * width**-0.5)
        self.position_table = nn.Parameter(torch.randn(1 + table_size**2, width) * 0.02)
        self.mask_token = nn.Parameter(torch.zeros(width))
        self.scale_embedding = nn.Parameter(torch.randn(2, width) * 0.02)
        self.norm_in = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm_out = nn.LayerNorm(width)
        self.projection = nn.Parameter(torch.randn(width, feature) * width**-0.5)
        self.overview = Overview(statistics, overview, feature) if overview else None
        places = 1 + table_size**2
        self.cells = Cells(statistics, places, cells, feature) if cells else None
        self.framing = Framing(framing, feature) if framing else None
        self.naturalness = Naturalness(feature) if naturalness else None
        widths = (feature, *head)
        hidden = zip(widths[:-1], head, dropout, strict=True)
        layers = [(nn.Linear(i, o), nn.ReLU(), nn.Dropout(share)) for i, o, share in hidden]
        self.head = nn.Sequential(*chain.from_iterable(layers), nn.Linear(widths[-1], BINS))

    def forward(
        self,
        patches: Tensor,
        position_weights: Tensor,
        scales: Tensor,
        padded: Tensor,
        attended: Tensor,
        statistics: Tensor | None = None,
        naturalness: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return (feature (B, F), logits (B, 10)); the arguments are those of `encode`."""
        feature = self.encode(
            patches, position_weights, scales, padded, attended, statistics, naturalness
        )
        return feature, self.head(feature)

    def encode(
        self,
        patches: Tensor,
        position_weights: Tensor,
        scales: Tensor,
        padded: Tensor,
        attended: Tensor,
        statistics: Tensor | None = None,
        naturalness: Tensor | None = None,
    ) -> Tensor:
        """Return the feature (B, F) that the head turns into a score distribution.

        Args:
            patches: (B, T, 3, 16, 16), normalised RGB; slot 0 is ignored (class token).
            position_weights: (B, T, 1 + G * G), what each slot takes from the positional table.
            scales: (B, T) int64, 0 coarse, 1 fine.
            padded: (B, T) bool, slots without a token.
            attended: (B, T) bool, slots that attention may see.
            statistics: (B, T, S), of the full resolution under each coarse token, in slot 0 of the
                whole frame, 0 elsewhere; needed by a model built with them and by no other.
            naturalness: (B, K), see `tokens.naturalness.naturalness_input`, 0 for images that are
                not judged by it; without it, none is.
        """
        x = self._tokens(patches, position_weights, scales, padded, attended, statistics)
        if self.readout == "class":
            return self.norm_out(x[:, 0]) @ self.projection  # type: ignore[no-any-return]
        feature = self._shares(x, attended).sum(dim=1) @ self.projection
        if statistics is not None:
            feature = feature + self.measured(position_weights, scales, padded, statistics)
        if self.naturalness is not None and naturalness is not None:
            feature = (1 - _judged(naturalness)) * feature + self.naturalness(naturalness)
        return feature

    def measured(
        self, position_weights: Tensor, scales: Tensor, padded: Tensor, statistics: Tensor
    ) -> Tensor:
        """Return what the statistics alone say, without the transformer: (B, F), see `encode`.

        Zero for a model with neither overview nor cells nor framing.
        """
        coarse = _coarse(scales, padded)
        feature = statistics.new_zeros(len(statistics), self.projection.shape[1])
        if self.overview is not None:
            feature = feature + self.overview(statistics, coarse)
        if self.cells is not None:
            feature = feature + self.cells(statistics, position_weights, coarse)
        if self.framing is not None:
            feature = feature + self.framing(statistics[:, 0])
        return feature

    @property
    def measures(self) -> bool:
        """Whether `measured` says anything."""
        return any(one is not None for one in (self.overview, self.cells, self.framing))

    @property
    def explains(self) -> bool:
        """Whether it can be told what each token adds to a score: `mean` readout, linear head."""
        return self.readout == "mean" and len(self.head) == 1

    def parts(
        self,
        patches: Tensor,
        position_weights: Tensor,
        scales: Tensor,
        padded: Tensor,
        attended: Tensor,
        statistics: Tensor | None = None,
        naturalness: Tensor | None = None,
    ) -> Tensor:
        """Return what each token adds to the feature, (B, T, F); their sum is that of `encode`.

        What the overview of the frame adds is shared out evenly among its coarse tokens; what its
        framing and its naturalness add is the class token's, which has no place.
        """
        x = self._tokens(patches, position_weights, scales, padded, attended, statistics)
        parts = self._shares(x, attended) @ self.projection
        if statistics is None:
            return parts
        coarse = _coarse(scales, padded)
        if self.overview is not None:
            parts = parts + _evenly(coarse) * self.overview(statistics, coarse)[:, None]
        if self.cells is not None:
            parts = parts + self.cells.parts(statistics, position_weights, coarse)
        if self.framing is not None:
            framing = self.framing(statistics[:, 0])[:, None]
            parts = torch.cat([parts[:, :1] + framing, parts[:, 1:]], dim=1)
        if self.naturalness is not None and naturalness is not None:
            said = self.naturalness(naturalness)[:, None]
            parts = (1 - _judged(naturalness)[:, None]) * parts
            parts = torch.cat([parts[:, :1] + said, parts[:, 1:]], dim=1)
        return parts

    def explain(self, parts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return feature (B, F), logits (B, 10) and what each token adds to the score, (B, T).

        The effects are the parts of the feature times the score's gradient. To first order, the
        score of one image less that of a like one is the sum of the differences of their effects.

        Args:
            parts: (B, T, F), see `parts`; the model must be one that `explains`.
        """
        feature = parts.sum(dim=1)
        logits = self.head(feature)
        shares = torch.softmax(logits, dim=-1)
        bins = torch.arange(1, BINS + 1, dtype=shares.dtype, device=shares.device)
        score = (shares @ bins)[:, None]
        gradient = (shares * (bins - score)) @ cast(Tensor, self.head[0].weight)
        return feature, logits, (parts @ gradient[..., None]).squeeze(-1)

    def _shares(self, x: Tensor, attended: Tensor) -> Tensor:
        """Return what each token adds to the mean over the attended ones, (B, T, width)."""
        seen = attended[..., None].to(x.dtype)
        return self.norm_out(x) * (seen / seen.sum(dim=1, keepdim=True))  # type: ignore[no-any-return]

    def _tokens(
        self,
        patches: Tensor,
        position_weights: Tensor,
        scales: Tensor,
        padded: Tensor,
        attended: Tensor,
        statistics: Tensor | None,
    ) -> Tensor:
        """Return the tokens after the last block, (B, T, width)."""
        x = self.stem(patches)
        if self.statistics is not None:
            if statistics is None:
                raise ValueError("this model needs the statistics of its tokens")
            x = x + self.statistics(statistics)
        x = torch.where(padded[..., None], self.mask_token.to(x.dtype), x)
        x = x + self.scale_embedding[scales]
        first = self.class_token.to(x.dtype).expand(x.shape[0], 1, -1)
        x = torch.cat([first, x[:, 1:]], dim=1)
        x = self.norm_in(x + position_weights @ self.position_table)
        for block in self.blocks:
            x = block(x, attended)
        return x  # type: ignore[no-any-return]


class _Addition(nn.Module):
    """One hidden layer from numbers to an addition to the feature, which is zero to begin with."""

    def __init__(self, numbers: int, width: int, feature: int, *, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Linear(numbers, width)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(width, feature)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def read(self, numbers: Tensor) -> Tensor:
        """Return (B, F) from (B, numbers)."""
        return self.out(self.drop(functional.gelu(self.hidden(numbers))))  # type: ignore[no-any-return]


class Overview(_Addition):
    """What the statistics of all coarse tokens say together, as an addition to the feature.

    Reads their mean and spread over the frame, and of their differences inside the series also the
    mean size and both extremes (`overview_of`): one bad cell is enough to spoil a frame.

    Args (of the constructor):
        statistics: numbers a token brings; all but the first STATISTICS are differences.
        width: of the hidden layer.
        feature: length of the model's feature.
    """

    def __init__(self, statistics: int, width: int, feature: int) -> None:
        numbers = 2 * STATISTICS + 5 * (statistics - STATISTICS)
        super().__init__(numbers, width, feature, dropout=0.2)

    def forward(self, statistics: Tensor, coarse: Tensor) -> Tensor:
        """Return (B, F) from statistics (B, T, S) and which tokens are coarse, (B, T) bool."""
        return self.read(overview_of(statistics, coarse))


class Cells(nn.Module):
    """What the statistics of each cell say where it lies, as an addition to the feature.

    A network of two layers on every coarse token; of what it says, the mean over the frame and the
    most in any cell count.

    Args (of the constructor):
        statistics: numbers a token brings.
        places: entries of the positional table.
        width: of both layers.
        feature: length of the model's feature.
    """

    def __init__(self, statistics: int, places: int, width: int, feature: int) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.randn(places, width) * 0.02)
        self.first = nn.Linear(statistics, width)
        self.second = nn.Linear(width, width)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(2 * width, feature)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, statistics: Tensor, position_weights: Tensor, coarse: Tensor) -> Tensor:
        """Return (B, F).

        Args:
            statistics: (B, T, S).
            position_weights: (B, T, places).
            coarse: (B, T) bool, which tokens are cells; at least one in each row.
        """
        said, _ = self._said(statistics, position_weights, coarse)
        return self.out(self.drop(said.sum(dim=1)))  # type: ignore[no-any-return]

    def parts(self, statistics: Tensor, position_weights: Tensor, coarse: Tensor) -> Tensor:
        """Return what each token adds, (B, T, F); their sum is that of `forward`, without dropout.

        Of a mean a cell adds its part, of the most the one that says it adds all.
        """
        said, even = self._said(statistics, position_weights, coarse)
        return said @ self.out.weight.T + self.out.bias * even

    def _said(
        self, statistics: Tensor, position_weights: Tensor, coarse: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return what each token adds to mean and most, (B, T, 2 width), and equal shares."""
        said = functional.gelu(self.first(statistics) + position_weights @ self.place)
        said = functional.gelu(self.second(said))
        even = _evenly(coarse).to(said.dtype)
        heard = torch.where(coarse[..., None], said, said.new_full((), _LEAST_SAID))
        loudest = (heard == heard.amax(dim=1, keepdim=True)).to(said.dtype)
        loudest = loudest / loudest.sum(dim=1, keepdim=True)
        return torch.cat([said * even, said * loudest], dim=2), even


class Framing(_Addition):
    """What the frame as a whole is like (`tokens.framing`), as an addition to the feature.

    Args (of the constructor):
        width: of the hidden layer.
        feature: length of the model's feature.
    """

    def __init__(self, width: int, feature: int) -> None:
        super().__init__(2 * FRAMING, width, feature, dropout=0.3)

    def forward(self, frame: Tensor) -> Tensor:
        """Return (B, F) from (B, S), what slot 0 brings."""
        own = frame[:, :FRAMING]
        differences = _DIFFERENCE_SCALE * frame[:, STATISTICS : STATISTICS + FRAMING]
        return self.read(_FRAMING_SCALE * torch.cat([own, differences], dim=1))


class Naturalness(nn.Module):
    """How naturally an image is rendered, as the feature of an image that is judged by that.

    Of an image of one of several scenes, whatever else is known tells of its scene and style as
    much as of its quality; of texture that was made up, it tells what it never learned of. A sum of
    few numbers is not led astray so far (docs/decisions/0008 and 0009). There is one for each kind
    of series, and they move the feature in one direction.

    Args (of the constructor):
        feature: length of the model's feature.
    """

    def __init__(self, feature: int) -> None:
        super().__init__()
        self.sum = nn.Linear(NATURALNESS, len(BY_NATURALNESS))
        self.direction = nn.Parameter(torch.zeros(feature))

    def forward(self, naturalness: Tensor) -> Tensor:
        """Return (B, F), 0 for images that are not judged by it.

        Args:
            naturalness: (B, K), see `tokens.naturalness.naturalness_input`.
        """
        kinds, numbers = naturalness.tensor_split([len(BY_NATURALNESS)], dim=1)
        said = (kinds * self.sum(numbers)).sum(dim=1, keepdim=True)
        return said * self.direction  # type: ignore[no-any-return]


def _judged(naturalness: Tensor) -> Tensor:
    """Return 1 for images that are judged by naturalness, else 0, (B, 1)."""
    return naturalness[:, : len(BY_NATURALNESS)].sum(dim=1, keepdim=True)


def overview_of(statistics: Tensor, coarse: Tensor) -> Tensor:
    """Return mean and spread over the coarse tokens, of differences more: see `Overview`."""
    seen = coarse[..., None].to(statistics.dtype)
    number = seen.sum(dim=1).clamp(min=1)
    mean = (statistics * seen).sum(dim=1) / number
    spread = (((statistics - mean[:, None]) ** 2 * seen).sum(dim=1) / number + 1e-6).sqrt()
    own, differences = STATISTICS, statistics[..., STATISTICS:]
    size = (differences.abs() * seen).sum(dim=1) / number
    most = (differences * seen).amax(dim=1)  # a mean of 0 is at least touched by some cell
    least = (differences * seen).amin(dim=1)
    scaled = (_DIFFERENCE_SCALE * mean[:, own:], _DIFFERENCE_SCALE * spread[:, own:])
    return torch.cat(
        [mean[:, :own], spread[:, :own], *scaled, _DIFFERENCE_SCALE * size, most, least], dim=1
    )


def _evenly(coarse: Tensor) -> Tensor:
    """Return equal shares of the coarse tokens, (B, T, 1), from (B, T) bool."""
    return (coarse / coarse.sum(dim=1, keepdim=True).clamp(min=1))[..., None]


def _coarse(scales: Tensor, padded: Tensor) -> Tensor:
    """Return which slots hold coarse tokens, (B, T); slot 0 is the class token's."""
    first = torch.arange(scales.shape[1], device=scales.device) == 0
    return (scales == 0) & ~padded & ~first


def expected_score(logits: Tensor) -> Tensor:
    """Return the expectation of the distribution over 1 to 10, shape (B,)."""
    bins = torch.arange(1, BINS + 1, dtype=logits.dtype, device=logits.device)
    return torch.softmax(logits, dim=-1) @ bins
