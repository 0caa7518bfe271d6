"""The main path: photos are read, tokenized as a series, scored once each, and put in order.

Everything a result depends on goes through here: pixels, the model and its tokenizer. File names,
order, the number of threads and what else is ranked in the same run do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from fgaesq.engines import Engine, EngineOptions, Outputs, open_engine
from fgaesq.errors import InputError, ShapeError, UnknownNameError
from fgaesq.models.reasons_file import read_reasons
from fgaesq.models.specs import TokenizerName
from fgaesq.models.weights import ModelFolder, find_model
from fgaesq.ranking.explanation import Evidence, Explainer
from fgaesq.ranking.probability import p_best, p_first, ranks, verdict
from fgaesq.ranking.reading import Reader, SeriesSource, check_images
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

__all__ = ["Judged", "Ranker", "load"]

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
        EngineError: the options ask for a device that is not there.
        MissingExtraError: the packages of the engine are not installed.
    """
    folder = find_model(model)
    chosen = tokenizer or folder.spec.tokenizers[0]
    if chosen not in folder.spec.tokenizers:
        raise UnknownNameError(f"tokenizer of {folder.spec.name}", chosen, folder.spec.tokenizers)
    options = options or EngineOptions()
    return Ranker(folder, open_engine(folder, options), options, chosen)


@dataclass(frozen=True, slots=True)
class Judged:
    """A ranked series with what the network made of its images.

    Attributes:
        series: the ranking.
        outputs: of the network, a row for each photo in the order in which they were given.
    """

    series: RankedSeries
    outputs: Outputs


