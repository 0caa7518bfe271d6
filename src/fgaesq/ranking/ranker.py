"""The main path: photos are read, tokenized as a series, scored once each, and put in order.

Everything a result depends on goes through here: pixels, the model and its tokenizer. File names,
order, the number of threads and what else is ranked in the same run do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from fgaesq.engines import Engine, EngineOptions, Outputs, open_engine
from fgaesq.errors import FgaError, InputError, ShapeError, UnknownNameError
from fgaesq.images import SeriesFiles, as_photo, printable
from fgaesq.models.specs import TokenizerName
from fgaesq.models.weights import ModelFolder, find_model
from fgaesq.ranking.probability import p_best, p_first, ranks, verdict
from fgaesq.tokens.difftoken import tokenize_series, tokenize_single
from fgaesq.types import (
    Comparison,
    DifferenceMap,
    Failure,
    ImageSource,
    ModelIdentity,
    Pair,
    Photo,
    RankedImage,
    RankedSeries,
    Ranking,
    Score,
    Scores,
    TokenSet,
)

__all__ = ["Ranker", "load"]

_SINGLES_AT_ONCE = 16


def load(
    model: str | Path = "fgaesq-s",
    *,
    options: EngineOptions | None = None,
    tokenizer: TokenizerName | None = None,
) -> Ranker:
    """Load a model for use.

    Args:
        model: name of an embedded model, or folder of an imported one.
        options: how to run it; default: ONNX Runtime on one thread.
        tokenizer: `series` (default) or `reference`, if the model can be used with it.

    Raises:
        UnknownNameError: no such model, or the model cannot be used with that tokenizer.
        WeightsError: the model's files are missing or damaged.
    """
    folder = find_model(model)
    chosen = tokenizer or folder.spec.tokenizers[0]
    if chosen not in folder.spec.tokenizers:
        raise UnknownNameError(f"tokenizer of {folder.spec.name}", chosen, folder.spec.tokenizers)
    options = options or EngineOptions()
    return Ranker(folder, open_engine(folder, options), options, chosen)


class Ranker:
    """A loaded model that ranks series, scores images and compares pairs."""

    def __init__(
        self,
        folder: ModelFolder,
        engine: Engine,
        options: EngineOptions,
        tokenizer: TokenizerName,
    ) -> None:
        self._spec = folder.spec
        self._temperature = folder.temperature
        self._engine = engine
        self._threads = options.threads
        file = "model.onnx" if engine.name == "onnx" else "model.safetensors"
        self.identity = ModelIdentity(
            folder.spec.name, folder.version, folder.files[file], engine.name, tokenizer
        )

    def rank(self, images: Sequence[ImageSource], *, series_id: str = "series") -> Ranking:
        """Rank one series given as paths, PIL images or arrays; see `rank_series` for folders."""
        return self.rank_series([(series_id, images)])

    def rank_series(
        self,
        series: Iterable[SeriesFiles | tuple[str, Sequence[ImageSource]]],
        *,
        on_image: Callable[[], None] | None = None,
    ) -> Ranking:
        """Rank several series. A photo that cannot be used is a failure, the others are ranked.

        Args:
            series: (id, images) each. The next series is read while one is scored.
            on_image: called once for every image that is done, failed ones included.
        """
        if self.identity.tokenizer == "reference":
            from fgaesq.ranking.reference import rank_reference_series

            return rank_reference_series(self, series, on_image)
        ranked: list[RankedSeries] = []
        failures: list[Failure] = []
        with self.reading_pool() as pool:
            for name, photos, failed in self.read_ahead(series, pool):
                failures.extend(failed)
                if photos:
                    ranked.append(self._rank_photos(name, photos, pool))
                for _ in range(len(photos) + len(failed)):
                    if on_image:
                        on_image()
        return Ranking(self.identity, tuple(ranked), tuple(failures))

    def score(
        self,
        images: Sequence[ImageSource],
        *,
        seed: int = 0,
        on_image: Callable[[], None] | None = None,
    ) -> Scores:
        """Score images each on its own, in the order given.

        Args:
            images: paths, PIL images or arrays.
            seed: of the `reference` tokenizer's draws for each image; `series` draws nothing.
            on_image: called once for every image that is done.
        """
        scores: list[Score] = []
        failures: list[Failure] = []
        with self.reading_pool() as pool:
            for start in range(0, len(images), _SINGLES_AT_ONCE):
                part = images[start : start + _SINGLES_AT_ONCE]
                photos, failed = self._read(part, pool, first=start)
                outputs = self._engine.run(self._single_tokens(photos, seed, pool))
                scores.extend(_scores([photo.name for photo in photos], outputs))
                failures.extend(failed)
                for _ in part:
                    if on_image:
                        on_image()
        return Scores(self.identity, tuple(scores), tuple(failures))

    def compare(
        self, first: ImageSource, second: ImageSource, *, pair_id: str | None = None
    ) -> Comparison:
        """Compare two images.

        Args:
            first, second: paths, PIL images or arrays.
            pair_id: needed by the `reference` tokenizer, whose draws it decides.

        Raises:
            InputError: one of them cannot be used; the message names it.
        """
        with self.reading_pool() as pool:
            photos, failed = self._read([first, second], pool)
            if failed:
                raise InputError(failed[0].error)
            if self.identity.tokenizer == "reference":
                from fgaesq.ranking.reference import compare_reference

                return compare_reference(self, photos, pair_id)
            tokens = tokenize_series(photos, layout=self._spec.layout, parallel=pool.map)
        return self.comparison(photos, self._engine.run(tokens.tokens), tokens.difference)

    def comparison(
        self, photos: Sequence[Photo], outputs: Outputs, difference: DifferenceMap | None
    ) -> Comparison:
        """Turn the outputs of two photos into a comparison."""
        one, two = _scores([photo.name for photo in photos], outputs)
        p = self.p_first(one.score, two.score)
        return Comparison(self.identity, one, two, p, verdict(p), difference)

    def run(self, tokens: Sequence[TokenSet]) -> Outputs:
        """Return the network's outputs for token sets."""
        return self._engine.run(tokens)

    def p_first(self, first: float, second: float) -> float:
        """Return P(first beats second) for two scores of this model."""
        return p_first(first, second, temperature=self._temperature)

    def reading_pool(self) -> ThreadPoolExecutor:
        """Return the threads that read and tokenize."""
        return ThreadPoolExecutor(self._threads)

    def ranked(
        self,
        name: str,
        photos: Sequence[Photo],
        scores: Sequence[float],
        pair_p: Callable[[int, int], float],
        difference: DifferenceMap | None,
    ) -> RankedSeries:
        """Put the photos of a series in order.

        Args:
            name: of the series.
            photos, scores: of its images.
            pair_p: P(photo i beats photo j).
            difference: where the series differs.
        """
        best = p_best(scores, temperature=self._temperature)
        places = ranks(scores)
        order = sorted(range(len(photos)), key=lambda i: (-scores[i], photos[i].digest))
        images = tuple(RankedImage(photos[i].name, places[i], scores[i], best[i]) for i in order)
        pairs = []
        for position, i in enumerate(order):
            for j in order[position + 1 :]:
                p = pair_p(i, j)
                pairs.append(Pair(photos[i].name, photos[j].name, p, verdict(p)))
        return RankedSeries(name, images, tuple(pairs), difference)

    def _rank_photos(
        self, name: str, photos: Sequence[Photo], pool: ThreadPoolExecutor
    ) -> RankedSeries:
        tokens = tokenize_series(photos, layout=self._spec.layout, parallel=pool.map)
        scores = [float(score) for score in self._engine.run(tokens.tokens).scores]

        def pair_p(i: int, j: int) -> float:
            return self.p_first(scores[i], scores[j])

        return self.ranked(name, photos, scores, pair_p, tokens.difference)

    def _single_tokens(
        self, photos: Sequence[Photo], seed: int, pool: ThreadPoolExecutor
    ) -> list[TokenSet]:
        if self.identity.tokenizer == "reference":
            from fgaesq.tokens.reference import tokenize_single as tokenize_released

            return [tokenize_released(photo.pixels, seed=seed) for photo in photos]
        layout = self._spec.layout
        return list(pool.map(lambda photo: tokenize_single(photo, layout=layout), photos))

    def read_ahead(
        self,
        series: Iterable[SeriesFiles | tuple[str, Sequence[ImageSource]]],
        pool: ThreadPoolExecutor,
    ) -> Iterator[tuple[str, list[Photo], list[Failure]]]:
        """Yield each series' name, photos and failures; the one after it is already being read."""
        waiting: tuple[str, list[Future[Photo | Failure]]] | None = None
        for one in series:
            name, images = (one.id, one.paths) if isinstance(one, SeriesFiles) else one
            _check_sequence(images)
            jobs = [pool.submit(self._read_one, image, n) for n, image in enumerate(images)]
            if waiting is not None:
                yield waiting[0], *_gathered(job.result() for job in waiting[1])
            waiting = (name, jobs)
        if waiting is not None:
            yield waiting[0], *_gathered(job.result() for job in waiting[1])

    def _read(
        self, images: Sequence[ImageSource], pool: ThreadPoolExecutor, *, first: int = 0
    ) -> tuple[list[Photo], list[Failure]]:
        _check_sequence(images)
        numbers = range(first, first + len(images))
        return _gathered(pool.map(self._read_one, images, numbers))

    def _read_one(self, image: ImageSource, number: int) -> Photo | Failure:
        name = printable(image) if isinstance(image, (str, Path)) else f"image-{number + 1}"
        released = self.identity.tokenizer == "reference"
        limit = None if released else self._spec.layout.detail_px
        try:
            return as_photo(image, name=name, max_long_side_px=limit, as_released=released)
        except FgaError as error:
            return Failure(name, "decode", str(error))
        except Exception as error:  # noqa: BLE001 - one photo must never stop the others
            return Failure(name, "decode", f"{name}: unexpected {type(error).__name__}: {error}")


def _check_sequence(images: object) -> None:
    if isinstance(images, (str, bytes, Path)):
        raise ShapeError(f"got the single path {images!r}; give a list of images")


def _gathered(results: Iterable[Photo | Failure]) -> tuple[list[Photo], list[Failure]]:
    done = list(results)
    return (
        [one for one in done if isinstance(one, Photo)],
        [one for one in done if isinstance(one, Failure)],
    )


def _scores(names: Sequence[str], outputs: Outputs) -> list[Score]:
    return [
        Score(name, float(score), tuple(float(share) for share in shares))
        for name, score, shares in zip(names, outputs.scores, outputs.distributions, strict=True)
    ]


