"""What a look into folders finds, and what it names."""

from __future__ import annotations

from pathlib import Path

from fgaesq.desk.scan import find_photos


def test_a_link_of_a_photos_name_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "b.jpg").symlink_to("a.jpg")
    (tmp_path / "gone.JPG").symlink_to("nowhere")
    (tmp_path / "notes.txt").symlink_to("nowhere")
    found = find_photos([tmp_path])
    assert [photo.main.name for photo in found.photos] == ["a.jpg", "b.jpg"]
    assert found.unseen == ()
    [failure] = found.failures
    assert failure.error == (
        f"{tmp_path.resolve() / 'gone.JPG'}: it is a symbolic link to a file that does not exist; "
        "mend the link"
    )
