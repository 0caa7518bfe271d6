"""Write docs/numbers.md from benchmarks/results/*.json.

python tools/make_numbers.py          # write
python tools/make_numbers.py --check  # exit 1 if the file is not what would be written
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
TARGET = ROOT / "docs" / "numbers.md"
MEASURES = {"pair_accuracy": "pair accuracy", "top1": "best of series", "srcc": "SRCC"}

HEAD = """# Numbers

Each table comes from a file in `benchmarks/results/`, written by the command above it, and this
page from `python tools/make_numbers.py`. Intervals are 95 %, by bootstrap over whole series.
"Best of series" is how often the image ranked first is the true best. What the measures mean:
[evaluation.md](evaluation.md).
"""

CONSTRUCTED = """
## Held-out constructed series

    fgaesq evaluate constructed PHOTOS --series 1000 --out {file}

{origin}. {about} They have 2 to 5 images each, from photos that were never trained or tuned on,
with edits drawn anew at severities from just noticeable to severe, on photos that those make worse
for certain ([decision 13](decisions/0013-suited-photos.md) has the numbers without that choice,
and of another draw). PHOTOS is a folder of photos with a manifest; ours is described in the model
card. Expected calibration error of P(A beats B):
{error}.

The order of the images is certain by construction, so an ideal judge would reach 1. The simple
competitors see the full images.

"""

REASONS = """
Reasons of {name}: how often the first reason is its word for the edit that was made. "Right pairs"
are in the right order and not too close to call; among all pairs, one in the wrong order or without
a reason counts as not named; "best image" is the image ranked first in each series.

"""

SCALE = """
Scores of single images: {images} images, photos with one edit at rising severity, each scored
alone. 5 % lie below {low:.2f}, half below {median:.2f}, 5 % above {high:.2f}; rounded:

"""

SCENES = """
### Several scenes

    fgaesq evaluate constructed PHOTOS --making variants --series 500 --out {variants_file}
    fgaesq evaluate constructed PHOTOS --making scenes --series 500 --out {scenes_file}

{origin}. Series of 2 or 3 photos of the split 'test'. In `variants` each is in another style and
rendered by a means of another ability, as AI images of one prompt; in `scenes` each has a flaw of
another severity. Expected calibration error of P(A beats B): {variants_error} and {scenes_error}.

"""

SHAKEN = """
### A shaking hand

    fgaesq evaluate constructed PHOTOS --making shaken --series 1000 --out {file}

{origin}. As the series above, with frames that are turned against each other by tenths of a degree,
shifted by parts of a pixel, and have noise of their own. Expected calibration error of
P(A beats B): {error}.

"""

HUMAN = """
## Human judgements

    fgaesq evaluate human FOLDER --out {file}

{origin}. Never trained on; what the totals taught is in
decisions [5](decisions/0005-statistics-readout-muon.md), [8](decisions/0008-naturalness.md) and
[9](decisions/0009-renderings.md).

AIGC: {aigc} prompts x 5 generators, truth is the mean
appeal of two crowd tests (AVT AI images); the scores of the other assessors are those published
with it. "Close generators" are pairs whose generators' mean appeal on these prompts differs by
less than 0.5. Super-resolution: {superres} scenes x 4 outputs, truth is the votes of about 50
observers. "maker alone" knows the mean verdict on each generator or method: it shows how much
of the truth that explains, and is no competitor.

"""

RENDERINGS = """
## Renderings told from bursts

    python benchmarks/renderings.py PHOTOS --series {series} --out {file}

{origin}. How many of {series} series of each sort, made of photos of the split '{split}', have
texture of their own in every image, as renderings of one picture have
([decision 9](decisions/0009-renderings.md)); in a ranking, images must also lie on each other. The
benchmark tells how the series are made.

"""

UNSEEN = """
## Flaws that no series teaches

    python benchmarks/unseen.py PHOTOS --series {series} --out {file}

{origin}. Pair accuracy on {series} series for each flaw, of photos of the split '{split}': four
images, untouched and with the flaw at three severities. None of these flaws is made as an edit
of the training series makes it, though of some the like is taught; of others it is a matter of
taste whether they are flaws when they are slight. "Slight" and "strong" are the untouched image
against the least and the most.

