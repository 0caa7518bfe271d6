"""The network: size, gradients, masks, and that it leaves its inputs alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fgaesq.models.fgaesq import Cells, FGAesQ, Framing, expected_score
from fgaesq.models.specs import SPECS, ModelSpec, build
from fgaesq.tokens.naturalness import NATURALNESS_INPUT
from fgaesq.tokens.statistics import TOKEN_STATISTICS

TINY = SPECS["fgaesq-tiny"]
SPECTRAL = replace(TINY, name="spectral", stem="spectral", dropout=(0.0, 0.0))
Inputs = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def inputs(spec: ModelSpec, *, images: int = 3, tokens: int = 20, used: int = 15) -> Inputs:
    """Return inputs with coarse, fine and padded slots; padding is not attended."""
    generator = torch.Generator().manual_seed(1)
    cells = 1 + spec.table_size**2
    weights = torch.rand(images, tokens, cells, generator=generator) / cells
    scales = (torch.arange(tokens) >= 8).long().expand(images, -1).clone()
    scales[:, used:] = 0
    padded = (torch.arange(tokens) >= used).expand(images, -1).clone()
    patches = torch.randn(images, tokens, 3, 16, 16, generator=generator)
    return patches, weights, scales, padded, ~padded


def model_of(spec: ModelSpec) -> FGAesQ:
    torch.manual_seed(0)
    return build(spec)


def parameters_of(name: str) -> int:
    with torch.device("meta"):
        model = build(SPECS[name])
    return sum(parameter.numel() for parameter in model.parameters())


def test_the_model_of_the_paper_has_its_parameters() -> None:
    assert parameters_of("fgaesq-b16") == 86_343_370


def test_parameters_of_the_paper_are_those_of_its_parts() -> None:
    with torch.device("meta"):
        model = build(SPECS["fgaesq-b16"])
    counts = {name: parameter.numel() for name, parameter in model.named_parameters()}
    head = sum(count for name, count in counts.items() if name.startswith("head."))
    assert head == 148_426
    assert counts["scale_embedding"] == 1_536
    assert counts["mask_token"] == 768
    assert sum(counts.values()) - head - 1_536 - 768 == 86_192_640


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_spec_can_be_built(name: str) -> None:
    assert parameters_of(name) > 10_000


@pytest.mark.parametrize("spec", [TINY, SPECTRAL], ids=lambda spec: spec.name)
def test_every_parameter_gets_a_gradient(spec: ModelSpec) -> None:
    model = model_of(spec).train()
    patches, weights, scales, padded, attended = inputs(spec)
    # Padding is seen here, as in the released behaviour: else its embedding has no say.
    feature, logits = model(patches, weights, scales, padded, torch.ones_like(attended))
    (logits.pow(2).sum() + feature.pow(2).sum()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.requires_grad, name
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 1e-9, name


def test_both_scales_of_the_embedding_learn() -> None:
    """The released code reads it through NumPy, so that it never learns."""
    model = model_of(TINY).eval()
    model(*inputs(TINY))[1].pow(2).sum().backward()
    gradient = model.scale_embedding.grad
    assert gradient is not None
    assert (gradient.abs().max(dim=1).values > 1e-6).all()


def test_inputs_are_not_changed() -> None:
    """The released code overwrites the caller's mask."""
    given = inputs(TINY)
    before = [one.clone() for one in given]
    model_of(TINY).eval()(*given)
    for one, other in zip(given, before, strict=True):
        assert torch.equal(one, other)


def test_padding_that_is_not_attended_has_no_influence() -> None:
    model = model_of(SPECTRAL).eval()
    patches, weights, scales, padded, attended = inputs(SPECTRAL)
    first = model(patches, weights, scales, padded, attended)
    other_patches, other_weights, other_scales = patches.clone(), weights.clone(), scales.clone()
    other_patches[:, 15:] = 1e3
    other_weights[:, 15:] = -7
    other_scales[:, 15:] = 1
    second = model(other_patches, other_weights, other_scales, padded, attended)
    shorter = model(*(one[:, :15] for one in (patches, weights, scales, padded, attended)))
    for one, other, short in zip(first, second, shorter, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)
        torch.testing.assert_close(one, short, rtol=0, atol=1e-6)


