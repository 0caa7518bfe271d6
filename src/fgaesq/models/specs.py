"""All models in one table. A row says everything about a model but its weights.

This file loads no torch, so that `fgaesq models` and the ONNX engine can read it; `build` imports
the network when it is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from fgaesq.errors import UnknownNameError
from fgaesq.tokens.difftoken import TokenLayout

if TYPE_CHECKING:
    from fgaesq.models.fgaesq import FGAesQ

__all__ = ["SPECS", "ModelSpec", "Normalisation", "TokenizerName", "build", "find_spec"]

TokenizerName: TypeAlias = Literal["series", "reference"]


@dataclass(frozen=True, slots=True)
class Normalisation:
    """Per-channel mean and standard deviation of RGB in [0, 1]; it travels with the weights."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


CLIP = Normalisation((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a model is.

    Attributes:
        name: by which it is asked for.
        summary: one line for `fgaesq models`.
        width, depth, heads, feature, table_size, head, dropout, stem, readout, overview, cells,
            framing, naturalness: see `models.fgaesq.FGAesQ`.
        normalisation: of the patches.
        layout: of the `series` tokenizer.
        tokenizers: those it can be used with, the default first.
        licence: of the weights.
        source: where the weights come from.
        paper: what the numbers of the spec are from.
    """

    name: str
    summary: str
    width: int
    depth: int
    heads: int
    feature: int
    table_size: int
    head: tuple[int, ...]
    dropout: tuple[float, ...]
    stem: Literal["pixel", "spectral"]
    readout: Literal["class", "mean"]
    overview: int
    cells: int
    framing: int
    naturalness: bool
    normalisation: Normalisation
    layout: TokenLayout
    tokenizers: tuple[TokenizerName, ...]
    licence: str
    source: str
    paper: str


SPECS: MappingProxyType[str, ModelSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            ModelSpec(
                name="fgaesq-s",
                summary="embedded: small, trained in this project, ready to use",
                width=192,
                depth=8,
                heads=3,
                feature=192,
                table_size=14,
                head=(),
                dropout=(),
                stem="spectral",
                readout="mean",
                overview=768,
                cells=384,
                framing=128,
                naturalness=True,
                normalisation=CLIP,
                layout=TokenLayout(budget=208, coarse=120, detail_px=2048, statistics=True),
                tokenizers=("series",),
                licence="Apache-2.0",
                source="embedded",
                paper="after arXiv 2603.03907; stem and tokens: docs/decisions from 0003 on",
            ),
            ModelSpec(
                name="fgaesq-b16",
                summary="the paper's: CLIP ViT-B/16, for the released weights (import them)",
                width=768,
                depth=12,
                heads=12,
                feature=512,
                table_size=14,
                head=(256, 64),
                dropout=(0.2, 0.1),
                stem="pixel",
                readout="class",
                overview=0,
                cells=0,
                framing=0,
                naturalness=False,
                normalisation=CLIP,
                layout=TokenLayout(budget=512, coarse=330, detail_px=2048),
                tokenizers=("series", "reference"),
                licence="none stated by the authors",
                source="fgaesq weights pull yzc002/FGAesQ, then fgaesq weights import",
                paper="arXiv 2603.03907",
            ),
            ModelSpec(
                name="fgaesq-tiny",
                summary="two narrow layers, for tests; its scores mean nothing",
                width=32,
                depth=2,
                heads=2,
                feature=32,
                table_size=14,
                head=(16, 16),
                dropout=(0.2, 0.1),
                stem="pixel",
                readout="class",
                overview=0,
                cells=0,
                framing=0,
                naturalness=False,
                normalisation=CLIP,
                # 512 slots, since that is what the reference tokenizer fills.
                layout=TokenLayout(budget=512, coarse=120, detail_px=512),
                tokenizers=("series", "reference"),
                licence="Apache-2.0",
                source="seeded random weights: fgaesq.engines.export.write_model_folder",
                paper="none",
            ),
        )
    }
)
"""Every model by name."""


def find_spec(name: str) -> ModelSpec:
    """Return the spec of that name.

    Raises:
        UnknownNameError: there is none; the message lists near matches.
    """
    if name not in SPECS:
        raise UnknownNameError("model", name, SPECS)
    return SPECS[name]


def build(spec: ModelSpec) -> FGAesQ:
    """Return the network of a spec with fresh random weights (needs the `train` extra)."""
    from fgaesq.models.fgaesq import FGAesQ
    from fgaesq.models.stems import PixelStem, SpectralStem
    from fgaesq.tokens.statistics import TOKEN_STATISTICS

    stem = PixelStem(spec.width) if spec.stem == "pixel" else SpectralStem(spec.width)
    return FGAesQ(
        width=spec.width,
        depth=spec.depth,
        heads=spec.heads,
        feature=spec.feature,
        table_size=spec.table_size,
        head=spec.head,
        dropout=spec.dropout,
        stem=stem,
        readout=spec.readout,
        statistics=TOKEN_STATISTICS if spec.layout.statistics else 0,
        overview=spec.overview,
        cells=spec.cells,
        framing=spec.framing,
        naturalness=spec.naturalness,
    )