"""

SPEED = """
## Speed and memory

    python benchmarks/speed.py --out {file}

{origin}, {threads} threads. Ten JPEG files of 2048 x 1365 from disk to ranking, model loaded,
median of {rounds} runs after one that warms up; peak memory of the whole process.
"""

TOKENS = """
## What the fine tokens are worth

    python benchmarks/tokens.py PHOTOS --series {series} --out {file}

{origin}. Pair accuracy of the embedded model on {series} held-out constructed series with other
choices of tokens at inference; "local" series have the same edits in one eighth of the frame
only. See [decision 0002](decisions/0002-series-tokens.md).
"""

CULLING = """
## Culling a shoot

    python -m benchmarks.cull --photos {photos} --out {file}

{origin}, {threads} threads.

{photos} JPEG files of {megapixels:.0f} megapixels, {mean_file_mb:.1f} MB in the mean; "decoding"
reads their full pixels and does nothing else. Culling takes {cull_by_decode:.1f} times as long.

"""

CULLING_FAST = """
With `--fast`, and frames of which some are out of focus, darker or lighter:

    python -m benchmarks.cull --photos {photos} --fast --flaws --out {file}

{origin}. Decoding takes {decode:.1f} s, culling {cull:.1f} s ({ratio:.1f} times as long), with the
normal reading {normal_cull:.1f} s ({normal_ratio:.1f} times). Both have the same photo first in
{same_pick:.2f} of {series} series, and in {same_clear_pick:.2f} of {clear_series} that the normal
reading does not call too close; their scores correlate by {correlation:.3f}, within series by
{correlation_in_series:.3f}.
"""

TRAINING = """
## Speed of training and evaluation

    python benchmarks/training.py --threads {threads} --out {file}

{origin}, {threads} of them used. Random tokens in memory; a training image is forward pass,
backward pass and its part of the optimiser's step, an evaluated one goes from tokens to scores. The
share is that of the network's matrix products per second in the fastest plain matrix product of the
same precision (of torch or ONNX Runtime), measured in the same run: {peaks}. With one thread, times
are the processor's own, so that other programs matter little.

"""

ABLATION = """
## What each part of the method is worth

    python benchmarks/ablation.py --set data.photos=PHOTOS --out {file}

{origin}. A network of {depth} layers of width {width} from random weights, trained for {steps}
batches of {images} images per row and seed by [ablation.toml](../recipes/ablation.toml), and
measured on {series} held-back constructed series: mean over {seeds} seeds, +- standard deviation.
SRCC is that of the scores of all images with their constructed absolute scores.

Two things differ from the paper's setting, apart from size. The absolute scores of constructed
images know how strong each edit is, while AVA's know nothing of near-identical images. And the
paper starts from CLIP: here coarse batches start from nothing, and where the SRCC stays near 0,
they have not got anywhere yet.

"""

SIGNS = """
Does leaving a part out change the measures in the direction of the paper's table 5? Differences
are to the full method, ours between runs of the same seed. "Yes" and "no" mean that all seeds agree
({chance}), "unclear" that they do not; where the paper has no difference, "yes"
means that ours is small or changes sign. "Series" of the paper is compared with our best of series,
its AVA SRCC with our SRCC.

"""

CHOICES = """
Other choices: the difference to the full method, in brackets where the seeds do not agree on its
sign. The teacher is a classifier that is given with `--teacher FILE`.

"""
_SHARES_NAMED = ("right_named", "named", "best_named")


def main() -> None:
    """Write the page, or check it."""
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.read_text(encoding="utf-8") == page() else 1)
    TARGET.write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the page that the stored results give."""
    parts = (
        _constructed,
        _shaken,
        _scenes,
        _human,
        _unseen,
        _renderings,
        _tokens,
        _ablation,
        _speed,
        _culling,
        _training,
    )
    return HEAD + "".join(part() for part in parts)


