"""Clips -> frames of each scene, as picture files in the folder of the dataset.

As the series that FGAesthetics took from LSVQ: a few frames of one scene, apart in time, none
blurred (specification of the thresholds: `clips.candidates`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from fgaesq.building.collect.provenance import Tables, licence_of, source_of
from fgaesq.building.collect.records import CollectSettings
from fgaesq.building.files import write_file
from fgaesq.building.records import SourceImage
from fgaesq.capture.reading import read_capture
from fgaesq.clips.candidates import Glance, candidates, scenes
from fgaesq.clips.frames import open_clip
from fgaesq.clips.survey import survey
from fgaesq.clips.writing import encode_cover
from fgaesq.images.names import printable

__all__ = ["FRAMES_FOLDER", "Moment", "scenes_of", "write_frames"]

FRAMES_FOLDER: Final = "frames"
_APART_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame that was chosen: `pts` in units of the stream, `time_s` from the beginning."""

    pts: int
    time_s: float


def scenes_of(path: Path, most: int) -> list[list[Moment]]:
    """Return the frames of each scene of a clip that are worth showing, at most `most`, by time.

    They are at least half a second apart, sharp for their surroundings and no repetitions.

    Raises:
        DecodeError: the clip cannot be read.
        MissingExtraError: the extra `video` is not installed.
    """
    with open_clip(path) as clip:
        divided = scenes(survey(clip))
    return [_apart(candidates(glances, most)) for glances in divided]


def write_frames(
    path: Path,
    digest: str,
    divided: Sequence[Sequence[Moment]],
    folder: Path,
    tables: Tables,
    settings: CollectSettings,
) -> list[list[SourceImage]]:
    """Write the frames of a clip as PNG files; return them as images, by scene.

    A file has its name once it is whole. Frames lie in `frames/<digest of the clip>/`, named by
    their time.

    Args:
        path: of the clip.
        digest: of its file.
        divided: frames of each scene.
        folder: of the dataset.
        tables: what is known of the clip.
        settings: source and licence.

    Raises:
        DecodeError: the clip cannot be read again.
        InputError: a frame cannot be written.
    """
    capture = read_capture(path)
    started = capture.taken if capture.time_source == "container" else None
    found: list[list[SourceImage]] = []
    with open_clip(path) as clip:
        for scene, moments in enumerate(divided, 1):
            found.append([])
            frames = clip.at([one.pts for one in moments])
            for frame, moment in zip(frames, moments, strict=True):
                name = Path(FRAMES_FOLDER) / digest[:16] / f"{moment.time_s:09.3f}s.png"
                pixels = clip.pixels(frame)
                content = encode_cover(
                    pixels, ".png", clip=path.name, time_s=moment.time_s, started=started
                )
                write_file(folder / name, content)
                image = SourceImage(
                    folder / name,
                    hashlib.sha256(content).hexdigest(),
                    pixels.shape[0],
                    pixels.shape[1],
                    source=source_of(path, tables, settings),
                    licence=licence_of(path, tables, settings),
                    taken=_taken(started, moment),
                    origin={
                        "clip": printable(path),
                        "clip_digest": digest,
                        "scene": str(scene),
                        "time_s": f"{moment.time_s:.3f}",
                        "frame": name.as_posix(),
                    },
                )
                found[-1].append(image)
    return found


def _taken(started: datetime | None, moment: Moment) -> str:
    return (started + timedelta(seconds=moment.time_s)).isoformat() if started else ""


def _apart(glances: Sequence[Glance]) -> list[Moment]:
    """Return the sharpest frames that are apart from each other, by time."""
    kept: list[Glance] = []
    for one in sorted(glances, key=lambda glance: (-glance.sharpness, glance.pts)):
        if all(abs(one.time_s - other.time_s) >= _APART_S for other in kept):
            kept.append(one)
    return [Moment(one.pts, one.time_s) for one in sorted(kept, key=lambda glance: glance.pts)]
