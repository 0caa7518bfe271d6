"""The wordings: one for every edit, comparative, and told apart."""

from __future__ import annotations

import pytest

from fgaesq.datasets.edits import EDITS
from fgaesq.texts.vocabulary import WORDINGS, is_comparative

SENTENCES = [sentence for wording in WORDINGS.values() for sentence in wording.sentences]


def test_every_edit_has_a_wording() -> None:
    assert set(EDITS) <= set(WORDINGS)


@pytest.mark.parametrize("edit", WORDINGS)
def test_reason_opposite_and_sentences_compare(edit: str) -> None:
    wording = WORDINGS[edit]
    assert len(wording.sentences) >= 3
    for text in (wording.reason, wording.opposite, *wording.sentences):
        assert is_comparative(text), text


@pytest.mark.parametrize("edit", WORDINGS)
def test_reasons_are_short_and_sentences_are_sentences(edit: str) -> None:
    wording = WORDINGS[edit]
    for phrase in (wording.reason, wording.opposite):
        assert len(phrase.split()) <= 5
        assert phrase == phrase.strip(" .").lower()
    for sentence in wording.sentences:
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence.split()) <= 20


def test_no_two_edits_share_a_text() -> None:
    assert len(set(SENTENCES)) == len(SENTENCES)
    phrases = [p for wording in WORDINGS.values() for p in (wording.reason, wording.opposite)]
    assert len(set(phrases)) == len(phrases)


@pytest.mark.parametrize("text", ["Sharper.", "It has MORE light", "less,blur", "better-lit"])
def test_texts_that_compare_are_known(text: str) -> None:
    assert is_comparative(text)


@pytest.mark.parametrize("text", ["", "The water is under the other tower.", "morels", "sharp"])
def test_texts_that_do_not_compare_are_known(text: str) -> None:
    assert not is_comparative(text)
