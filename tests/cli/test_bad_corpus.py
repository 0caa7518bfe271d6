"""A folder such as people have: good files of all sorts, and among them all that can break."""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.command_line import run, spawn
from tests.images.corpus import encode, png, png_of, write
from tests.photos import burst_image, write_jpeg

COPY_AGAIN = "copy it again from the camera or card"


@dataclass(frozen=True)
class Corpus:
    """A folder, the names of its good files, and of the others with why they are refused."""

    folder: Path
    good: frozenset[str]
    bad: dict[str, str]


def write_good(folder: Path) -> list[str]:
    picture = PILImage.fromarray(burst_image(0))
    files = {
        "plain.jpg": encode(picture, "JPEG", quality=90),
        "cmyk.jpg": encode(picture.convert("CMYK"), "JPEG", quality=90),
        "grey16.png": png(np.arange(200 * 300, dtype=">u2").reshape(200, 300), bits=16, colour=0),
        "panorama.jpg": encode(burst_image(1, height=60, width=1200), "JPEG"),
        "animated.gif": encode(
            picture.convert("P"), "GIF", save_all=True, append_images=[picture.convert("L")]
        ),
        "no extension in content.png": encode(picture, "JPEG"),
        "emoji \U0001f4f7.webp": encode(picture, "WebP"),
        os.fsdecode(b"caf\xe9.jpg"): encode(picture, "JPEG", quality=80),
    }
    for name, content in files.items():
        write(folder / name, content)
    return [name.replace("\udce9", "\\xe9") for name in files]


def write_bad(folder: Path) -> dict[str, str]:
    good = encode(burst_image(0), "JPEG")
    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    write(folder / "empty.jpg", b"")
    write(folder / "truncated.jpg", good[: len(good) // 2])
    write(folder / "text.jpg", b"Dear diary, this is not a photo.\n" * 9)
    write(folder / "dot.png", encode(np.zeros((1, 1, 3), np.uint8), "PNG"))
    write(folder / "bomb.png", png_of([(b"IHDR", header), (b"IDAT", b""), (b"IEND", b"")]))
    (folder / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    write(folder / "raw.NEF", b"MM\0*" + bytes(40))
    os.mkfifo(folder / "pipe.jpg")
    return {
        "empty.jpg": f"the file is empty; {COPY_AGAIN}",
        "truncated.jpg": f"the JPEG file is cut short; {COPY_AGAIN}",
        "text.jpg": "",
        "dot.png": "it is 1x1 px, smaller than one 16 px patch; use the original photo",
        "bomb.png": (
            "it declares 30000x30000 px, over the limit of 500,000,000 pixels; reduce it first"
        ),
        "gone.jpg": "it is a symbolic link to a file that does not exist; mend the link",
        "loop.jpg": "it is a symbolic link that leads back to itself; mend the link",
        "raw.NEF": "",
        "pipe.jpg": "it is a pipe, not a file; save the photo to a file first",
    }


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    folder = tmp_path / "holiday"
    folder.mkdir()
    good = write_good(folder)
    bad = write_bad(folder)
    if os.geteuid() != 0:  # root may read everything
        write_jpeg(folder / "secret.jpg", burst_image(0)).chmod(0)
        bad["secret.jpg"] = "reading it is not permitted; change its permissions"
    return Corpus(folder, frozenset(good), bad)


def check_failures(corpus: Corpus, failures: list[dict[str, str]], stderr: str) -> None:
    """Check that each bad file is named once in the result and once on stderr, with its reason."""
    assert sorted(f["path"] for f in failures) == sorted(
        str(corpus.folder / name) for name in corpus.bad
    )
    errors = {Path(failure["path"]).name: failure["error"] for failure in failures}
    for name, reason in corpus.bad.items():
        assert errors[name].startswith(f"{corpus.folder / name}: {reason}")
        assert errors[name].count("; ") >= 1
        assert "\n" not in errors[name]
    assert sorted(stderr.splitlines()) == sorted(errors.values())


def test_good_files_are_ranked_and_each_bad_one_is_named_once(
    corpus: Corpus, tiny_model: Path
) -> None:
    done = spawn("rank", corpus.folder, "--model", tiny_model, "--format", "json")
    assert done.returncode == 3
    result = json.loads(done.stdout.decode("utf-8"))
    (series,) = result["series"]
    assert {Path(image["path"]).name for image in series["images"]} == corpus.good
    assert sum(image["p_best"] for image in series["images"]) == pytest.approx(1, abs=1e-5)
    check_failures(corpus, result["failures"], done.stderr.decode("utf-8"))


def test_good_files_are_scored_and_each_bad_one_is_named_once(
    corpus: Corpus, tiny_model: Path
) -> None:
    done = run("score", corpus.folder, "--model", tiny_model, "--format", "json", code=3)
    result = json.loads(done.stdout)
    assert {Path(image["path"]).name for image in result["images"]} == corpus.good
    check_failures(corpus, result["failures"], done.stderr)


@pytest.mark.parametrize("form", ["table", "csv", "ndjson"])
@pytest.mark.parametrize("command", ["rank", "score"])
def test_every_format_survives(corpus: Corpus, tiny_model: Path, command: str, form: str) -> None:
    done = run(command, corpus.folder, "--model", tiny_model, "--format", form, code=3)
    for name in corpus.good:
        assert (name if form != "ndjson" else name.replace("\\", "\\\\")) in done.stdout
    assert len(done.stderr.splitlines()) == len(corpus.bad)
    on_stdout = [name for name in corpus.bad if name in done.stdout]
    assert sorted(on_stdout) == (sorted(corpus.bad) if form == "ndjson" else [])


def test_page_and_picture_survive(corpus: Corpus, tiny_model: Path, tmp_path: Path) -> None:
    page, picture = tmp_path / "page.html", tmp_path / "picture.png"
    call = ("rank", corpus.folder, "--model", tiny_model)
    run(*call, "--html", page, "--picture", picture, code=3)
    html = page.read_text(encoding="utf-8")
    assert html.count("data:image/jpeg;base64,") == len(corpus.good)
    with PILImage.open(picture) as image:
        assert image.format == "PNG"


def test_nothing_but_bad_files_is_a_failure(tmp_path: Path, tiny_model: Path) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    bad = write_bad(folder)
    for command, key in (("rank", "series"), ("score", "images")):
        done = run(command, folder, "--model", tiny_model, "--format", "json", code=1)
        assert json.loads(done.stdout)[key] == []
        assert len(done.stderr.splitlines()) == len(bad)


def test_released_tokenizer_survives(corpus: Corpus, tiny_model: Path) -> None:
    arguments = ("--model", tiny_model, "--tokenizer", "reference", "--format", "json")
    result = json.loads(run("score", corpus.folder, *arguments, code=3).stdout)
    assert {Path(image["path"]).name for image in result["images"]} == corpus.good
    result = json.loads(run("rank", corpus.folder, *arguments, code=1).stdout)
    assert result["series"] == []
    assert len(result["failures"]) == len(corpus.bad) + len(corpus.good)
