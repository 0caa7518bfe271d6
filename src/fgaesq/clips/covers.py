"""The best frames of a clip: candidates of each scene ranked by the model, then scene by scene."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from fgaesq.clips.candidates import Glance, candidates, scenes
from fgaesq.clips.frames import Clip, open_clip
from fgaesq.clips.survey import survey
from fgaesq.errors import DecodeError, InputError
from fgaesq.images.names import printable
from fgaesq.ranking.ranker import Ranker
from fgaesq.types import Image

__all__ = ["Cover", "Covers", "cover_pixels", "find_covers"]

_MOST_CANDIDATES = 60
_MOST_OF_A_SCENE = 12
_MOST_SCENES = 60


@dataclass(frozen=True, slots=True)
class Cover:
    """A frame that stands for its clip.

    Attributes:
        pts: its time in units of the stream, by which it is found again.
        time_s: its time in seconds from the beginning.
        scene: the number of its scene, from 1.
        score: 1 to 10, of the frame on its own.
        p_best: probability that it is the best candidate of its scene.
    """

    pts: int
    time_s: float
    scene: int
    score: float
    p_best: float


@dataclass(frozen=True, slots=True)
class Covers:
    """The best frames of one clip, best first.

    Attributes:
        path: of the clip, printable.
        duration_s: of the clip.
        n_scenes: how many scenes were told apart.
        n_candidates: how many frames the model ranked.
        covers: the frames: the best of each scene before the second best of any.
    """

    path: str
    duration_s: float
    n_scenes: int
    n_candidates: int
    covers: tuple[Cover, ...]


def find_covers(
    path: str | os.PathLike[str],
    ranker: Ranker,
    *,
    count: int = 1,
    on_scene: Callable[[], None] | None = None,
) -> Covers:
    """Return the best frames of a clip, or of the clip in a Motion Photo.

    The candidates of a scene are ranked as a series; the best of several scenes are compared by
    their scores on their own, as frames of different scenes are no series. Fewer than `count` come
    back if fewer are worth showing.

    Args:
        path: of the clip.
        ranker: the model.
        count: how many frames are wanted.
        on_scene: called once for every scene that is done.

    Raises:
        DecodeError: the clip cannot be read.
        InputError: `count` is below one, or the ranker reproduces released behaviour, which knows
            no series.
        MissingExtraError: the extra `video` is not installed.
    """
    if count < 1:
        raise InputError(f"count is {count}; ask for at least one frame")
    if ranker.reader.as_released:
        raise InputError("clips are ranked as series; leave out the reference tokenizer")
    with open_clip(path) as clip:
        divided = scenes(survey(clip))
        numbered = sorted(enumerate(divided, 1), key=lambda one: (-len(one[1]), one[0]))
        numbered = sorted(numbered[:_MOST_SCENES])
        most = min(max(_MOST_CANDIDATES // len(numbered), 1), _MOST_OF_A_SCENE)
        rounds: list[list[Cover]] = []
        n_candidates = 0
        for number, glances in numbered:
            chosen = candidates(glances, most)
            n_candidates += len(chosen)
            for place, cover in enumerate(_ranked(clip, ranker, number, chosen)[:count]):
                rounds += [[]] if place == len(rounds) else []
                rounds[place].append(cover)
            if on_scene:
                on_scene()
        covers = _scored(clip, ranker, rounds, count)
        duration_s = clip.duration_s
    return Covers(printable(path), duration_s, len(divided), n_candidates, covers)


def cover_pixels(path: str | os.PathLike[str], covers: Sequence[Cover]) -> Iterator[Image]:
    """Yield the frames at full size, upright RGB (H, W, 3) uint8, in the order given.

    Raises:
        DecodeError: the clip cannot be read again.
    """
    with open_clip(path) as clip:
        for cover in covers:
            for frame in clip.at([cover.pts]):
                yield clip.pixels(frame)


def _ranked(clip: Clip, ranker: Ranker, scene: int, glances: Sequence[Glance]) -> list[Cover]:
    """Return the candidates of a scene in the order of the model, not yet scored."""
    limit = ranker.reader.max_long_side_px
    images = [
        clip.pixels(frame, max_long_side_px=limit) for frame in clip.at([g.pts for g in glances])
    ]
    ranking = ranker.rank(images)
    if not ranking.series:
        raise DecodeError(f"{clip.name}: {ranking.failures[0].error}")
    by_name = {f"image-{position}": glance for position, glance in enumerate(glances, 1)}
    covers = []
    for image in ranking.series[0].images:
        glance = by_name[image.path]
        covers.append(Cover(glance.pts, glance.time_s, scene, image.score, image.p_best))
    return covers


def _scored(
    clip: Clip, ranker: Ranker, rounds: Sequence[Sequence[Cover]], count: int
) -> tuple[Cover, ...]:
    """Score the frames each on its own; order each round by that, until `count` are found."""
    limit = ranker.reader.max_long_side_px
    found: list[Cover] = []
    for covers in rounds:
        if len(found) >= count:
            break
        by_time = sorted(covers, key=lambda cover: cover.pts)
        frames = clip.at([cover.pts for cover in by_time])
        images = [clip.pixels(frame, max_long_side_px=limit) for frame in frames]
        scores = ranker.score(images).images
        scored = [
            replace(cover, score=score.score) for cover, score in zip(by_time, scores, strict=True)
        ]
        found += sorted(scored, key=lambda cover: (-cover.score, cover.pts))
    return tuple(found[:count])
