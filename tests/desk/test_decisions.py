"""What is written into sidecars, and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk.shoots import photo, tree
from tests.sidecars.documents import SAMPLES, Pieces, documents

from fgaesq.desk.decisions import (
    Overwrite,
    Plan,
    apply_changes,
    look,
    plan,
    undo,
    wanted_marks,
)
from fgaesq.desk.desk import Applied
from fgaesq.desk.journal import FileJournal, written_marks
from fgaesq.desk.records import DeskPhoto, Mark
from fgaesq.errors import SidecarError
from fgaesq.sidecars.marks import Marks
from fgaesq.sidecars.xmp import merge, read_marks


def applied(journal: FileJournal, *photos: DeskPhoto, overwrite: Overwrite = "never") -> Applied:
    """Apply the decisions on photos, with what the journal says was written before."""
    found = look(photos)
    previous = written_marks(journal.changes(), found.contents)
    return apply_changes(plan(photos, found, previous=previous, overwrite=overwrite), journal)


@pytest.fixture
def journal(tmp_path: Path) -> FileJournal:
    return FileJournal(tmp_path / "home" / "journal.jsonl")


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    folder = tmp_path / "shoot"
    folder.mkdir()
    return folder


def test_stars_and_rejects_reach_new_sidecars(shoot: Path, journal: FileJournal) -> None:
    keeper = photo(shoot / "a.jpg", "keep", 4)
    reject = photo(shoot / "b.cr2", "reject")
    done = applied(journal, keeper, reject)
    assert read_marks((shoot / "a.jpg.xmp").read_bytes()) == Marks(rating=4)
    assert read_marks((shoot / "b.xmp").read_bytes()) == Marks(rating=-1, flag=-1)
    assert done == Applied(
        ("a.jpg.xmp: rating none -> 4", "b.xmp: rating none -> -1, flag none -> -1"), 2, 0, ()
    )


def test_a_dry_run_says_the_same_and_writes_nothing(shoot: Path, journal: FileJournal) -> None:
    photos = [photo(shoot / "a.jpg", "keep", 4), photo(shoot / "b.cr2", "reject")]
    before = tree(shoot)
    planned = plan(photos, look(photos))
    dry = apply_changes(planned, journal, dry_run=True)
    assert tree(shoot) == before
    assert not journal.path.exists()
    assert dry == apply_changes(planned, journal)


def test_the_marks_of_the_person_come_before_proposals(shoot: Path, journal: FileJournal) -> None:
    mark = Mark(verb="keep", stars=2, label="Red")
    applied(journal, photo(shoot / "a.jpg", "reject", 0, mark=mark))
    assert read_marks((shoot / "a.jpg.xmp").read_bytes()) == Marks(rating=2, label="Red")


@pytest.mark.parametrize("failure", ["", "a.jpg: it is broken"])
def test_what_is_undecided_or_failed_gets_no_sidecar(
    shoot: Path, journal: FileJournal, failure: str
) -> None:
    stars = 5 if failure else 0
    done = applied(journal, photo(shoot / "a.jpg", "undecided", stars, failure=failure))
    assert done == Applied((), 0, 0, ())
    assert list(tree(shoot)) == ["a.jpg"]


def test_a_pair_of_raw_and_jpeg_has_the_sidecar_of_the_raw(
    shoot: Path, journal: FileJournal
) -> None:
    applied(journal, photo(shoot / "a.jpg", "keep", 4, files=[("raw", shoot / "a.nef")]))
    assert sorted(tree(shoot)) == ["a.jpg", "a.nef", "a.xmp"]


def test_all_sidecars_of_a_photo_are_written(shoot: Path, journal: FileJournal) -> None:
    for name in ("a.xmp", "a.nef.xmp", "a.jpg.xmp"):
        (shoot / name).write_bytes(SAMPLES["digikam"])
    applied(journal, photo(shoot / "a.jpg", "keep", 4, files=[("raw", shoot / "a.nef")]))
    for name in ("a.xmp", "a.nef.xmp", "a.jpg.xmp"):
        assert read_marks((shoot / name).read_bytes()).rating == 4


def test_the_users_rating_in_one_of_several_sidecars_stands_for_all(
    shoot: Path, journal: FileJournal
) -> None:
    (shoot / "a.xmp").write_bytes(SAMPLES["digikam"])
    (shoot / "a.nef.xmp").write_bytes(SAMPLES["darktable"])
    before = tree(shoot)
    done = applied(journal, photo(shoot / "a.nef", "keep", 4))
    assert {name: data for name, data in tree(shoot).items() if name in before} == before
    assert done.lines == ("a.nef.xmp: rating 1 kept, rating 4 not written",)


def test_the_users_rating_is_overwritten_only_on_demand(shoot: Path, journal: FileJournal) -> None:
    sidecar = shoot / "a.nef.xmp"
    sidecar.write_bytes(SAMPLES["darktable"])
    proposed = photo(shoot / "a.nef", "keep", 4)
    marked = photo(shoot / "a.nef", "keep", 4, mark=Mark(stars=3))
    for one, overwrite, rating in [
        (proposed, "never", 1),
        (marked, "never", 1),
        (proposed, "marked", 1),
        (marked, "marked", 3),
    ]:
        applied(journal, one, overwrite=overwrite)  # type: ignore[arg-type]
        assert read_marks(sidecar.read_bytes()).rating == rating


def test_another_decision_changes_what_we_wrote(shoot: Path, journal: FileJournal) -> None:
    path, sidecar = shoot / "a.jpg", shoot / "a.jpg.xmp"
    applied(journal, photo(path, "reject", mark=Mark(label="Red")))
    applied(journal, photo(path, "keep", 5))
    assert read_marks(sidecar.read_bytes()) == Marks(rating=5, flag=0)
    applied(journal, photo(path, "undecided"))
    assert read_marks(sidecar.read_bytes()) == Marks(rating=0, flag=0)


def test_applying_twice_writes_once(shoot: Path, journal: FileJournal) -> None:
    one = photo(shoot / "a.jpg", "keep", 5)
    assert applied(journal, one).written == 1
    assert applied(journal, one) == Applied((), 0, 0, ())


def test_a_sidecar_that_cannot_be_read_is_named_and_the_rest_goes_on(
    shoot: Path, journal: FileJournal
) -> None:
    (shoot / "a.jpg.xmp").write_bytes(b"<x>")
    photos = [photo(shoot / "a.jpg", "keep", 4), photo(shoot / "b.jpg", "keep", 4)]
    done = applied(journal, *photos)
    assert done.lines == ("b.jpg.xmp: rating none -> 4",)
    assert done.failures == (
        f"{shoot / 'a.jpg.xmp'}: it is not well-formed XML (no element found, line 1); mend it, "
        "or save it anew in the program that wrote it",
    )


def test_a_sidecar_that_changed_since_the_plan_is_left(shoot: Path, journal: FileJournal) -> None:
    one = photo(shoot / "a.jpg", "keep", 4)
    planned = plan([one], look([one]))
    (shoot / "a.jpg.xmp").write_bytes(SAMPLES["apple"])
    done = apply_changes(planned, journal)
    assert (done.written, done.failures) == (
        0,
        (f"{shoot / 'a.jpg.xmp'}: another program changed it meanwhile; apply again",),
    )
    assert not journal.path.exists()


def test_a_card_that_vanished_is_told_once_per_file(
    tmp_path: Path, shoot: Path, journal: FileJournal
) -> None:
    one = photo(shoot / "a.jpg", "keep", 4)
    planned = plan([one], look([one]))
    shoot.rename(tmp_path / "gone")
    done = apply_changes(planned, journal)
    assert done.failures == (
        f"{shoot / 'a.jpg.xmp'}: it cannot be read: its folder or disk is gone; connect it again "
        "and try again",
    )


def test_nothing_is_written_without_the_journal(tmp_path: Path, shoot: Path) -> None:
    (tmp_path / "file").touch()
    one = photo(shoot / "a.jpg", "keep", 4)
    with pytest.raises(SidecarError, match=r"journal\.jsonl: it cannot be written"):
        apply_changes(plan([one], look([one])), FileJournal(tmp_path / "file" / "journal.jsonl"))
    assert list(tree(shoot)) == ["a.jpg"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), st.integers(0, 5), st.booleans())
def test_undo_gives_the_very_bytes_back(pieces: Pieces, stars: int, rejects: bool) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        shoot, journal = Path(name) / "shoot", FileJournal(Path(name) / "journal.jsonl")
        shoot.mkdir()
        (shoot / "a.cr2.xmp").write_bytes(pieces.data)
        photos = [
            photo(shoot / "a.cr2", "reject" if rejects else "keep", stars),
            photo(shoot / "b.cr2", "keep", 5),
        ]
        before = tree(shoot)
        done = applied(journal, *photos, overwrite="always")
        assert undo(journal).written == done.written
        assert tree(shoot) == before


def test_undo_says_what_it_did_and_does_it_once(shoot: Path, journal: FileJournal) -> None:
    (shoot / "a.nef.xmp").write_bytes(SAMPLES["digikam"])
    before = (shoot / "a.nef.xmp").read_bytes()
    photos = [photo(shoot / "a.nef", "keep", 4), photo(shoot / "b.nef", "keep", 4)]
    applied(journal, *photos)
    lines = ("b.xmp: removed, as it was new", "a.nef.xmp: as before")
    assert undo(journal, dry_run=True).lines == lines
    assert (shoot / "b.xmp").exists()
    assert undo(journal) == Applied(lines, 2, 0, ())
    assert undo(journal) == Applied((), 0, 0, ())
    assert (shoot / "a.nef.xmp").read_bytes() == before


def test_undo_leaves_what_changed_since(shoot: Path, journal: FileJournal) -> None:
    applied(journal, photo(shoot / "a.jpg", "keep", 4), photo(shoot / "b.jpg", "keep", 4))
    sidecar = shoot / "a.jpg.xmp"
    sidecar.write_bytes(merge(sidecar.read_bytes(), Marks(rating=1), overwrite=True).data)
    done = undo(journal)
    assert done.failures == (f"{sidecar}: it was changed since and is left as it is",)
    assert read_marks(sidecar.read_bytes()).rating == 1
    assert not (shoot / "b.jpg.xmp").exists()


def test_what_was_undone_counts_as_never_written(shoot: Path, journal: FileJournal) -> None:
    one = photo(shoot / "a.jpg", "keep", 4)
    applied(journal, one)
    undo(journal)
    assert written_marks(journal.changes(), look([one]).contents) == {}
    assert applied(journal, one).written == 1


def test_other_wishes_for_sidecars_may_be_given(shoot: Path, journal: FileJournal) -> None:
    def with_keyword(one: DeskPhoto, previous: Marks) -> Marks:
        marks = wanted_marks(one, previous)
        return Marks(marks.rating, marks.flag, marks.label, keywords=("culled",))

    one = photo(shoot / "a.jpg", "keep", 4)
    planned = plan([one], look([one]), wanted=with_keyword)
    assert isinstance(planned, Plan)
    apply_changes(planned, journal)
    assert read_marks((shoot / "a.jpg.xmp").read_bytes()).keywords == ("culled",)


def test_two_photos_of_one_name_have_each_their_own(shoot: Path, journal: FileJournal) -> None:
    photos = [photo(shoot / "a.cr2", "keep", 4), photo(shoot / "a.png", "reject", number=2)]
    applied(journal, *photos)
    assert read_marks((shoot / "a.xmp").read_bytes()).rating == 4
    assert read_marks((shoot / "a.png.xmp").read_bytes()).rating == -1