def _constructed() -> str:
    content, file = _read("constructed.json")
    measured = content["sets"]["constructed"]
    scorers = measured["scorers"]
    names = list(scorers)
    text = CONSTRUCTED.format(
        about=measured["about"],
        file=file,
        origin=_origin(content),
        error=_estimate(scorers[names[0]]["calibration"]["error"]),
    )
    rows = [[name, *_cells(one["groups"]["all"])] for name, one in scorers.items()]
    text += _table(["scorer", "pairs", "pair accuracy", "best of series"], rows)
    text += "\nBy kind of edit (pair accuracy):\n\n"
    groups = {name: one["groups"] for name, one in scorers.items()}
    kinds = [kind for kind in groups[names[0]] if kind != "all"]
    rows = [
        [
            kind,
            str(groups[names[0]][kind]["pairs"]),
            _estimate(groups[names[0]][kind]["accuracy"]),
            *(f"{groups[name][kind]['accuracy']['value']:.3f}" for name in names[1:3]),
            _estimate(groups[names[0]][kind]["top1"]),
        ]
        for kind in kinds
    ]
    heads = ["edit", "pairs", names[0], *names[1:3], f"best of series, {names[0]}"]
    text += _table(heads, rows) + "".join(map(_reasons, scorers.values()))
    return text + "".join(map(_scale, measured["scales"]))


def _scenes() -> str:
    """Return how series of several scenes are ordered, by way to make them."""
    measured, told = {}, {}
    for making in ("variants", "scenes"):
        content, told[f"{making}_file"] = _read(f"{making}.json")
        measured[making] = content["sets"][f"constructed ({making})"]["scorers"]
        error = next(iter(measured[making].values()))["calibration"]["error"]
        told[f"{making}_error"] = _estimate(error)
    rows = [
        [name, *(cell for one in measured.values() for cell in _cells(one[name]["groups"]["all"]))]
        for name in measured["variants"]
    ]
    heads = ["pairs", "pair accuracy", "best of series"]
    text = SCENES.format(origin=_origin(content), **told)
    return text + _table(["scorer", *(f"{head}, {m}" for m in measured for head in heads)], rows)


def _shaken() -> str:
    """Return how series of the frames of a shaking hand are ordered."""
    content, file = _read("shaken.json")
    scorers = content["sets"]["constructed (shaken)"]["scorers"]
    error = _estimate(next(iter(scorers.values()))["calibration"]["error"])
    rows = [[name, *_cells(one["groups"]["all"])] for name, one in scorers.items()]
    text = SHAKEN.format(origin=_origin(content), file=file, error=error)
    return text + _table(["scorer", "pairs", "pair accuracy", "best of series"], rows)


def _reasons(scorer: dict[str, Any]) -> str:
    """Return how often reasons name the edit; "" for a scorer that gives none."""
    reasons: dict[str, dict[str, Any]] = scorer.get("reasons", {})
    if not reasons:
        return ""
    rows = [
        [
            kind,
            one["word"] or "",
            *(_estimate(one[key]) if one[key] else "" for key in _SHARES_NAMED),
            ", ".join(f"{said} {pairs}" for said, pairs in list(one["mistaken"].items())[:2]),
        ]
        for kind, one in reasons.items()
    ]
    heads = ["edit", "word", "right pairs", "all pairs", "best image", "most said instead (pairs)"]
    return REASONS.format(name=scorer["name"]) + _table(heads, rows)


def _scale(scale: dict[str, Any]) -> str:
    shares = [f"{share:.0%}" for share in scale["shares"]]
    text = SCALE.format(**scale)
    text += _table(["score", *map(str, range(1, 11))], [["share", *shares]])
    rows = [
        [kind, _estimate(one["steps_right"]), _estimate(one["spearman"])]
        for kind, one in scale["kinds"].items()
    ]
    return text + "\n" + _table(["edit", "steps that fall", "Spearman"], rows)


def _human() -> str:
    content, file = _read("human.json")
    aigc, superres = content["sets"]["aigc"], content["sets"]["superres"]
    text = HUMAN.format(
        file=file,
        origin=_origin(content),
        aigc=_first(aigc)["groups"]["all"]["series"],
        superres=_first(superres)["groups"]["all"]["series"],
    )
    rows = [
        [
            name,
            *_cells(one["groups"]["all"]),
            str(one["gaps"]["close generators"]["pairs"]),
            _estimate(one["gaps"]["close generators"]["accuracy"]),
        ]
        for name, one in aigc["scorers"].items()
    ]
    heads = ["AIGC", "pairs", "pair accuracy", "best of series", "close pairs", "pair accuracy"]
    text += _table(heads, rows) + "\n"
    rows = [[name, *_cells(one["groups"]["all"])] for name, one in superres["scorers"].items()]
    return text + _table(["super-resolution", "pairs", "pair accuracy", "best of series"], rows)


