"""Adds to a result why its images rank as they do, in words, and where their scores come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fgaesq.engines import Outputs
from fgaesq.models.reasons_file import ReasonWords
from fgaesq.ranking.attribution import Box, against_others, cell_effects, levelled
from fgaesq.ranking.reasons import of_naturalness, others_weights, pair_reasons, series_reasons
from fgaesq.types import (
    Comparison,
    DifferenceMap,
    EffectMap,
    Photo,
    RankedSeries,
    Reason,
    TokenSet,
)

__all__ = ["Evidence", "Explainer"]


class Evidence:
    """What a result was made from, by the path of each image.

    Args (of the constructor):
        photos: of the series; one path twice is one image twice.
        tokens: theirs, in the same order.
        outputs: theirs, in the same order.
    """

    def __init__(
        self, photos: Sequence[Photo], tokens: Sequence[TokenSet], outputs: Outputs
    ) -> None:
        self.outputs = outputs
        self._photos = photos
        self._tokens = tokens
        self._row = {photo.name: row for row, photo in enumerate(photos)}

    @property
    def by_naturalness(self) -> bool:
        """Whether the images are judged by their naturalness."""
        return any(one.naturalness is not None for one in self._tokens)

    def features(self, paths: Sequence[str]) -> NDArray[np.float32]:
        """Return the features of the images, (N, F), in the order of `paths`."""
        return self.outputs.features[[self._row[path] for path in paths]]

    def cell_effects(
        self,
        path: str,
        effects: NDArray[np.float32],
        *,
        box: Box,
        grid: tuple[int, ...],
        total: float,
    ) -> NDArray[np.float64]:
        """Return what each cell adds to the score of an image; see `attribution`.

        Args:
            path: the image.
            effects: of all images, (N, T).
            box: where the grid lies in it.
            grid: (rows, columns).
            total: what the effects of all its tokens sum to.
        """
        row = self._row[path]
        tokens, photo = self._tokens[row], self._photos[row]
        return cell_effects(
            levelled(effects[row], tokens, total=total),
            tokens,
            size=(photo.pixels.shape[0], photo.pixels.shape[1]),
            box=box,
            grid=(grid[0], grid[1]),
        )


class Explainer:
    """Explains the results of one model; what the model does not tell is left out.

    Args (of the constructor):
        words: by which the model names reasons, None if it has none.
        temperature: of the model.
        natural: whether the model reads naturalness.
    """

    def __init__(self, words: ReasonWords | None, *, temperature: float, natural: bool) -> None:
        self._words = words
        self._natural_words = of_naturalness(words) if words else None
        self._natural = natural
        self._temperature = temperature

    def series(self, series: RankedSeries, evidence: Evidence) -> RankedSeries:
        """Return the series with reasons per image and per pair, and with effect maps."""
        scores = {image.path: image.score for image in series.images}
        effects = self._effects(evidence, scores, series.difference)
        words = self._words_for(evidence)
        if words is None:
            return replace(series, effects=effects)
        features = evidence.features([image.path for image in series.images])
        reasons = series_reasons(
            words,
            features,
            [image.score for image in series.images],
            temperature=self._temperature,
        )
        return replace(
            series,
            images=tuple(
                replace(image, reasons=why)
                for image, why in zip(series.images, reasons, strict=True)
            ),
            pairs=tuple(
                replace(pair, reasons=self._pair(evidence, pair.first, pair.second, pair.p))
                for pair in series.pairs
            ),
            effects=effects,
        )

    def comparison(self, comparison: Comparison, evidence: Evidence) -> Comparison:
        """Return the comparison with the reasons for its verdict, and with effect maps."""
        first, second = comparison.first, comparison.second
        scores = {first.path: first.score, second.path: second.score}
        return replace(
            comparison,
            reasons=self._pair(evidence, first.path, second.path, comparison.p),
            effects=self._effects(evidence, scores, comparison.difference),
        )

    def _pair(self, evidence: Evidence, first: str, second: str, p: float) -> tuple[Reason, ...]:
        words = self._words_for(evidence)
        if words is None:
            return ()
        one, two = evidence.features([first, second])
        return pair_reasons(words, one, two, p=p)

    def _words_for(self, evidence: Evidence) -> ReasonWords | None:
        return self._natural_words if self._by_naturalness(evidence) else self._words

    def _by_naturalness(self, evidence: Evidence) -> bool:
        return self._natural and evidence.by_naturalness

    def _effects(
        self, evidence: Evidence, scores: Mapping[str, float], difference: DifferenceMap | None
    ) -> EffectMap | None:
        """Return where the scores come from; None where nothing can be compared place by place."""
        effects = evidence.outputs.effects
        if effects is None or difference is None or self._by_naturalness(evidence):
            return None  # naturalness has no place in the frame
        boxes = {path: box for path, box in difference.boxes.items() if box is not None}
        paths = [path for path in scores if path in boxes]
        placed = [scores[path] for path in paths]
        features = evidence.features(paths)
        weights = np.stack(others_weights(features, placed, temperature=self._temperature))
        if not weights.any():  # one image, or copies of one
            return None
        level = sum(placed) / len(placed)
        maps = [
            evidence.cell_effects(
                path,
                effects,
                box=boxes[path],
                grid=difference.values.shape,
                total=scores[path] - level,
            )
            for path in paths
        ]
        values: dict[str, NDArray[np.float32] | None] = dict.fromkeys(scores)
        values.update(zip(paths, against_others(np.stack(maps), weights), strict=True))
        return EffectMap(values, difference.boxes)
