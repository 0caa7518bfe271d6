"""Rank the photos of a group, once for each set of contents, model and reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

import numpy as np

from fgaesq.desk.catalogue.photos import CataloguePhoto
from fgaesq.desk.catalogue.rankings import find_ranking, model_id, save_ranking, save_score
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.catalogue.tastes import Features, save_features
from fgaesq.desk.reading import Decoded, at_one_size, enough_px
from fgaesq.desk.records import Reading
from fgaesq.ranking.ranker import Ranker
from fgaesq.ranking.reading import MOST_IMAGES
from fgaesq.types import Photo

__all__ = ["GroupRanker"]

_AT_ONCE = 16
_NO_PIXELS = np.zeros((0, 0, 3), np.uint8)


class GroupRanker:
    """Ranks groups with one model, from photos of one reading, and keeps that in the catalogue.

    Several photos are ranked as a series, one photo gets its absolute score. In a group of more
    than 200 photos (`MOST_IMAGES`) each is scored on its own, as all would not fit into memory;
    of these, and of single photos, no features are kept.
    """

    def __init__(self, catalogue: Catalogue, ranker: Ranker, reading: Reading = "normal") -> None:
        self._catalogue = catalogue
        self._ranker = ranker
        self._enough_px = enough_px(ranker.reader.max_long_side_px, reading)
        self._model = model_id(catalogue, ranker.identity, reading)

    def find(self, photos: Iterable[CataloguePhoto]) -> int | None:
        """Return the id of the ranking of these photos, None if there is none."""
        return self.find_contents(photo.content for photo in photos)

    def find_contents(self, contents: Iterable[bytes]) -> int | None:
        """Return the id of the ranking of photos with these contents, None if there is none."""
        return find_ranking(self._catalogue, contents, self._model)

    def rank(self, group: Iterable[Decoded], *, of: int) -> int | None:
        """Return the id of the ranking of decoded photos, making it if need be.

        Args:
            group: photos whose pixels have been read so; taken one by one if there are too many.
            of: how many they are at most.

        Returns:
            None if there is no photo.
        """
        if of > MOST_IMAGES:
            return self._rank_each(group)
        # Files of equal content are one image.
        images = {one.photo.name: one.pixels for one in group if one.pixels is not None}
        photos = list(images.values())
        if not photos:
            return None
        known = find_ranking(self._catalogue, map(bytes.fromhex, images), self._model)
        if known is not None:
            return known
        if len(photos) == 1:
            (score,) = self._ranker.score_photos(photos)
            return save_score(self._catalogue, score, self._model)
        if self._enough_px is not None:
            photos = at_one_size(photos, self._enough_px)
        judged = self._ranker.judge_photos("group", photos)
        strengths = judged.outputs.scores / self._ranker.temperature
        contents = [bytes.fromhex(photo.name) for photo in photos]
        with self._catalogue.transaction():
            ranking = save_ranking(self._catalogue, judged.series, self._model)
            features = Features(contents, strengths, judged.outputs.features)
            save_features(self._catalogue, ranking, features)
        return ranking

    def _rank_each(self, group: Iterable[Decoded]) -> int | None:
        """Rank photos by the score that each has on its own; few are in memory at a time."""
        scores: dict[str, float] = {}
        digests: dict[str, Photo] = {}
        distinct = (one.pixels for one in group if one.pixels is not None)
        while part := {photo.name: photo for photo in islice(distinct, _AT_ONCE)}:
            scores |= {s.path: s.score for s in self._ranker.score_photos(list(part.values()))}
            digests |= {name: replace(one, pixels=_NO_PIXELS) for name, one in part.items()}
        if not scores:
            return None
        values = list(scores.values())

        def p(first: int, second: int) -> float:
            return self._ranker.p_first(values[first], values[second])

        ranked = self._ranker.ranked("group", [digests[name] for name in scores], values, p, None)
        return save_ranking(self._catalogue, ranked, self._model)
