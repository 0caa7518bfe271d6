"""Texts of constructed series."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.errors import UnknownNameError
from fgaesq.texts.templates import series_texts, template_text, wording_of
from fgaesq.texts.vocabulary import WORDINGS

SEVERITIES = {"a": 0.4, "b": 0.0, "c": 0.9}


def test_every_pair_has_a_text_that_speaks_of_the_less_edited_image() -> None:
    texts = series_texts("7", "defocus", SEVERITIES)
    assert [(one.first, one.second, one.better) for one in texts] == [
        ("a", "b", "b"), ("a", "c", "a"), ("b", "c", "b"),
    ]  # fmt: skip
    assert {one.series for one in texts} == {"7"}
    assert {one.source for one in texts} == {"template"}
    assert all(one.text in WORDINGS["defocus"].sentences for one in texts)


def test_the_order_of_the_images_does_not_change_their_texts() -> None:
    turned = dict(reversed(SEVERITIES.items()))
    known = {frozenset((o.first, o.second)): o.text for o in series_texts("7", "haze", SEVERITIES)}
    for one in series_texts("7", "haze", turned):
        assert one.text == known[frozenset((one.first, one.second))]


def test_all_sentences_occur() -> None:
    texts = [t.text for n in range(40) for t in series_texts(str(n), "noise", SEVERITIES)]
    assert set(texts) == set(WORDINGS["noise"].sentences)


def test_equal_images_have_no_text() -> None:
    assert series_texts("7", "noise", {"a": 0.2, "b": 0.2}) == ()


def test_equal_generators_draw_equal_texts() -> None:
    drawn = [template_text("tilt", np.random.default_rng(5)) for _ in range(2)]
    assert drawn[0] == drawn[1]


def test_an_unknown_edit_is_named() -> None:
    with pytest.raises(UnknownNameError) as caught:
        wording_of("defocu")
    assert str(caught.value) == "unknown edit 'defocu'; did you mean defocus?"
