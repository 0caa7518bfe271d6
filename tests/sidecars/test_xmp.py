"""Reading marks from sidecars of many programs, and merging marks into them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sidecars.documents import DC, RDF, SAMPLES, XMP, Pieces, document, documents, words

from fgaesq.errors import InputError, SidecarError
from fgaesq.sidecars.document import MOST_BYTES
from fgaesq.sidecars.marks import Marks
from fgaesq.sidecars.xmp import merge, read_marks

OURS = (b"Rating", b"Label", b"PickLabel", b"pick", b"xmlns:", b"subject", b"rdf:Bag", b"rdf:li")
"""What a line of a sample must have to be one that a merge may change."""

marks = st.builds(
    Marks,
    rating=st.none() | st.integers(-1, 5),
    flag=st.none() | st.integers(-1, 1),
    label=st.none() | words.map(str.strip),
    keywords=st.lists(words.map(str.strip).filter(bool), max_size=3, unique=True).map(tuple),
)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (
            "darktable",
            Marks(
                rating=1,
                keywords=("darktable", "Alps"),
                hierarchy=("darktable|exported", "places|Alps"),
            ),
        ),
        (
            "digikam",
            Marks(
                rating=0,
                flag=0,
                keywords=("Zürich", "Zoë"),
                hierarchy=("Places|Zürich", "People|Zoë"),
            ),
        ),
        ("lightroom", Marks(label="Green")),
        ("capture_one", Marks(rating=0)),
        ("apple", Marks(keywords=("Lake",))),
        ("exiftool", Marks(label="Blue", keywords=("one", "two"))),
    ],
)
def test_marks_are_read_as_each_program_writes_them(program: str, expected: Marks) -> None:
    assert read_marks(SAMPLES[program]) == expected


@pytest.mark.parametrize(
    ("attributes", "inside", "expected"),
    [
        (' xmp:Rating="-1"', "", Marks(rating=-1)),
        ("", "<xmp:Rating> 3 </xmp:Rating>", Marks(rating=3)),
        (' xmp:Rating="4.0"', "", Marks(rating=4)),
        (' xmp:Rating="9"', "", Marks()),
        (' xmp:Rating="many"', "", Marks()),
        (' xmlns:d="http://www.digikam.org/ns/1.0/" d:PickLabel="1"', "", Marks(flag=-1)),
        (' xmlns:d="http://www.digikam.org/ns/1.0/" d:PickLabel="3"', "", Marks(flag=1)),
        (' xmlns:p="http://ns.adobe.com/xmp/1.0/DynamicMedia/" p:pick="-1"', "", Marks(flag=-1)),
        (' xmlns:m="http://ns.microsoft.com/photo/1.0/" m:Rating="75"', "", Marks(rating=4)),
        (
            ' xmlns:m="http://ns.microsoft.com/photo/1.0/" m:Rating="75" xmp:Rating="2"',
            "",
            Marks(rating=2),
        ),
        (' xmlns:n="urn:n" n:Rating="4"', "", Marks()),
        ("", "<dc:subject>one</dc:subject>", Marks()),
    ],
)
def test_a_field_is_read(attributes: str, inside: str, expected: Marks) -> None:
    assert read_marks(document(inside, attributes)) == expected


@pytest.mark.parametrize(("value", "stars"), [(1, 1), (25, 2), (50, 3), (75, 4), (99, 5)])
def test_ratings_of_microsoft_are_percents(value: int, stars: int) -> None:
    data = document("", f' xmlns:m="http://ns.microsoft.com/photo/1.0/" m:Rating="{value}"')
    assert read_marks(data).stars == stars


@pytest.mark.parametrize("program", sorted(SAMPLES))
def test_a_merge_changes_only_lines_of_our_fields(program: str) -> None:
    before = SAMPLES[program]
    wanted = Marks(rating=5, flag=1, label="Red", keywords=("new & <ß>",), hierarchy=("a|b",))
    merged = merge(before, wanted, overwrite=True)
    after = merged.data.splitlines(keepends=True)
    position = 0
    for line in before.splitlines(keepends=True):
        kept = line.rstrip().removesuffix(b">").removesuffix(b"/")  # an attribute may come behind
        same = [at for at in range(position, len(after)) if after[at].startswith(kept)]
        if same:
            position = same[0] + 1
        else:
            assert any(field in line for field in OURS), line
    told = read_marks(merged.data)
    assert (told.rating, told.flag, told.label) == (5, 1, "Red")
    assert told.keywords == (*read_marks(before).keywords, "new & <ß>")
    ElementTree.fromstring(merged.data)  # noqa: S314 - our own document


def test_the_history_of_darktable_stays_to_the_byte() -> None:
    before = SAMPLES["darktable"]
    after = merge(before, Marks(rating=4), overwrite=True).data
    assert after == before.replace(b'xmp:Rating="1"', b'xmp:Rating="4"')


def test_an_empty_element_of_capture_one_is_filled_in_its_form() -> None:
    merged = merge(SAMPLES["capture_one"], Marks(rating=3, label="Red", keywords=("one",)))
    expected = SAMPLES["capture_one"].replace(b">0</xmp:R", b">3</xmp:R")
    expected = expected.replace(b"<xmp:Label/>", b"<xmp:Label>Red</xmp:Label>")
    expected = expected.replace(
        b"<rdf:Bag/>",
        b"<rdf:Bag>\n             <rdf:li>one</rdf:li>\n            </rdf:Bag>",
    )
    assert merged.data == expected


def test_exiftools_elements_and_quotes_are_followed() -> None:
    merged = merge(SAMPLES["exiftool"], Marks(rating=3))
    label = b"  <xmp:Label>Blue</xmp:Label>\n"
    assert merged.data == SAMPLES["exiftool"].replace(
        label, label + b"  <xmp:Rating>3</xmp:Rating>\n"
    )


def test_a_prefix_that_means_something_else_is_not_used() -> None:
    before = document("", "").replace(XMP.encode(), b"urn:other")
    after = merge(before, Marks(rating=2)).data
    assert f'xmlns:xmp1="{XMP}" xmp1:Rating="2"'.encode() in after


def test_a_prefix_of_the_document_is_used() -> None:
    before = document("", "").replace(b"xmlns:xmp", b"xmlns:xap")
    assert b' xap:Rating="2"' in merge(before, Marks(rating=2)).data


def test_a_namespace_that_is_the_default_one_gets_a_prefix_for_an_attribute() -> None:
    before = document("", "").replace(b"xmlns:xmp", b"xmlns")
    assert read_marks(merge(before, Marks(rating=2)).data).rating == 2


def test_a_document_without_a_description_gets_one() -> None:
    before = f'<rdf:RDF xmlns:rdf="{RDF}"/>'.encode()
    after = merge(before, Marks(rating=2, keywords=("one",))).data
    assert read_marks(after) == Marks(rating=2, keywords=("one",))


def test_a_description_that_is_one_empty_tag_is_opened_for_a_list() -> None:
    before = (
        f'<rdf:RDF xmlns:rdf="{RDF}">\r\n <rdf:Description rdf:about=""/>\r\n</rdf:RDF>'
    ).encode()
    after = merge(before, Marks(keywords=("one",))).data
    assert after.decode() == (
        f'<rdf:RDF xmlns:rdf="{RDF}">\r\n'
        f' <rdf:Description rdf:about="" xmlns:dc="{DC}">\r\n'
        "  <dc:subject>\r\n   <rdf:Bag>\r\n    <rdf:li>one</rdf:li>\r\n   </rdf:Bag>\r\n"
        "  </dc:subject>\r\n </rdf:Description>\r\n</rdf:RDF>"
    )


@pytest.mark.parametrize("attributes", [' xmp:Rating="3"', ' xmp:Rating="-1"'])
def test_a_rating_of_the_user_stays_and_is_told(attributes: str) -> None:
    before = document("", attributes)
    merged = merge(before, Marks(rating=5, flag=0))
    assert merged.data == before
    assert merged.kept == {"rating": f"rating {attributes[13:-1]} kept, rating 5 not written"}


def test_a_label_of_the_user_stays_and_is_told() -> None:
    merged = merge(SAMPLES["lightroom"], Marks(label="Red"))
    assert merged.data == SAMPLES["lightroom"]
    assert merged.kept == {"label": "label Green kept, Red not written"}


def test_a_rating_in_a_form_not_understood_stays() -> None:
    inside = '<xmp:Rating rdf:parseType="Resource"><rdf:value>3</rdf:value></xmp:Rating>'
    merged = merge(document(inside), Marks(rating=5))
    assert merged.data == document(inside)
    assert merged.kept == {"rating": "rating not understood kept, rating 5 not written"}


def test_keywords_in_a_form_not_understood_stay() -> None:
    before = document("<dc:subject>one</dc:subject>")
    merged = merge(before, Marks(keywords=("two",)))
    assert merged.data == before
    assert merged.kept == {
        "keywords": "keywords kept, as they are in a form that is not understood"
    }


def test_a_rating_of_0_says_nothing() -> None:
    assert read_marks(merge(SAMPLES["digikam"], Marks(rating=4)).data).rating == 4


def test_the_users_rating_is_overwritten_on_demand() -> None:
    merged = merge(document("", ' xmp:Rating="3"'), Marks(rating=5), overwrite=True)
    assert merged.data == document("", ' xmp:Rating="5"')
    assert merged.changes == ("rating 3 -> 5",)


def test_what_we_wrote_is_changed_later() -> None:
    first = merge(None, Marks(rating=-1, flag=-1, label="Red", keywords=("old", "both")))
    wanted = Marks(rating=4, flag=0, label="", keywords=("both", "new"))
    second = merge(first.data, wanted, previous=first.written)
    assert read_marks(second.data) == Marks(rating=4, flag=0, keywords=("both", "new"))
    assert second.kept == {}


def test_what_the_user_made_of_ours_stays() -> None:
    first = merge(None, Marks(rating=4, label="Red", keywords=("ours",)))
    users = merge(first.data, Marks(rating=2, label="Blue"), overwrite=True).data
    again = merge(users, Marks(rating=5, label="Green"), previous=first.written)
    assert read_marks(again.data) == Marks(rating=2, label="Blue")  # a keyword of ours goes


@pytest.mark.parametrize("attributes", ["", ' xmp:Rating="0"'])
def test_what_the_user_took_away_is_not_written_again(attributes: str) -> None:
    before = document("", attributes)
    merged = merge(before, Marks(rating=5), previous=Marks(rating=4))
    assert merged.data == before
    again = merge(before, Marks(rating=5), previous=merged.written)
    assert again.data == before


def test_a_keyword_that_the_user_took_away_is_not_written_again() -> None:
    before = document("<dc:subject><rdf:Bag><rdf:li>a</rdf:li></rdf:Bag></dc:subject>")
    merged = merge(before, Marks(keywords=("gone",)), previous=Marks(keywords=("gone",)))
    assert merged.data == before


def test_a_pick_of_the_user_keeps_a_reject_from_being_written() -> None:
    before = SAMPLES["digikam"].replace(b'PickLabel="0"', b'PickLabel="3"')
    merged = merge(before, Marks(rating=-1, flag=-1))
    assert merged.data == before
    assert merged.kept == {"rating": "flag 1 kept, rating -1 not written"}


def test_a_pick_of_the_user_does_not_keep_stars_from_being_written() -> None:
    before = SAMPLES["digikam"].replace(b'PickLabel="0"', b'PickLabel="3"')
    assert read_marks(merge(before, Marks(rating=4, flag=0)).data).rating == 4


def test_our_reject_is_taken_back_where_the_user_gave_stars() -> None:
    first = merge(None, Marks(rating=-1, flag=-1))
    users = first.data.replace(b'Rating="-1"', b'Rating="5"')
    again = merge(users, Marks(rating=-1, flag=-1), previous=first.written)
    assert read_marks(again.data) == Marks(rating=5, flag=0)


def test_our_reject_is_taken_back_where_the_user_took_the_flag_away() -> None:
    first = merge(None, Marks(rating=-1, flag=-1))
    users = first.data.replace(b'PickLabel="1"', b'PickLabel="0"')
    again = merge(users, Marks(rating=-1, flag=-1), previous=first.written)
    assert not read_marks(again.data).rating
    assert again.kept == {"rating": "flag 0 kept, rating -1 not written"}


def test_a_new_sidecar_is_minimal() -> None:
    assert merge(None, Marks(rating=4)).data.decode() == (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="fgaesq">\n'
        f' <rdf:RDF xmlns:rdf="{RDF}">\n'
        f'  <rdf:Description rdf:about="" xmlns:xmp="{XMP}" xmp:Rating="4"/>\n'
        " </rdf:RDF>\n"
        "</x:xmpmeta>\n"
        '<?xpacket end="w"?>\n'
    )


@settings(max_examples=40, deadline=None)
@given(documents(), marks, st.booleans())
def test_foreign_bytes_stay(pieces: Pieces, wanted: Marks, overwrite: bool) -> None:
    after = merge(pieces.data, wanted, overwrite=overwrite).data
    position = 0
    for piece in pieces.foreign:
        # the two tags of a description may be split by what is put between them
        position = after.find(piece, position)
        assert position >= 0, piece
        position += len(piece)


@settings(max_examples=40, deadline=None)
@given(documents(), marks, st.booleans())
def test_merging_twice_is_merging_once(pieces: Pieces, wanted: Marks, overwrite: bool) -> None:
    first = merge(pieces.data, wanted, overwrite=overwrite)
    again = merge(first.data, wanted, overwrite=overwrite, previous=first.written)
    assert again.data == first.data
    assert again.changes == ()
    assert again.written == first.written


@settings(max_examples=40, deadline=None)
@given(documents(), marks)
def test_a_forced_merge_reads_back_as_meant(pieces: Pieces, wanted: Marks) -> None:
    told = read_marks(merge(pieces.data, wanted, overwrite=True).data)
    if wanted.rating is not None:
        assert (told.rating or 0) == wanted.rating
    if wanted.flag is not None:
        assert (told.flag or 0) == wanted.flag
    if wanted.label is not None:
        assert (told.label or "") == wanted.label
    assert set(wanted.keywords) <= set(told.keywords)


@settings(max_examples=40, deadline=None)
@given(documents())
def test_nothing_wanted_changes_nothing(pieces: Pieces) -> None:
    merged = merge(pieces.data, Marks())
    assert (merged.data, merged.changes, merged.kept) == (pieces.data, (), {})


@settings(max_examples=40, deadline=None)
@given(documents(), marks)
def test_the_users_rating_always_wins(pieces: Pieces, wanted: Marks) -> None:
    before = read_marks(pieces.data).rating
    after = read_marks(merge(pieces.data, wanted).data).rating
    assert not before or after == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_and_byte_order_marks_stay(encoding: str) -> None:
    text = document("<o>Ж日𝄞</o>").decode().replace("<o>", '<o xmlns="urn:o">')
    merged = merge(text.encode(encoding), Marks(rating=3))
    end = "</rdf:Description>"
    expected = text.replace(end, f"<xmp:Rating>3</xmp:Rating>{end}")
    assert merged.data == expected.encode(encoding)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"<x><y></x>",
            "it is not well-formed XML (mismatched tag, line 1); mend it, or save it anew in the "
            "program that wrote it",
        ),
        (
            b"",
            "it is not well-formed XML (no element found, line 1); mend it, or save it anew in the "
            "program that wrote it",
        ),
        (
            b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
            "it has a DOCTYPE, which XMP must not have; remove that or the file",
        ),
        (b"<x/>", "it is XML but not XMP: there is no rdf:RDF in it"),
        (
            b"<p:x/>",
            "it uses the prefix p without saying what it means; save it anew in the program that "
            "wrote it",
        ),
        (b"<x>\xff</x>", "it is not sound UTF-8 text; save it anew in the program it is from"),
        (
            b'<?xml version="1.0" encoding="ISO-8859-1"?><x/>',
            "it says that its encoding is ISO-8859-1, which it is not or which is not read; save "
            "it as UTF-8",
        ),
        (
            b" " * (MOST_BYTES + 1),
            "it has 33,554,433 bytes, more than the 33,554,432 that are read; is it a sidecar?",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(data: bytes, message: str) -> None:
    with pytest.raises(SidecarError) as caught:
        merge(data, Marks(rating=1))
    assert str(caught.value) == message


def test_a_text_that_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(
        SidecarError, match=r"^'a\\x00' has the character '\\x00', which XML cannot"
    ):
        merge(None, Marks(keywords=("a\0",)))


@pytest.mark.parametrize("wrong", [{"rating": 6}, {"rating": -2}, {"flag": 2}])
def test_marks_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match=r"; give -1 \(reject\)"):
        Marks(**wrong)  # type: ignore[arg-type]


@pytest.fixture
def exiftool() -> str:
    """Where the program is; tests that need it skip without it."""
    path = shutil.which("exiftool")
    if path is None:
        pytest.skip("no exiftool on the PATH (Debian: libimage-exiftool-perl)")
    return path


@pytest.mark.parametrize("program", [None, *sorted(SAMPLES)])
def test_exiftool_reads_ours_as_meant(exiftool: str, tmp_path: Path, program: str | None) -> None:
    wanted = Marks(rating=4, flag=-1, label="Ré <d>", keywords=("é & ß", "日本"))
    path = tmp_path / "IMG.xmp"
    path.write_bytes(merge(SAMPLES[program] if program else None, wanted, overwrite=True).data)
    tags = ["XMP-xmp:Rating", "XMP-xmp:Label", "XMP-digiKam:PickLabel", "XMP-dc:Subject"]
    done = subprocess.run(  # noqa: S603 - a program of the system, on our own file
        [exiftool, "-validate", "-warning", "-s3", "-m", *(f"-{tag}#" for tag in tags), str(path)],
        capture_output=True,
        check=True,
    )
    lines = done.stdout.decode().splitlines()
    assert lines[-4:-1] == ["4", "Ré <d>", "1"]
    assert lines[-1].endswith("é & ß, 日本")
    assert "Warn" not in done.stdout.decode().replace("0 Warn", "")
