"""Encoders of texts: unit vectors, determinism, gradients, and CLIP's from its files."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tests.texts.clip_files import (
    SIZES,
    OpenAiText,
    openai_state,
    write_openai_vocabulary,
)
from torch.nn import functional

from fgaesq.errors import InputError, RecipeError, WeightsError
from fgaesq.texts.clip_tokenizer import read_clip_vocabulary
from fgaesq.texts.encoder import (
    ClipTextEncoder,
    HashedTextEncoder,
    load_clip_encoder,
    text_directions,
    text_encoder,
)
from fgaesq.texts.vocabulary import WORDINGS

TEXTS = ["It is sharper.", "There is less noise.", "It is sharper.", "less"]


@pytest.fixture
def hashed() -> HashedTextEncoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return HashedTextEncoder(6, buckets=512, width=16)


@pytest.fixture
def reference() -> OpenAiText:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        return OpenAiText()


@pytest.fixture
def clip(tmp_path: Path, reference: OpenAiText) -> ClipTextEncoder:
    write_openai_vocabulary(tmp_path)
    save_file(openai_state(reference), tmp_path / "clip.safetensors")
    return load_clip_encoder(tmp_path / "clip.safetensors", tmp_path, sizes=SIZES)


@pytest.mark.parametrize("kind", ["hashed", "clip"])
def test_directions_have_length_1_and_equal_texts_are_equal(
    kind: str, request: pytest.FixtureRequest
) -> None:
    found = text_directions(TEXTS, request.getfixturevalue(kind))
    assert found.shape == (4, 6)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.norm(dim=-1), torch.ones(4))
    assert torch.equal(found[0], found[2])
    assert not torch.equal(found[0], found[1])


@pytest.mark.parametrize("kind", ["hashed", "clip"])
def test_a_text_has_its_direction_whatever_is_beside_it(
    kind: str, request: pytest.FixtureRequest
) -> None:
    encoder = request.getfixturevalue(kind)
    together = text_directions(TEXTS, encoder)
    alone = torch.cat([text_directions([text], encoder) for text in TEXTS])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["hashed", "clip"])
def test_no_texts_have_no_directions_and_empty_ones_are_refused(
    kind: str, request: pytest.FixtureRequest
) -> None:
    encoder = request.getfixturevalue(kind)
    assert text_directions([], encoder).shape == (0, 6)
    with pytest.raises(InputError) as caught:
        text_directions(["less", " "], encoder)
    assert str(caught.value) == "a text is empty; leave its pair out"


def test_clip_encodes_as_its_published_network(
    clip: ClipTextEncoder, reference: OpenAiText, tmp_path: Path
) -> None:
    tokenizer = read_clip_vocabulary(tmp_path)
    ids = torch.zeros(2, SIZES.length, dtype=torch.int64)
    for row, text in enumerate(("sharper", "less noise, er")):
        tokens = tokenizer.encode(text)
        ids[row, : len(tokens)] = torch.tensor(tokens)
    with torch.no_grad():
        wanted = functional.normalize(reference(ids), dim=-1)
    found = text_directions(["sharper", "less noise, er"], clip)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


def test_clip_is_frozen_and_refuses_what_it_cannot_read_whole(clip: ClipTextEncoder) -> None:
    assert not text_directions(["less"], clip).requires_grad
    with pytest.raises(InputError, match="has 17 tokens, CLIP reads 16; shorten it$"):
        text_directions(["less " * 15], clip)


def test_clip_moves_with_what_it_remembers(clip: ClipTextEncoder) -> None:
    before = text_directions(["less"], clip)
    assert torch.equal(text_directions(["less"], clip.to("cpu")), before)


def test_a_vocabulary_of_another_model_is_refused(clip: ClipTextEncoder, tmp_path: Path) -> None:
    del clip
    with pytest.raises(WeightsError) as caught:
        load_clip_encoder(tmp_path / "clip.safetensors", tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: has {SIZES.vocabulary} tokens, the text tower 49408; use the vocabulary "
        "published with the weights"
    )


def test_every_parameter_of_the_small_encoder_gets_a_gradient(hashed: HashedTextEncoder) -> None:
    target = torch.eye(6)[:4]
    (text_directions(TEXTS, hashed) * target).sum().backward()  # type: ignore[no-untyped-call]
    for parameter in hashed.parameters():
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()
        assert parameter.grad.abs().sum() > 0


def test_the_small_encoder_tells_all_wordings_apart() -> None:
    encoder = HashedTextEncoder(32)
    texts = [s for wording in WORDINGS.values() for s in (wording.reason, *wording.sentences)]
    with torch.no_grad():
        cosines = text_directions(texts, encoder) @ text_directions(texts, encoder).T
    assert (cosines - 2 * torch.eye(len(texts))).max() < 0.999


def test_buckets_do_not_change_between_runs(hashed: HashedTextEncoder) -> None:
    """CRC-32 of `ab`, `^ ab`, `ab $`, `<ab` and `ab>`, worked out elsewhere, modulo 512."""
    with torch.no_grad():
        hashed.embeddings.weight.copy_(torch.arange(512.0)[:, None].expand(-1, 16))
        hashed.projection.weight.fill_(1 / 16)
        hashed.projection.bias.zero_()
    sums = [0x9E83486D, 0xED81BBFF, 0x400A9047, 0x0D6A9F74, 0x20FE6C8B]
    found = hashed.encode(["Ab!"])[0, 0].item()
    assert found == pytest.approx(sum(one % 512 for one in sums) / 5)


def test_the_encoder_is_clip_where_its_weights_are_given(
    clip: ClipTextEncoder, tmp_path: Path
) -> None:
    assert isinstance(text_encoder(24), HashedTextEncoder)
    assert text_encoder(24).feature == 24
    with pytest.raises(WeightsError):  # the miniature is not CLIP ViT-B/16
        text_encoder(6, clip_weights=tmp_path / "clip.safetensors")
    del clip


def test_clip_of_another_feature_length_is_refused(
    clip: ClipTextEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fgaesq.texts import encoder

    monkeypatch.setattr(encoder, "load_clip_encoder", lambda *_: clip)
    weights = tmp_path / "clip.safetensors"
    assert text_encoder(6, clip_weights=weights) is clip
    with pytest.raises(RecipeError) as caught:
        text_encoder(24, clip_weights=weights)
    assert str(caught.value) == (
        f"{weights}: CLIP's texts have length 6, the model's features 24; choose a model of that "
        "feature length, or train without CLIP's texts"
    )