def _renderings() -> str:
    content, file = _read("renderings.json")
    result = content["result"]
    makings = result["makings"]
    text = RENDERINGS.format(
        series=max(one["series"] for one in makings.values()),
        file=file,
        origin=_origin(content),
        split=result["split"],
    )
    rows = [
        [name, str(one["taken"]), f"{one['taken'] / one['series']:.1%}"]
        for name, one in makings.items()
    ]
    return text + _table(["made as", "texture of their own", "share"], rows)


def _unseen() -> str:
    content, file = _read("unseen.json")
    result = content["result"]
    text = UNSEEN.format(
        series=result["series"], split=result["split"], file=file, origin=_origin(content)
    )
    flaws = sorted(result["flaws"].items(), key=lambda entry: -entry[1]["accuracy"])
    measures = ("accuracy", "slight", "strong")
    rows = [[name, *(f"{row[measure]:.3f}" for measure in measures)] for name, row in flaws]
    return text + _table(["flaw", "all pairs", "slight", "strong"], rows)


def _first(measured: dict[str, Any]) -> dict[str, Any]:
    scorer: dict[str, Any] = next(iter(measured["scorers"].values()))
    return scorer


def _tokens() -> str:
    content, file = _read("tokens.json")
    result = content["result"]
    text = TOKENS.format(series=result["series"], file=file, origin=_origin(content))
    rows = [
        [name, *(f"{row[kind]:.3f}" for kind in ("whole frame", "local"))]
        for name, row in result["variants"].items()
    ]
    return text + _table(["tokens", "whole frame", "local"], rows)


def _speed() -> str:
    content, file = _read("speed.json")
    text = SPEED.format(file=file, origin=_origin(content), threads=content["threads"], rounds=5)
    results = content["results"]
    rows = [
        [name, f"{row['seconds']:.2f} s", f"{row['slowest']:.2f} s", f"{row['peak_mb']:.0f} MB"]
        for name, row in results.items()
        if "peak_mb" in row and "seconds" in row
    ]
    text += _table(["ten images with", "median", "slowest", "peak memory"], rows)
    lengths = {k: v for k, v in results["fgaesq-s by length"].items() if k.startswith("ms_per")}
    difference = results["difference map"]
    text += f"""
Decoding alone takes {results["decoding"]["seconds"]:.2f} s. One difference map of two aligned
images takes {difference["aligned_pair_ms"]:.1f} ms on one core, finding their alignment
{difference["alignment_ms"]:.1f} ms. Time per image of the embedded model by length of the series:

"""
    heads = [f"{key.rsplit('_', 1)[1]} images" for key in lengths]
    return text + _table(heads, [[f"{value:.0f} ms" for value in lengths.values()]])


def _culling() -> str:
    content, file = _read("cull.json")
    results = content["results"]
    text = CULLING.format(file=file, origin=_origin(content), threads=content["threads"], **results)
    rows = [
        [
            name,
            f"{results[key]['seconds']:.1f} s",
            f"{1000 * results[key]['seconds'] / results['photos']:.0f} ms",
            f"{results[key]['peak_mb']:.0f} MB",
        ]
        for key, name in (("decode", "decoding"), ("cull", "culling"), ("second run", "again"))
    ]
    return text + _table(["", "all", "a photo", "peak memory"], rows) + _culling_fast()


def _culling_fast() -> str:
    content, file = _read("cull-fast.json")
    results = content["results"]
    seconds = {key: results[key]["seconds"] for key in ("decode", "cull", "normal cull")}
    return CULLING_FAST.format(
        file=file,
        origin=_origin(content),
        photos=results["photos"],
        ratio=results["cull_by_decode"],
        normal_ratio=seconds["normal cull"] / seconds["decode"],
        **{key.replace(" ", "_"): value for key, value in seconds.items()},
        **results["agreement"],
    )


