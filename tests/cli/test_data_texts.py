"""Texts from the command line: by templates, and from a stand-in of an endpoint."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image as PILImage
from tests.command_line import run
from tests.photos import burst
from tests.texts.chat_server import ChatSite, Trouble, serving

from fgaesq.cli.endpoint_options import estimate_words
from fgaesq.texts.endpoint import estimate, image_tokens
from fgaesq.texts.prompt import PROMPT
from fgaesq.texts.records import PairTexts, read_texts

KEY = "sk-very-secret-123"


@pytest.fixture
def site() -> Iterator[ChatSite]:
    with serving() as running:
        yield running


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A series of three images in our own format, with three judged pairs."""
    folder = tmp_path / "data"
    burst(folder / "s")
    (folder / "pairs.csv").write_text(
        "series,first,second,p\n"
        "s,s/a.jpg,s/b.jpg,0.9\ns,s/b.jpg,s/c.jpg,0.8\ns,s/c.jpg,s/a.jpg,0.1\n"
    )
    return folder


def described(site: ChatSite, dataset: Path, out: Path, *more: str, code: int = 0) -> str:
    result = run(
        "data", "describe", dataset, "--endpoint", site.url, "--model", "m", "--out", out,
        *more, code=code,
    )  # fmt: skip
    assert KEY not in result.stdout + result.stderr
    return result.stdout if code == 0 else result.stderr


def test_texts_of_a_dataset_are_written_with_its_names(
    site: ChatSite, dataset: Path, tmp_path: Path
) -> None:
    out = tmp_path / "texts.jsonl"
    shown = described(site, dataset, out, "--size", "64")
    assert shown == (
        f"{out}: 3 texts, 0 pairs without; asked about 3 pairs (3,000 tokens in, 60 out), "
        "0 were known\n"
    )
    texts = PairTexts(read_texts(out))
    (of_ab,) = texts.of("s", "s/a.jpg", "s/b.jpg")
    (of_ca,) = texts.of("s", "s/c.jpg", "s/a.jpg")
    assert (of_ab.sign, of_ca.sign) == (1, -1)
    url = site.requests[0]["messages"][0]["content"][1]["image_url"]["url"]
    with PILImage.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        assert image.size == (64, 48)


def test_a_second_run_asks_nothing(site: ChatSite, dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "texts.jsonl"
    described(site, dataset, out, "--limit", "2")
    assert "asked about 1 pairs" in described(site, dataset, out)
    assert "asked about 0 pairs (0 tokens in, 0 out), 3 were known" in described(site, dataset, out)
    assert len(site.requests) == 3
    described(site, dataset, out, "--cache", str(tmp_path / "other"))
    assert len(site.requests) == 6


def test_a_dry_run_tells_the_cost_and_sends_nothing(
    site: ChatSite, dataset: Path, tmp_path: Path
) -> None:
    out = tmp_path / "texts.jsonl"
    words = -(-len(PROMPT) // 4)
    tokens = 3 * (2 * 100_000 + words)
    prices = ("--price-in", "10", "--price-out", "1000", "--tokens-per-image", "100000")
    shown = described(site, dataset, out, "--dry-run", *prices)
    assert shown == (
        f"3 pairs: about {tokens:,} tokens in, 150 out, if each is asked about once; cost "
        f"{tokens / 1e5 + 0.15:.2f}\n"
    )
    without = described(site, dataset, out, "--dry-run")
    assert without.endswith("; give --price-in and --price-out for the cost\n")
    assert site.requests == []
    assert not out.exists()


def test_the_key_comes_from_the_environment_and_is_never_shown(
    site: ChatSite, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "texts.jsonl"
    missing = described(site, dataset, out, "--key-variable", "MY_KEY", code=2)
    assert "the environment variable MY_KEY is not set or empty" in missing
    monkeypatch.setenv("MY_KEY", f"{KEY}\n")
    described(site, dataset, out, "--key-variable", "MY_KEY")
    assert {headers["authorization"] for headers in site.headers} == {f"Bearer {KEY}"}
    site.troubles = [Trouble(401, f'{{"error": "bad key {KEY}"}}')]
    monkeypatch.setenv("FGAESQ_API_KEY", KEY)
    refused = described(site, dataset, out, "--field", "seed=2", "--requests", "1", code=1)
    assert "access is refused (HTTP 401 bad key ***); check the API key" in refused


def test_an_endpoint_that_wants_a_key_says_how_to_give_one(
    site: ChatSite, dataset: Path, tmp_path: Path
) -> None:
    site.troubles = [Trouble(401)] * 3
    refused = described(site, dataset, tmp_path / "t.jsonl", code=1)
    assert "(HTTP 401 Unauthorized); set the API key (see --key-variable)" in refused


def test_pairs_without_a_text_are_named_and_the_others_written(
    site: ChatSite, dataset: Path, tmp_path: Path
) -> None:
    out = tmp_path / "texts.jsonl"
    site.answers = ["no", "no"]
    shown = described(site, dataset, out, "--requests", "1", code=3)
    assert (
        "series s, s/a.jpg and s/b.jpg: two answers could not be used, the last because it is not "
        "JSON\n"
    ) in shown
    assert len(read_texts(out)) == 2
    site.answers = ["no"] * 6
    run_anew = ("--cache", str(tmp_path / "c"), "--requests", "1")
    described(site, dataset, tmp_path / "none.jsonl", *run_anew, code=1)
    assert not (tmp_path / "none.jsonl").exists()
    assert "3 texts, 0 pairs without" in described(site, dataset, out, "--retry-failed")


def test_fields_of_the_request_are_json(site: ChatSite, dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "texts.jsonl"
    described(site, dataset, out, "--field", "temperature=null", "--field", "seed=3")
    assert site.requests[0]["seed"] == 3
    assert "temperature" not in site.requests[0]
    wrong = described(site, dataset, out, "--field", "seed=x", code=2)
    assert "--field seed=x: needs KEY=JSON, such as max_tokens=300 or" in wrong


def test_phrase_writes_texts_of_constructed_series(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text(
        "series,image,kind,severity,source\n0,a,noise,0.5,p\n0,b,noise,0.1,p\n"
    )
    out = tmp_path / "texts.jsonl"
    assert run("data", "phrase", tmp_path, "--out", out).stdout == f"{out}: 1 texts\n"
    (text,) = read_texts(out)
    assert (text.better, text.source) == ("b", "template")
    away = run("data", "phrase", tmp_path, "--out", tmp_path / "x" / "t", code=1)
    assert "there is no folder" in away.stderr


def test_the_documented_estimate_is_what_is_printed() -> None:
    expected = estimate(1000, tokens_per_image=image_tokens(768), price_in=2.5, price_out=10)
    document = Path(__file__).parents[2] / "docs" / "texts.md"
    assert f"\n{estimate_words(expected, 'pairs')}\n" in document.read_text(encoding="utf-8")