def test_padding_that_is_attended_stands_for_the_mask_token() -> None:
    model = model_of(TINY).eval()
    patches, weights, scales, padded, _ = inputs(TINY)
    seen = torch.ones_like(padded)
    first = model(patches, weights, scales, padded, seen)[1]
    patches = patches.clone()
    patches[:, 15:] = 1e3
    torch.testing.assert_close(model(patches, weights, scales, padded, seen)[1], first)
    with torch.no_grad():
        model.mask_token.normal_()
    assert (model(patches, weights, scales, padded, seen)[1] - first).abs().max() > 1e-4


def test_the_patch_of_the_class_token_is_ignored() -> None:
    model = model_of(TINY).eval()
    patches, *rest = inputs(TINY)
    first = model(patches, *rest)[1]
    patches = patches.clone()
    patches[:, 0] = 100
    assert torch.equal(model(patches, *rest)[1], first)


@pytest.mark.parametrize("changed", ["patches", "positions", "scales"])
def test_each_input_matters(changed: str) -> None:
    model = model_of(TINY).eval()
    patches, weights, scales, padded, attended = inputs(TINY)
    first = model(patches, weights, scales, padded, attended)[1]
    if changed == "patches":
        patches = patches + 0.5
    elif changed == "positions":
        weights = weights.flip(1)
    else:
        scales = 1 - scales
    second = model(patches, weights, scales, padded, attended)[1]
    assert (second - first).abs().max() > 1e-4


def test_an_image_does_not_depend_on_its_batch_mates() -> None:
    model = model_of(TINY).eval()
    given = inputs(TINY)
    together = model(*given)[1]
    for number in range(3):
        alone = model(*(one[number : number + 1] for one in given))[1]
        torch.testing.assert_close(alone[0], together[number], rtol=0, atol=1e-6)


def test_tokens_have_no_order_but_their_positions() -> None:
    model = model_of(TINY).eval()
    given = inputs(TINY)
    order = torch.cat([torch.zeros(1, dtype=torch.int64), 1 + torch.randperm(19)])
    mixed = model(*(one[:, order] for one in given))[1]
    torch.testing.assert_close(mixed, model(*given)[1], rtol=0, atol=1e-5)


def test_shapes_of_the_outputs() -> None:
    feature, logits = model_of(TINY).eval()(*inputs(TINY))
    assert feature.shape == (3, TINY.feature)
    assert logits.shape == (3, 10)


def test_uniform_logits_are_a_score_of_five_and_a_half() -> None:
    scores = expected_score(torch.full((2, 10), 3.3))
    np.testing.assert_allclose(scores, 5.5, rtol=1e-6)


def test_scores_are_expectations_between_one_and_ten() -> None:
    logits = torch.randn(50, 10, dtype=torch.float64) * 5
    powers = logits.exp().numpy()
    wanted = (powers * np.arange(1, 11)).sum(axis=1) / powers.sum(axis=1)
    np.testing.assert_allclose(expected_score(logits), wanted, atol=1e-9)
    sure = torch.full((2, 10), -200.0)
    sure[0, 0] = sure[1, 9] = 200.0
    assert expected_score(sure).tolist() == pytest.approx([1.0, 10.0])


def cells_of(places: int = 5) -> tuple[Cells, tuple[Tensor, Tensor, Tensor]]:
    torch.manual_seed(0)
    cells = Cells(6, places, 8, 4).eval()
    torch.nn.init.normal_(cells.out.weight)
    torch.nn.init.normal_(cells.out.bias)
    coarse = torch.arange(7) < torch.tensor([[5], [1]])
    return cells, (torch.randn(2, 7, 6), torch.rand(2, 7, places), coarse)


def test_what_cells_add_is_the_sum_of_their_parts() -> None:
    cells, given = cells_of()
    parts = cells.parts(*given)
    torch.testing.assert_close(parts.sum(dim=1), cells(*given))
    assert parts[~given[2]].abs().max() == 0