def _training() -> str:
    if not (RESULTS / "training.json").exists():
        return ""
    content, file = _read("training.json")
    peaks = [
        f"{_most(peak, precision):.0f} GFLOP/s ({device}, {precision})"
        for device, peak in content["peaks"].items()
        for precision in ("fp32", "bf16")
    ]
    text = TRAINING.format(
        threads=content["threads"], file=file, origin=_origin(content), peaks=", ".join(peaks)
    )
    rows = [
        [
            name,
            f"{row['images_per_s']:.3g}",
            f"{row['gflop_per_image']:.3g}",
            f"{row['gflop_per_s']:.0f}",
            f"{row['share_of_peak']:.0%}",
        ]
        for name, row in content["results"].items()
    ]
    return text + _table(["", "images/s", "GFLOP an image", "GFLOP/s", "share of peak"], rows)


def _most(peak: dict[str, float], precision: str) -> float:
    return max(value for name, value in peak.items() if name.startswith(precision))


def _ablation() -> str:
    if not (RESULTS / "ablation.json").exists():
        return ""
    content, file = _read("ablation.json")
    recipe = content["recipe"]
    text = ABLATION.format(
        file=file,
        origin=_origin(content),
        steps=sum(stage["optimiser"]["steps"] for stage in recipe["stage"]),
        images=recipe["optimiser"]["batch_images"],
        series=recipe["data"]["val_series"],
        seeds=content["seeds"],
        **{key: content["network"][key] for key in ("width", "depth")},
    )
    rows = [
        [name, *(_mean(row[measure]) for measure in MEASURES)]
        for name, row in content["rows"].items()
    ]
    heads = list(MEASURES.values())
    text += _table(["", *heads], rows)
    text += SIGNS.format(chance=f"by chance alone in one case of {2 ** (content['seeds'] - 1)}")
    text += _signs(content["rows"])
    text += CHOICES
    others = [(name, row) for name, row in content["rows"].items() if not row["paper"]]
    rows = [[name, *(_change(row[measure]) for measure in MEASURES)] for name, row in others]
    return text + _table(["", *heads], rows)


def _signs(table: dict[str, Any]) -> str:
    """Return paper's and our differences, and a sentence that counts what is reproduced."""
    rows, found = [], []
    for name, row in table.items():
        for measure, head in MEASURES.items():
            cell = row[measure]
            if "reproduced" not in cell:
                continue
            found.append((cell["reproduced"], f"{name} ({head})"))
            paper, own = f"{cell['paper_difference']:+.3f}", _mean(cell["difference"], sign="+")
            rows.append([name, head, paper, own, cell["reproduced"]])
    text = _table(["left out", "measure", "paper", "ours", "reproduced"], rows) + "\n"
    for answer, words in (("yes", "Reproduced"), ("no", "Not"), ("unclear", "Unclear")):
        names = [name for one, name in found if one == answer]
        if names:
            text += f"{words} ({len(names)} of {len(found)}): {', '.join(names)}.\n"
    return text


def _change(cell: dict[str, Any]) -> str:
    """Return a difference to the full method; in brackets where the seeds do not agree."""
    text = _mean(cell["difference"], sign="+")
    return text if cell["in_all_seeds"] else f"({text})"


def _mean(cell: dict[str, float], *, sign: str = "") -> str:
    return f"{cell['mean']:{sign}.3f} +- {cell['spread']:.3f}"


def _read(name: str) -> tuple[dict[str, Any], str]:
    content: dict[str, Any] = json.loads((RESULTS / name).read_text(encoding="utf-8"))
    return content, f"benchmarks/results/{name}"


def _origin(content: dict[str, Any]) -> str:
    machine = content["machine"]
    model = content["models"][0] if "models" in content else content.get("model")
    what = f"{model['name']} {model['version']}, {model['engine']} engine, " if model else ""
    return (
        f"{what}{content['date']}, commit {content['commit']}, {machine['processor']}, "
        f"{machine['cores']} cores, Python {machine['python']}"
    )


def _cells(row: dict[str, Any]) -> list[str]:
    return [str(row["pairs"]), _estimate(row["accuracy"]), _estimate(row["top1"])]


def _estimate(one: dict[str, float]) -> str:
    return f"{one['value']:.3f} ({one['low']:.3f}-{one['high']:.3f})"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
