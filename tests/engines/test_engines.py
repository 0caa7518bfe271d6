"""Both engines on one model: same numbers, whatever the batch and the threads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.conftest import write_tiny
from tests.photos import burst_image
from tests.scenes import scene

from fgaesq.engines import Engine, EngineOptions, Outputs, open_engine
from fgaesq.engines.export import write_model_folder
from fgaesq.errors import EngineError, UnknownNameError, WeightsError
from fgaesq.images import photo_from_array
from fgaesq.models.specs import SPECS, build
from fgaesq.models.weights import find_model, open_folder
from fgaesq.storage.digests import file_sha256
from fgaesq.tokens.difftoken import tokenize_series
from fgaesq.types import TokenSet

LAYOUT = SPECS["fgaesq-tiny"].layout


@pytest.fixture(scope="module")
def tokens() -> tuple[TokenSet, ...]:
    """Token sets of images of several sizes, so that padding differs."""
    sizes = [(360, 480), (100, 90), (32, 40), (480, 360), (40, 500), (360, 480), (33, 64)]
    images = [burst_image(n, height=h, width=w) for n, (h, w) in enumerate(sizes)]
    photos = [photo_from_array(one, name=str(n)) for n, one in enumerate(images)]
    return tokenize_series(photos, layout=LAYOUT).tokens


def opened(folder: Path, **options: object) -> Engine:
    return open_engine(open_folder(folder), EngineOptions(**options))  # type: ignore[arg-type]


def joined(parts: list[Outputs]) -> Outputs:
    return Outputs(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.logits for part in parts]),
    )


def assert_close(found: Outputs, expected: Outputs, *, atol: float) -> None:
    np.testing.assert_allclose(found.logits, expected.logits, rtol=0, atol=atol)
    np.testing.assert_allclose(found.features, expected.features, rtol=0, atol=atol)


def assert_same(found: Outputs, expected: Outputs) -> None:
    np.testing.assert_array_equal(found.logits, expected.logits)
    np.testing.assert_array_equal(found.features, expected.features)


def test_engines_agree(tiny_model: Path, tokens: tuple[TokenSet, ...]) -> None:
    found = opened(tiny_model, engine="torch").run(tokens)
    assert_close(found, opened(tiny_model).run(tokens), atol=1e-5)
    assert np.ptp(found.scores) > 0.01, "the images must differ or nothing is compared"


@pytest.mark.parametrize("threads", [2, 4])
def test_onnx_is_the_same_bit_for_bit_over_threads_and_company(
    tiny_model: Path, tokens: tuple[TokenSet, ...], threads: int
) -> None:
    alone = opened(tiny_model)
    expected = joined([alone.run([one]) for one in tokens])
    assert_same(alone.run(tokens), expected)
    assert_same(opened(tiny_model, threads=threads).run(tokens), expected)
    assert_same(joined([alone.run(tokens[::-1])]), joined([alone.run([t]) for t in tokens[::-1]]))


def test_torch_is_nearly_the_same_over_batches(
    tiny_model: Path, tokens: tuple[TokenSet, ...]
) -> None:
    expected = opened(tiny_model, engine="torch", batch=1).run(tokens)
    for batch in (2, 3, 64):
        found = opened(tiny_model, engine="torch", batch=batch).run(tokens)
        assert_close(found, expected, atol=1e-5)


def test_torch_leaves_the_settings_of_the_process_alone(
    tiny_model: Path, tokens: tuple[TokenSet, ...]
) -> None:
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    opened(tiny_model, engine="torch", threads=threads + 1).run(tokens)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


def test_bf16_is_near(tiny_model: Path, tokens: tuple[TokenSet, ...]) -> None:
    expected = opened(tiny_model, engine="torch").run(tokens)
    found = opened(tiny_model, engine="torch", precision="bf16").run(tokens)
    np.testing.assert_allclose(found.scores, expected.scores, rtol=0, atol=0.5)
    assert (found.logits != expected.logits).any()


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_no_images_give_no_outputs(tiny_model: Path, engine: str) -> None:
    outputs = opened(tiny_model, engine=engine).run([])
    assert outputs.features.shape == (0, 32)
    assert outputs.logits.shape == (0, 10)
    assert outputs.scores.shape == (0,)


def test_quantised_weights_are_small_and_near(
    tmp_path: Path, tiny_model: Path, tokens: tuple[TokenSet, ...]
) -> None:
    write_tiny(tmp_path / "int8", seed=7, quantise=True)
    small, full = (p / "model.onnx" for p in (tmp_path / "int8", tiny_model))
    assert small.stat().st_size < 0.6 * full.stat().st_size
    expected = opened(tiny_model).run(tokens)
    found = opened(tmp_path / "int8").run(tokens)
    np.testing.assert_allclose(found.scores, expected.scores, rtol=0, atol=0.1)
    assert (found.logits != expected.logits).any()


@pytest.fixture
def learned(tmp_path: Path) -> Path:
    """A small folder of which, as of a trained network, no two vectors are equal."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(3)
        model = build(SPECS["fgaesq-tiny"])
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    write_model_folder(
        model,
        SPECS["fgaesq-tiny"],
        tmp_path / "learned",
        version="0.0.1",
        temperature=0.05,
        licence="none",
        provenance={},
        quantise=True,
    )
    return tmp_path / "learned"


def test_weights_are_read_back_from_the_int8_file(
    learned: Path, tokens: tuple[TokenSet, ...]
) -> None:
    expected = opened(learned).run(tokens)
    assert_close(opened(learned, engine="torch").run(tokens), expected, atol=1e-5)


