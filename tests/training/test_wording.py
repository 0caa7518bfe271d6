"""The words of a trained model: right kinds, right texts, directions of length 1."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from fgaesq.datasets.edits import EDITS
from fgaesq.texts.encoder import HashedTextEncoder, text_directions
from fgaesq.texts.vocabulary import WORDINGS
from fgaesq.training.wording import edit_words, fitted_directions, text_words


def test_learned_directions_become_words_of_the_vocabulary() -> None:
    directions = torch.tensor([[3.0, 4.0], [0.0, -2.0]], requires_grad=True)
    found = edit_words(directions, ["defocus", "noise"], temperature=0.1)
    assert [(word.kind, word.text, word.opposite) for word in found.words] == [
        ("defocus", WORDINGS["defocus"].reason, WORDINGS["defocus"].opposite),
        ("noise", WORDINGS["noise"].reason, WORDINGS["noise"].opposite),
    ]
    np.testing.assert_allclose(found.directions, [[0.6, 0.8], [0.0, -1.0]])
    assert found.temperature == 0.1


def test_every_edit_gets_a_word_from_texts_amid_its_sentences() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        encoder = HashedTextEncoder(16)
    found = text_words(encoder, EDITS, temperature=0.2)
    assert [word.kind for word in found.words] == list(EDITS)
    assert len({word.text for word in found.words}) == len(EDITS)
    own = text_directions(WORDINGS["tilt"].sentences, encoder).detach().numpy()
    tilt = found.directions[list(EDITS).index("tilt")]
    assert (own @ tilt).min() > 0
    np.testing.assert_allclose(np.linalg.norm(found.directions, axis=1), 1)


def test_directions_are_fitted_to_what_differs() -> None:
    """Two kinds that training mixed up; a third that no pair shows stays where it is."""
    start = torch.eye(4)[[0, 0, 3]]
    differences = torch.tensor([[1.0, 0.3, 0, 0], [0.9, 0.3, 0.1, 0], [1.0, -0.4, 0, 0]])
    kinds = torch.tensor([0, 0, 1])
    found = fitted_directions(start, differences, kinds, temperature=0.1)
    assert (functional.normalize(differences.double(), dim=1) @ found.T).argmax(dim=1).tolist() == [
        *(0, 0, 1)
    ]
    torch.testing.assert_close(found.norm(dim=1), torch.ones(3, dtype=torch.float64))
    torch.testing.assert_close(found[2], torch.eye(4, dtype=torch.float64)[3])
