"""Ranking, scoring and comparing with a loaded model."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.photos import burst, burst_image, write_jpeg

from fgaesq.engines import EngineOptions
from fgaesq.errors import EngineError, InputError, UnknownNameError, WeightsError
from fgaesq.images import find_series
from fgaesq.ranking.ranker import Ranker, load


@pytest.fixture(scope="module")
def ranker(tiny_model: Path) -> Ranker:
    return load(tiny_model, options=EngineOptions(threads=2))


@pytest.fixture(scope="module")
def released(tiny_model: Path) -> Ranker:
    return load(tiny_model, tokenizer="reference")


def refusal(ranker: Ranker, images: object) -> list[str]:
    """Return what `rank` and `score` say to something that is not a list of images."""
    texts = []
    for method in (ranker.rank, ranker.score):
        with pytest.raises(InputError) as caught:
            method(images)  # type: ignore[arg-type]
        texts.append(str(caught.value))
    return texts


def test_a_series_is_ranked_with_all_its_pairs(tmp_path: Path, ranker: Ranker) -> None:
    paths = burst(tmp_path, ("a.jpg", "b.jpg", "c.jpg", "d.jpg"))
    series = ranker.rank(paths, series_id="mine").series[0]
    scores = [image.score for image in series.images]
    assert series.id == "mine"
    assert sorted(image.path for image in series.images) == [str(path) for path in paths]
    assert scores == sorted(scores, reverse=True)
    assert [image.rank for image in series.images] == [1, 2, 3, 4]
    assert math.fsum(image.p_best for image in series.images) == pytest.approx(1, abs=1e-12)
    names = [image.path for image in series.images]
    assert [(pair.first, pair.second) for pair in series.pairs] == [
        (names[i], names[j]) for i in range(4) for j in range(i + 1, 4)
    ]
    assert all(pair.p >= 0.5 for pair in series.pairs)
    assert series.difference is not None
    assert set(series.difference.boxes) == set(names)


def test_chance_of_two_images_is_that_of_their_pair(tmp_path: Path, ranker: Ranker) -> None:
    series = ranker.rank(burst(tmp_path, ("a.jpg", "b.jpg"))).series[0]
    assert series.images[0].p_best == series.pairs[0].p
    assert series.pairs[0].p > 0.5


def test_comparison_is_what_ranking_says_of_the_pair(tmp_path: Path, ranker: Ranker) -> None:
    paths = burst(tmp_path, ("a.jpg", "b.jpg"))
    pair = ranker.rank(paths).series[0].pairs[0]
    comparison = ranker.compare(pair.first, pair.second)
    assert (comparison.p, comparison.verdict) == (pair.p, pair.verdict)


def test_swapped_comparison_is_exactly_the_rest(tmp_path: Path, ranker: Ranker) -> None:
    a, b, c = burst(tmp_path)
    for one, two in ((a, b), (a, c), (b, c)):
        forth, back = ranker.compare(one, two), ranker.compare(two, one)
        assert forth.p == 1.0 - back.p
        assert back.p == 1.0 - forth.p
        assert (forth.first, forth.second) == (back.second, back.first)
        assert {forth.verdict, back.verdict} in ({"first", "second"}, {"too_close"})


def test_identical_files_share_a_rank_and_are_too_close(tmp_path: Path, ranker: Ranker) -> None:
    a, b, _ = burst(tmp_path)
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(a.read_bytes())
    comparison = ranker.compare(a, copy)
    assert (comparison.p, comparison.verdict) == (0.5, "too_close")
    assert comparison.first.score == comparison.second.score
    places = {image.path: image.rank for image in ranker.rank([b, a, copy]).series[0].images}
    assert places[str(a)] == places[str(copy)]
    assert sorted(places.values()) in ([1, 1, 3], [1, 2, 2])


def test_a_bad_photo_is_named_and_the_others_are_ranked(tmp_path: Path, ranker: Ranker) -> None:
    a, b, c = burst(tmp_path)
    good = ranker.rank([a, c])
    b.write_bytes(b.read_bytes()[:500])
    ranking = ranker.rank([a, b, c])
    assert ranking.series[0].images == good.series[0].images
    assert [(failure.path, failure.stage) for failure in ranking.failures] == [(str(b), "decode")]


def test_a_series_without_a_usable_photo_is_left_out(tmp_path: Path, ranker: Ranker) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"")
    ranking = ranker.rank_series([("bad", [bad]), ("good", burst(tmp_path / "good"))])
    assert [series.id for series in ranking.series] == ["good"]
    assert [failure.error for failure in ranking.failures] == [
        f"{bad}: the file is empty; copy it again from the camera or card"
    ]


def test_progress_counts_every_image_once(tmp_path: Path, ranker: Ranker) -> None:
    paths: list[str | Path] = [*burst(tmp_path), tmp_path / "gone.jpg"]
    done: list[None] = []
    ranker.rank_series([("s", paths)], on_image=lambda: done.append(None))
    assert len(done) == 4
    ranker.score(paths, on_image=lambda: done.append(None))
    assert len(done) == 8


def test_scores_keep_the_order_given_over_several_parts(tmp_path: Path, ranker: Ranker) -> None:
    a, b, c = burst(tmp_path)
    gone = tmp_path / "gone.jpg"
    given = [c, a, gone, b, *[a] * 16, b]
    scores = ranker.score(given)
    assert [score.path for score in scores.images] == [str(p) for p in given if p != gone]
    assert scores.images[1].score == scores.images[5].score
    for score in scores.images:
        assert sum(score.distribution) == pytest.approx(1, abs=1e-12)
        expected = sum(level * p for level, p in enumerate(score.distribution, 1))
        assert score.score == pytest.approx(expected, abs=1e-12)
    assert [failure.path for failure in scores.failures] == [str(gone)]


def test_nothing_to_score_is_no_error(ranker: Ranker) -> None:
    assert ranker.score([]).images == ()
    assert ranker.rank([]).series == ()


def test_one_image_is_not_a_list_of_images(ranker: Ranker) -> None:
    assert refusal(ranker, "a.jpg") == ["got the single path 'a.jpg'; give a list of images"] * 2
    assert refusal(ranker, Path("a.jpg")) == refusal(ranker, "a.jpg")
    assert refusal(ranker, burst_image(0)) == ["got one ndarray; give a list of images"] * 2


@pytest.mark.parametrize(("height", "width"), [(16, 16), (16, 400), (31, 33), (400, 40), (33, 500)])
def test_small_and_long_images_are_ranked(ranker: Ranker, height: int, width: int) -> None:
    images = [burst_image(n, height=height, width=width) for n in range(3)]
    ranking = ranker.rank(images)
    assert ranking.failures == ()
    assert len(ranking.series[0].images) == 3


def test_images_of_different_sizes_are_ranked(ranker: Ranker) -> None:
    images = [burst_image(0), burst_image(0)[20:, 30:], burst_image(1, height=40, width=700)]
    series = ranker.rank(images).series[0]
    assert sorted(image.path for image in series.images) == ["image-1", "image-2", "image-3"]


def test_comparison_names_both_images_that_cannot_be_used(tmp_path: Path, ranker: Ranker) -> None:
    with pytest.raises(InputError) as caught:
        ranker.compare(tmp_path / "a.jpg", tmp_path / "b.jpg")
    assert str(caught.value) == (
        f"{tmp_path / 'a.jpg'}: the file does not exist; check the path; "
        f"{tmp_path / 'b.jpg'}: the file does not exist; check the path"
    )


def test_pair_id_has_no_meaning_for_the_series_tokenizer(ranker: Ranker) -> None:
    with pytest.raises(InputError) as caught:
        ranker.compare(burst_image(0), burst_image(1), pair_id="1_1_2")
    assert str(caught.value) == "pair_id is '1_1_2', but only the reference tokenizer draws by it"


def test_interrupted_run_drops_what_was_not_begun(tmp_path: Path, tiny_model: Path) -> None:
    ranker = load(tiny_model)
    began: list[int] = []
    release = threading.Event()

    def wait(number: int) -> None:
        began.append(number)
        release.wait(10)

    with pytest.raises(KeyboardInterrupt), ranker.reading_pool() as pool:  # noqa: PT012
        for number in range(50):
            pool.submit(wait, number)
        threading.Timer(0.1, release.set).start()
        raise KeyboardInterrupt
    assert began == [0]


def test_model_identity_names_the_file_that_ran(tiny_model: Path, ranker: Ranker) -> None:
    torch_ranker = load(tiny_model, options=EngineOptions(engine="torch"))
    assert ranker.identity.engine == "onnx"
    assert torch_ranker.identity.engine == "torch"
    assert ranker.identity.sha256 != torch_ranker.identity.sha256
    assert ranker.identity.name == "fgaesq-tiny"
    assert ranker.identity.tokenizer == "series"


def test_a_model_has_only_its_tokenizers() -> None:
    from fgaesq.models.weights import embedded_models

    if "fgaesq-s" not in embedded_models():
        pytest.skip("the embedded model is not part of this checkout")
    with pytest.raises(UnknownNameError) as caught:
        load("fgaesq-s", tokenizer="reference")
    assert str(caught.value) == "unknown tokenizer of fgaesq-s 'reference'; known: series"


def test_tokenizer_that_nobody_knows(tiny_model: Path) -> None:
    with pytest.raises(UnknownNameError) as caught:
        load(tiny_model, tokenizer="serie")  # type: ignore[arg-type]
    assert str(caught.value) == "unknown tokenizer of fgaesq-tiny 'serie'; did you mean series?"


def test_models_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        load("fgaesq-tiny")
    assert str(caught.value).startswith("fgaesq-tiny: its weights are not part of the package; ")
    with pytest.raises(WeightsError) as caught:
        load(tmp_path / "none")
    assert str(caught.value) == (
        f"{tmp_path / 'none'}: no such folder; give the folder of an imported model"
    )
    with pytest.raises(UnknownNameError) as unknown:
        load("fgaesq-b61")
    assert str(unknown.value).startswith("unknown model 'fgaesq-b61'; did you mean fgaesq-b16")


def numbered(folder: Path, count: int = 3) -> list[Path]:
    return burst(folder, tuple(f"000012-{n:02d}.jpg" for n in range(1, count + 1)))


def test_released_ranking_depends_on_the_folder_name_only_through_its_number(
    tmp_path: Path, released: Ranker, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbered(tmp_path / "000012")
    numbered(tmp_path / "other" / "12")
    numbered(tmp_path / "13")
    monkeypatch.chdir(tmp_path / "000012")

    def scores(*given: str | Path) -> list[float]:
        series, failures = find_series(given)
        assert failures == []
        ranking = released.rank_series(series)
        assert ranking.failures == ()
        return [image.score for image in ranking.series[0].images]

    expected = scores(tmp_path / "000012")
    files: Sequence[str] = ("000012-02.jpg", "000012-01.jpg", "000012-03.jpg")
    assert scores(".") == expected
    assert scores(*files) == expected
    assert scores(tmp_path / "other" / "12") == expected
    assert scores(tmp_path / "13") != expected


def test_released_ranking_needs_numbers_in_names(tmp_path: Path, released: Ranker) -> None:
    paths = numbered(tmp_path / "12", 2)
    odd = write_jpeg(tmp_path / "12" / "best.jpg", burst_image(1))
    twice = write_jpeg(tmp_path / "12" / "x-2.jpg", burst_image(2))
    ranking = released.rank([*paths, odd, twice], series_id="12")
    assert sorted(image.path for image in ranking.series[0].images) == [str(p) for p in paths]
    assert [(f.path, f.stage, f.error) for f in ranking.failures] == [
        (
            str(odd),
            "tokens",
            f"{odd}: the reference tokenizer needs a number at the end of the name; "
            "rename it like 000012-03.jpg or use --tokenizer series",
        ),
        (
            str(twice),
            "tokens",
            f"{twice}: number 2 is taken by {paths[1]}; give each image of a series its own number",
        ),
    ]


def test_released_ranking_needs_two_images(tmp_path: Path, released: Ranker) -> None:
    (path,) = numbered(tmp_path / "12", 1)
    ranking = released.rank([path])
    assert ranking.series == ()
    assert [failure.error for failure in ranking.failures] == [
        f"{path}: fewer than two usable images; the reference tokenizer compares pairs"
    ]


def test_shape_at_which_the_released_code_fails_is_a_failure_of_the_photo(
    tmp_path: Path, released: Ranker
) -> None:
    paths = numbered(tmp_path / "12", 3)
    strip = write_jpeg(tmp_path / "12" / "000012-04.jpg", np.zeros((16, 16001, 3), np.uint8))
    ranking = released.rank([*paths, strip], series_id="12")
    assert ranking.series[0].images == released.rank(paths, series_id="12").series[0].images
    assert [(f.path, f.stage) for f in ranking.failures] == [(str(strip), "tokens")]
    assert ranking.failures[0].error.startswith(f"{strip}: ")
    scores = released.score([paths[0], strip])
    assert [score.path for score in scores.images] == [str(paths[0])]
    assert [(f.path, f.stage) for f in scores.failures] == [(str(strip), "tokens")]
    with pytest.raises(InputError, match=f"^{paths[0]} and {strip}: .*released tokenizer"):
        released.compare(paths[0], strip, pair_id="12_1_4")


def test_released_comparison_needs_a_pair_id(released: Ranker) -> None:
    with pytest.raises(InputError) as caught:
        released.compare(burst_image(0), burst_image(1))
    assert str(caught.value) == (
        "the reference tokenizer draws its tokens by a pair id; "
        "give one, such as 12_1_3 for images 1 and 3 of series 12"
    )


def test_released_ranking_does_not_depend_on_the_order_or_the_engine_threads(
    tmp_path: Path, tiny_model: Path, released: Ranker
) -> None:
    paths = numbered(tmp_path / "12", 4)
    expected = released.rank(paths, series_id="12").series
    threads = load(tiny_model, options=EngineOptions(threads=3), tokenizer="reference")
    assert threads.rank(paths[::-1], series_id="12").series == expected


def test_released_seed_moves_the_draws_of_single_images(released: Ranker) -> None:
    image = burst_image(0, height=480, width=640)
    scores = [released.score([image], seed=seed).images[0].score for seed in (0, 0, 1)]
    assert scores[0] == scores[1] != scores[2]


def test_numbers_that_are_not_finite_are_an_error(tiny_model: Path) -> None:
    from fgaesq.engines import Outputs

    with pytest.raises(EngineError) as caught:
        Outputs(np.zeros((1, 4), np.float32), np.full((1, 10), np.nan, np.float32))
    assert str(caught.value) == (
        "the model gave numbers that are not finite; "
        "its weights are damaged or the device does not compute them"
    )


def test_a_thumbnail_among_photos_stops_nothing(ranker: Ranker) -> None:
    images = [burst_image(0), burst_image(0, height=16, width=16), burst_image(1)]
    assert len(ranker.rank(images).series[0].images) == 3
