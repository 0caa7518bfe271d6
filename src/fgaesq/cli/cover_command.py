"""`fgaesq cover`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from fgaesq.capture.reading import read_capture
from fgaesq.cli.options import finish, loaded, model_options
from fgaesq.cli.progress import Progress
from fgaesq.cli.targets import check_target, write_file
from fgaesq.clips.covers import Covers, cover_pixels, find_covers
from fgaesq.clips.writing import COVER_EXTENSIONS, cover_name, encode_cover
from fgaesq.errors import FgaError, InputError
from fgaesq.images import printable
from fgaesq.report.formats import to_json
from fgaesq.report.words import counted, percent
from fgaesq.types import Failure, ModelIdentity

__all__ = ["command"]


@click.command(
    "cover",
    help="""Pick the best frame of each CLIP (MP4, MOV, Live Photo, Motion Photo).

Blurred and repeated frames are left out; scenes are told apart. With --out the frames are
written at full size and without loss, as PNG files that name their clip and time. Needs the
video extra.""",
)
@click.argument("clips", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR|FILE",
    help="Where to write the frames; a FILE (.png, or .jpg with loss) for one frame of one clip.",
)
@click.option(
    "--count",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    metavar="N",
    help="Frames of each clip: the best of each scene first.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="Of the result.",
)
@model_options
def command(
    clips: tuple[Path, ...],
    out: Path | None,
    count: int,
    form: str,
    **model: Any,  # noqa: ANN401 - the options of model_options, checked by `loaded`
) -> None:
    """Find the covers of each clip, write them, print."""
    _check_out(out, clips, count)
    ranker = loaded(**model)
    found: list[tuple[Covers, list[Path]]] = []
    failures: list[Failure] = []
    with Progress("looking at clips", len(clips)) as progress:
        for clip in clips:
            try:
                covers = find_covers(clip, ranker, count=count)
                taken = {path for _, paths in found for path in paths}
                found.append((covers, _written(clip, covers, out, taken) if out else []))
            except FgaError as error:
                failures.append(Failure(printable(clip), "decode", str(error)))
            progress.advance()
    if form == "json":
        text = to_json(_data(ranker.identity, found, failures))
    else:
        text = "".join(line + "\n" for line in _lines(found))
    finish(text, failures, found)


def _check_out(out: Path | None, clips: Sequence[Path], count: int) -> None:
    if out is None or not _is_file(out):
        return
    if len(clips) > 1 or count > 1:
        raise InputError(f"{out}: it is one file; give a folder for several frames")
    check_target(out, clips)


def _is_file(out: Path) -> bool:
    return out.suffix.lower() in COVER_EXTENSIONS and not out.is_dir()


def _written(clip: Path, covers: Covers, out: Path, taken: set[Path]) -> list[Path]:
    """Write the frames of a clip and return their files, in the order of the covers."""
    capture = read_capture(clip)
    started = capture.taken if capture.time_source == "container" else None
    if _is_file(out):
        targets = [out]
    else:
        targets = [out / cover_name(clip, cover.time_s) for cover in covers.covers]
        _make_folder(out)
    if clash := taken.intersection(targets):
        raise InputError(
            f"{printable(clip)}: {printable(min(clash))} is of another clip of this name; "
            "write the two to separate folders"
        )
    pixels = cover_pixels(clip, covers.covers)
    for target, cover, image in zip(targets, covers.covers, pixels, strict=False):
        content = encode_cover(
            image,
            target.suffix.lower(),
            clip=printable(clip.name),
            time_s=cover.time_s,
            started=started,
        )
        write_file(target, content)
    return targets


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{out}: the folder cannot be made ({error.strerror}); choose another place"
        ) from None


def _data(
    model: ModelIdentity,
    found: Sequence[tuple[Covers, list[Path]]],
    failures: Sequence[Failure],
) -> dict[str, Any]:
    clips = []
    for one, paths in found:
        covers = [
            {
                "rank": rank,
                "time_s": round(cover.time_s, 6),
                "scene": cover.scene,
                "score": round(cover.score, 6),
                "p_best": round(cover.p_best, 6),
                **({"file": os.fspath(paths[rank - 1])} if paths else {}),
            }
            for rank, cover in enumerate(one.covers, 1)
        ]
        known = {"path": one.path, "duration_s": round(one.duration_s, 6)}
        counts = {"scenes": one.n_scenes, "candidates": one.n_candidates}
        clips.append({**known, **counts, "covers": covers})
    return {"model": asdict(model), "clips": clips, "failures": [asdict(one) for one in failures]}


def _lines(found: Sequence[tuple[Covers, list[Path]]]) -> list[str]:
    lines = []
    for one, paths in found:
        lines.append(f"{one.path}  {one.duration_s:.1f} s, {counted(one.n_scenes, 'scene')}")
        for place, cover in enumerate(one.covers):
            line = (
                f"  {place + 1}  at {cover.time_s:.3f} s  scene {cover.scene}  "
                f"score {cover.score:.2f}  P(best of its scene) {percent(cover.p_best)}"
            )
            lines.append(line + (f"  {printable(paths[place])}" if paths else ""))
    return lines
