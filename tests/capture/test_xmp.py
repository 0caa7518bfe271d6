"""Values of XMP packets, by the local names of their properties."""

from __future__ import annotations

import pytest
from tests.capture.media import motion_xmp

from fgaesq.capture.xmp import motion_from_end, xmp_value


@pytest.mark.parametrize(
    "packet",
    [
        b'<rdf:Description a:Name="one &amp; two"/>',
        b"<rdf:Description a:Name = 'one &amp; two'/>",
        b"<a:Name>one &amp; two</a:Name>",
        b'<a:NameOfAnother>x</a:NameOfAnother><rdf:Description b:Name="one &amp; two"/>',
    ],
)
def test_value_of_an_attribute_or_an_element(packet: bytes) -> None:
    assert xmp_value(packet, "Name") == "one & two"


@pytest.mark.parametrize("packet", [b"", b"a:Name", b'<a:Name="', b'Name="x"'])
def test_packet_without_the_value(packet: bytes) -> None:
    assert xmp_value(packet, "Name") == ""


def test_long_runs_of_letters_cost_little() -> None:
    packet = b'<a:Thumbnail a:Data="' + b"A" * 900_000 + b'" a:Name="x"/>'
    assert xmp_value(packet, "Name") == "x"
    assert xmp_value(packet, "Missing") == ""


def test_place_of_a_clip() -> None:
    assert motion_from_end(motion_xmp(1234)) == 1234
    assert motion_from_end(b'<rdf:Description GCamera:MicroVideoOffset="99"/>') == 99
    assert motion_from_end(b'<rdf:Description GCamera:MicroVideoOffset="-9"/>') == 0
    assert motion_from_end(b"") == 0