@pytest.mark.slow
def test_the_embedded_model_runs_on_torch_too() -> None:
    photos = [photo_from_array(scene(300, 420, seed=seed), name=str(seed)) for seed in (3, 4)]
    folder = find_model("fgaesq-s")
    tokens = tokenize_series(photos, layout=folder.spec.layout).tokens
    expected, found = (
        open_engine(folder, EngineOptions(engine=name)).run(tokens) for name in ("onnx", "torch")
    )
    np.testing.assert_allclose(found.logits, expected.logits, rtol=0, atol=1e-4)
    assert expected.effects is not None
    assert found.effects is not None
    np.testing.assert_allclose(found.effects, expected.effects, rtol=0, atol=1e-4)


def test_a_file_that_lacks_a_tensor_is_refused(learned: Path, tmp_path: Path) -> None:
    model = onnx.load(learned / "model.onnx")
    kept = [one for one in model.graph.initializer if "mask_token" not in one.name]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    folder = changed(learned, tmp_path / "other", "model.onnx", model.SerializeToString())
    with pytest.raises(WeightsError) as caught:
        opened(folder, engine="torch")
    assert str(caught.value) == (
        f"{folder / 'model.onnx'}: does not hold fgaesq-tiny (no mask_token); "
        "import the model again"
    )


def test_a_file_that_is_no_onnx_is_refused(learned: Path, tmp_path: Path) -> None:
    folder = changed(learned, tmp_path / "other", "model.onnx", b"no network at all")
    with pytest.raises(WeightsError, match=r"model\.onnx: does not hold fgaesq-tiny"):
        opened(folder, engine="torch")


def test_scores_are_the_expectation_of_the_distribution() -> None:
    logits = np.array([[1000.0, *[0.0] * 9], [0.0] * 10], np.float32)
    outputs = Outputs(np.zeros((2, 3), np.float32), logits)
    np.testing.assert_allclose(outputs.scores, [1.0, 5.5], rtol=0, atol=1e-12)
    np.testing.assert_allclose(outputs.distributions.sum(axis=1), 1, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", range(2, 40))
def test_equal_outputs_have_equal_scores_wherever_they_stand(n: int) -> None:
    one = np.random.default_rng(n).normal(size=(1, 10)).astype(np.float32)
    outputs = Outputs(np.zeros((n, 3), np.float32), np.repeat(one, n, axis=0))
    assert len(set(outputs.scores.tolist())) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": 0}, "threads is 0 and batch is 8; give at least 1 of each"),
        ({"batch": -1}, "threads is 1 and batch is -1; give at least 1 of each"),
        ({"engine": "torch", "precision": "fp16"}, "precision is 'fp16'; give fp32 or bf16"),
        (
            {"device": "cuda"},
            "device is 'cuda' and precision is 'fp32'; "
            "the onnx engine has cpu and fp32 only, use the torch engine",
        ),
    ],
)
def test_options_that_no_engine_has(options: dict[str, object], message: str) -> None:
    with pytest.raises(EngineError) as caught:
        EngineOptions(**options)  # type: ignore[arg-type]
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ("gpu", "device 'gpu' is not known; use cpu or cuda"),
        ("meta", "device 'meta' is not known; use cpu or cuda"),
        ("cuda:99", "device 'cuda:99': there is no such usable GPU here; use cpu"),
    ],
)
def test_devices_that_are_not_there(tiny_model: Path, device: str, message: str) -> None:
    with pytest.raises(EngineError) as caught:
        opened(tiny_model, engine="torch", device=device)
    assert str(caught.value) == message


def test_engine_that_nobody_knows(tiny_model: Path) -> None:
    with pytest.raises(UnknownNameError) as caught:
        opened(tiny_model, engine="onxx")
    assert str(caught.value) == "unknown engine 'onxx'; did you mean onnx?"


def changed(tiny_model: Path, folder: Path, name: str, content: bytes) -> Path:
    """Return a copy of the model with other content in a file, and a manifest that fits it."""
    shutil.copytree(tiny_model, folder)
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "model.json").read_text())
    manifest["files"][name] = file_sha256(folder / name)
    (folder / "model.json").write_text(json.dumps(manifest))
    return folder


def test_file_that_is_no_network(tmp_path: Path, tiny_model: Path) -> None:
    folder = changed(tiny_model, tmp_path / "model", "model.onnx", b"no network")
    with pytest.raises(WeightsError) as caught:
        opened(folder)
    message = str(caught.value)
    assert message.startswith(f"{folder / 'model.onnx'}: ONNX Runtime ")
    assert message.endswith("; import or export the model again")
    assert "\n" not in message


def test_tensors_that_do_not_fit_the_network(tmp_path: Path, tiny_model: Path) -> None:
    state = load_file(tiny_model / "model.safetensors")
    state["surplus"] = state.pop("mask_token")
    save_file(state, tmp_path / "other.safetensors")
    content = (tmp_path / "other.safetensors").read_bytes()
    folder = changed(tiny_model, tmp_path / "model", "model.safetensors", content)
    with pytest.raises(WeightsError) as caught:
        opened(folder, engine="torch")
    assert str(caught.value) == (
        f"{folder / 'model.safetensors'}: does not hold fgaesq-tiny (Error(s) in loading "
        'state_dict for FGAesQ: Missing key(s) in state_dict: "mask_token". Unexpected key(s) in '
        'state_dict: "surplus".); import the model again'
    )