def test_tokens_that_are_no_cells_say_nothing() -> None:
    cells, (statistics, weights, coarse) = cells_of()
    other = torch.where(coarse[..., None], statistics, 100.0)
    torch.testing.assert_close(cells(other, weights, coarse), cells(statistics, weights, coarse))


def test_what_a_cell_says_depends_on_its_place() -> None:
    cells, (statistics, weights, coarse) = cells_of()
    moved = cells(statistics, weights.flip(2), coarse)
    assert (moved - cells(statistics, weights, coarse)).abs().max() > 1e-4


def test_fresh_cells_add_nothing() -> None:
    given = cells_of()[1]
    assert Cells(6, 5, 8, 4)(*given).abs().max() == 0


def test_cells_need_statistics() -> None:
    with pytest.raises(ValueError, match="needs the mean readout and statistics"):
        model_of(replace(TINY, cells=8))


def framed() -> tuple[FGAesQ, tuple[Tensor, ...]]:
    spec = replace(
        TINY,
        readout="mean",
        head=(),
        dropout=(),
        framing=8,
        layout=replace(TINY.layout, statistics=True),
    )
    model = model_of(spec).eval()
    assert model.framing is not None
    torch.nn.init.normal_(model.framing.out.weight)
    return model, (*inputs(spec), torch.randn(3, 20, TOKEN_STATISTICS))


def test_what_the_framing_adds_has_no_place_in_the_frame() -> None:
    model, given = framed()
    with torch.no_grad():
        parts = model.parts(*given)
        torch.testing.assert_close(parts.sum(dim=1), model.encode(*given))
        framing = model.framing
        assert framing is not None
        model.framing = None
        np.testing.assert_allclose(model.parts(*given)[:, 1:], parts[:, 1:], atol=1e-6)
        added = parts[:, 0] - model.parts(*given)[:, 0]
        torch.testing.assert_close(added, framing(given[5][:, 0]))


def test_fresh_framing_adds_nothing() -> None:
    assert Framing(8, 4)(torch.randn(2, TOKEN_STATISTICS)).abs().max() == 0


def test_framing_needs_statistics() -> None:
    with pytest.raises(ValueError, match="needs the mean readout and statistics"):
        model_of(replace(TINY, framing=8))


def natural() -> tuple[FGAesQ, tuple[Tensor, ...]]:
    """Return a model that reads naturalness, and inputs of which the first two bring it."""
    spec = replace(
        TINY,
        readout="mean",
        head=(),
        dropout=(),
        naturalness=True,
        layout=replace(TINY.layout, statistics=True),
    )
    model = model_of(spec).eval()
    assert model.naturalness is not None
    torch.nn.init.normal_(model.naturalness.direction)
    naturalness = torch.randn(3, NATURALNESS_INPUT)
    naturalness[:, :2] = torch.tensor([[1, 0], [0, 1], [0, 0]])
    naturalness[2] = 0
    return model, (*inputs(spec), torch.randn(3, 20, TOKEN_STATISTICS), naturalness)


def test_only_naturalness_counts_where_it_is_told() -> None:
    model, given = natural()
    with torch.no_grad():
        rest, whole = model.encode(*given[:-1]), model.encode(*given)
        torch.testing.assert_close(whole[2], rest[2])
        assert model.naturalness is not None
        torch.testing.assert_close(whole[:2], model.naturalness(given[-1])[:2])
        direction = model.naturalness.direction / model.naturalness.direction.norm()
        torch.testing.assert_close((whole[:2] @ direction)[:, None] * direction, whole[:2])


def test_what_naturalness_says_has_no_place_in_the_frame() -> None:
    model, given = natural()
    with torch.no_grad():
        parts = model.parts(*given)
        torch.testing.assert_close(parts.sum(dim=1), model.encode(*given))
        model.naturalness = None
        rest = model.parts(*given)
    assert parts[:2, 1:].abs().max() == 0
    torch.testing.assert_close(parts[2], rest[2])


def test_naturalness_needs_statistics() -> None:
    with pytest.raises(ValueError, match="needs the mean readout and statistics"):
        model_of(replace(TINY, naturalness=True))