class Ranker:
    """A loaded model that ranks series, scores images and compares pairs.

    Attributes:
        identity: which model, engine and tokenizer the numbers come from.
        reader: reads images as the model needs them.
        temperature: of the model: P(A beats B) = sigmoid((score A - score B) / temperature).
        reason_texts: by kind of difference, the word for the better image; empty for a model that
            names no reasons.
    """

    def __init__(
        self,
        folder: ModelFolder,
        engine: Engine,
        options: EngineOptions,
        tokenizer: TokenizerName,
    ) -> None:
        self._spec = folder.spec
        self.temperature = folder.temperature
        self._engine = engine
        self._threads = options.threads
        self._released = tokenizer == "reference"
        # Released behaviour scores an image once per pair, so there is no one feature to explain.
        words = None if self._released else read_reasons(folder)
        self.reason_texts = {word.kind: word.text for word in words.words} if words else {}
        self._explainer = Explainer(
            words, temperature=folder.temperature, natural=folder.spec.naturalness
        )
        self.identity = ModelIdentity(
            name=folder.spec.name,
            version=folder.version,
            sha256=folder.files[folder.weights_file(engine.name)],
            engine=engine.name,
            tokenizer=tokenizer,
            reasons=words is not None,
        )
        limit = None if self._released else folder.spec.layout.detail_px
        self.reader = Reader(max_long_side_px=limit, as_released=self._released)

    def rank(self, images: Sequence[ImageSource], *, series_id: str = "series") -> Ranking:
        """Rank one series given as paths, PIL images or arrays; see `rank_series` for folders."""
        return self.rank_series([(series_id, images)])

    def rank_series(
        self, series: Iterable[SeriesSource], *, on_image: Callable[[], None] | None = None
    ) -> Ranking:
        """Rank several series. A photo that cannot be used is a failure, the others are ranked.

        Args:
            series: files that were found, or (id, images) each. The next series is read while one
                is scored.
            on_image: called once for every image that is done, failed ones included.

        Raises:
            InputError: one of the series is not a list of images.
        """
        on_image = on_image or _nothing
        if self._released:
            from fgaesq.ranking.reference import rank_reference_series

            return rank_reference_series(self, series, on_image)
        ranked: list[RankedSeries] = []
        failures: list[Failure] = []
        with self.reading_pool() as pool:
            for one in self.reader.read_ahead(series, pool):
                failures += one.failures
                if one.photos:
                    ranked.append(self._rank_photos(one.id, one.photos, pool).series)
                for _ in range(len(one.photos) + len(one.failures)):
                    on_image()
        return Ranking(self.identity, tuple(ranked), tuple(failures))

    def rank_photos(self, series_id: str, photos: Sequence[Photo]) -> RankedSeries:
        """Rank one series of photos that `reader` has read; the result calls them by their names.

        Raises:
            InputError: there is none, names repeat, or the tokenizer is `reference`, which needs
                the files.
        """
        return self.judge_photos(series_id, photos).series

    def judge_photos(self, series_id: str, photos: Sequence[Photo]) -> Judged:
        """Do as `rank_photos`, and also return the outputs of the network."""
        self._check_photos(series_id, photos)
        with self.reading_pool() as pool:
            return self._rank_photos(series_id, photos, pool)

    def score_photos(self, photos: Sequence[Photo]) -> list[Score]:
        """Score photos that `reader` has read, each on its own, in the order given.

        Raises:
            InputError: as `rank_photos`.
        """
        self._check_photos("photos", photos)
        with self.reading_pool() as pool:
            tokens = pool.map(lambda one: tokenize_single(one, layout=self._spec.layout), photos)
            return _scores([photo.name for photo in photos], self.run(list(tokens)))

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
            on_image: called once for every image that is done, failed ones included.

        Raises:
            InputError: `images` is not a list of images.
        """
        check_images(images)
        on_image = on_image or _nothing
        scores: list[Score] = []
        failures: list[Failure] = []
        with self.reading_pool() as pool:
            for start in range(0, len(images), _SINGLES_AT_ONCE):
                part = images[start : start + _SINGLES_AT_ONCE]
                photos, failed = self.reader.read(part, pool, first=start)
                tokens = pool.map(lambda photo: self._single_tokens(photo, seed), photos)
                named = [(p.name, one) for p, one in zip(photos, tokens, strict=True)]
                usable = [(name, one) for name, one in named if isinstance(one, TokenSet)]
                outputs = self.run([one for _, one in usable])
                scores += _scores([name for name, _ in usable], outputs)
                failures += [*failed, *(one for _, one in named if isinstance(one, Failure))]
                for _ in part:
                    on_image()
        return Scores(self.identity, tuple(scores), tuple(failures))

    def compare(
        self, first: ImageSource, second: ImageSource, *, pair_id: str | None = None
    ) -> Comparison:
        """Compare two images.

        Args:
            first: path, PIL image or array.
            second: the other.
            pair_id: decides the draws of the `reference` tokenizer, which needs it.

        Raises:
            InputError: one of them cannot be used, which the message names, or the pair id is
                missing or has no meaning.
        """
        if pair_id is not None and not self._released:
            raise InputError(
                f"pair_id is '{pair_id}', but only the reference tokenizer draws by it"
            )
        with self.reading_pool() as pool:
            photos, failed = self.reader.read([first, second], pool)
            if failed:
                raise InputError("; ".join(dict.fromkeys(failure.error for failure in failed)))
            if self._released:
                from fgaesq.ranking.reference import compare_reference

                return compare_reference(self, photos, pair_id)
            tokens = tokenize_series(photos, layout=self._spec.layout, parallel=pool.map)
        outputs = self._run_photos(photos, tokens.tokens)
        comparison = self.comparison(photos, outputs, tokens.difference)
        return self._explainer.comparison(comparison, Evidence(photos, tokens.tokens, outputs))

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
        return p_first(first, second, temperature=self.temperature)

    @contextmanager
    def reading_pool(self) -> Iterator[ThreadPoolExecutor]:
        """Provide the threads that read and tokenize; what is not begun at the end is dropped."""
        pool = ThreadPoolExecutor(self._threads)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)

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
            photos: its photos.
            scores: theirs.
            pair_p: P(photo i beats photo j).
            difference: where the series differs.
        """
        best = p_best(scores, temperature=self.temperature)
        places = ranks(scores)
        order = sorted(range(len(photos)), key=lambda i: (-scores[i], photos[i].digest))
        images = tuple(RankedImage(photos[i].name, places[i], scores[i], best[i]) for i in order)
        pairs = []
        for i, j in combinations(order, 2):
            p = pair_p(i, j)
            pairs.append(Pair(photos[i].name, photos[j].name, p, verdict(p)))
        return RankedSeries(name, images, tuple(pairs), difference)

    def _check_photos(self, name: str, photos: Sequence[Photo]) -> None:
        if self._released:
            raise InputError(
                "the reference tokenizer ranks files, not decoded photos; use the tokenizer series"
            )
        if not photos or len({photo.name for photo in photos}) < len(photos):
            raise InputError(f"{name}: give at least one photo, and each under its own name")

    def _rank_photos(self, name: str, photos: Sequence[Photo], pool: ThreadPoolExecutor) -> Judged:
        tokens = tokenize_series(photos, layout=self._spec.layout, parallel=pool.map)
        outputs = self._run_photos(photos, tokens.tokens)
        scores = outputs.scores.tolist()

        def pair_p(i: int, j: int) -> float:
            return self.p_first(scores[i], scores[j])

        ranked = self.ranked(name, photos, scores, pair_p, tokens.difference)
        explained = self._explainer.series(ranked, Evidence(photos, tokens.tokens, outputs))
        return Judged(explained, outputs)

    def _run_photos(self, photos: Sequence[Photo], tokens: Sequence[TokenSet]) -> Outputs:
        """Run each distinct image once, in an order that follows from the pixels.

        So identical images share their numbers to the last digit, and the order in which images are
        given has no influence, also where an engine's numbers depend a little on batch mates.
        """
        order = sorted(range(len(photos)), key=lambda i: (photos[i].digest, photos[i].native_size))
        chosen: dict[str, int] = {}
        for i in order:
            chosen.setdefault(photos[i].digest, i)
        outputs = self.run([tokens[i] for i in chosen.values()])
        row = {digest: number for number, digest in enumerate(chosen)}
        rows = [row[photo.digest] for photo in photos]
        effects = None if outputs.effects is None else outputs.effects[rows]
        return Outputs(outputs.features[rows], outputs.logits[rows], effects)

    def _single_tokens(self, photo: Photo, seed: int) -> TokenSet | Failure:
        if not self._released:
            return tokenize_single(photo, layout=self._spec.layout)
        from fgaesq.tokens.reference import tokenize_single as tokenize_released

        try:
            return tokenize_released(photo.pixels, seed=seed)
        except ShapeError as error:  # shapes at which the released code fails
            return Failure(photo.name, "tokens", f"{photo.name}: {error}")


def _scores(names: Sequence[str], outputs: Outputs) -> list[Score]:
    return [
        Score(name, score, tuple(shares))
        for name, score, shares in zip(
            names, outputs.scores.tolist(), outputs.distributions.tolist(), strict=True
        )
    ]


def _nothing() -> None:
    """Do nothing: what `on_image` is where none was given."""
