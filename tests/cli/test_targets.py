"""Files to write are checked before the work, and never replace a photo."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image as PILImage
from tests.command_line import Call, run
from tests.photos import burst
from tests.unprivileged import open_folder, without_rights

from fgaesq.cli.targets import check_target, picture_bytes, write_file
from fgaesq.errors import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    burst(tmp_path / "beach", ("a.jpg", "b.jpg"))
    return tmp_path / "beach"


def refusal(option: str, target: Path, folder: Path) -> str:
    """Return why a target is refused; the model is not even looked for."""
    call: Call = ("rank", folder)
    if option == "--map":
        call = ("compare", folder / "a.jpg", folder / "b.jpg")
    done = run(*call, "--model", "none/such", option, target, code=1)
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("option", ["--html", "--picture", "--map"])
def test_targets_that_cannot_be_written(option: str, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "none" / "x.png"
    assert refusal(option, target, folder) == (
        f"fgaesq: {target}: there is no folder {target.parent}; make it or choose another place\n"
    )
    (tmp_path / "x.png").mkdir()
    assert refusal(option, tmp_path / "x.png", folder) == (
        f"fgaesq: {tmp_path / 'x.png'}: it is a folder; give the name of a file\n"
    )


@pytest.mark.parametrize("option", ["--html", "--picture", "--map"])
def test_a_photo_is_never_replaced(option: str, folder: Path, tmp_path: Path) -> None:
    photo = folder / "a.jpg"
    before = photo.read_bytes()
    link = tmp_path / "link.jpg"
    link.symlink_to(photo)
    for target in (photo, link):
        assert refusal(option, target, folder) == (
            f"fgaesq: {target}: it is one of the photos; choose another name\n"
        )
    assert photo.read_bytes() == before


@pytest.mark.parametrize("option", ["--picture", "--map"])
def test_endings_that_no_picture_has(option: str, folder: Path, tmp_path: Path) -> None:
    for name in ("x.xyz", "x", "x.gif"):
        assert refusal(option, tmp_path / name, folder) == (
            f"fgaesq: {tmp_path / name}: no picture can have this ending; "
            "use one of .png, .jpg, .jpeg, .webp\n"
        )


def refusal_of_target(target: Path) -> str:
    try:
        check_target(target, [])
    except InputError as error:
        return str(error)
    return ""


def test_closed_folders() -> None:
    with open_folder() as place:
        closed = place / "closed"
        closed.mkdir(mode=0o555)
        assert without_rights(refusal_of_target, closed / "x.html") == (
            f"{closed / 'x.html'}: writing there is not permitted; choose another place"
        )


def test_a_former_result_may_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "x.html"
    target.write_text("old")
    check_target(target, [tmp_path / "gone.jpg"])
    write_file(target, b"new")
    assert target.read_text() == "new"


def test_what_fails_while_writing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_file(tmp_path, b"")
    assert str(caught.value) == (
        f"{tmp_path}: cannot be written (Is a directory); choose another place"
    )


@pytest.mark.parametrize(
    ("name", "form"), [("a.png", "PNG"), ("a.JPG", "JPEG"), ("a.jpeg", "JPEG"), ("a.webp", "WEBP")]
)
def test_the_ending_decides_the_format(name: str, form: str, tmp_path: Path) -> None:
    target = tmp_path / name
    target.write_bytes(picture_bytes(PILImage.new("RGB", (20, 20)), target))
    with PILImage.open(target) as image:
        assert image.format == form
