"""A dataset as tasks for Label Studio: which of two images is better (see its tag `Pairwise`).

`tasks.json` is imported into a project whose labelling interface is `labelling.xml`. What is known
of a pair stands in the task's data; the calibrated verdict is a prediction, single votes are
annotations, by numbers instead of names. The tag knows no ties: a tie is a choice beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from fgaesq.building.publish.files import ImageFiles
from fgaesq.building.records import Vote
from fgaesq.datasets.formats.label_studio import FROM, IMAGES, TASKS, TIE
from fgaesq.datasets.records import Dataset, Item, PairRecord, SeriesRecord

__all__ = ["write_label_studio"]

_INTERFACE = f"""<View>
  <Header value="Which image is better?"/>
  <Pairwise name="{FROM}" toName="{IMAGES[0]},{IMAGES[1]}"/>
  <View style="display: flex; gap: 1em">
    <Image name="{IMAGES[0]}" value="$left"/>
    <Image name="{IMAGES[1]}" value="$right"/>
  </View>
  <Choices name="{TIE}" toName="{IMAGES[0]}">
    <Choice value="{TIE}"/>
  </Choices>
</View>
"""


def write_label_studio(
    dataset: Dataset,
    folder: Path,
    *,
    files: ImageFiles,
    votes: Mapping[tuple[str, str], Iterable[Vote]] | None = None,
    on_image: Callable[[], None] | None = None,
) -> None:
    """Write `tasks.json`, `labelling.xml` and `images/`; crops are cut and saved as PNG.

    Args:
        dataset: of series.
        folder: an empty one.
        files: how images become files.
        votes: by pair, the names of its images as in `dataset`.
        on_image: called for each image.

    Raises:
        DecodeError: an image cannot be read.
    """
    (folder / "images").mkdir()
    paths: dict[str, str] = {}
    for id, item in dataset.items.items():  # noqa: A001 - the word of the record
        stem = folder / "images" / id.replace("/", "-")
        paths[id] = files.write_shown(item, stem, "PNG").relative_to(folder).as_posix()
        if on_image:
            on_image()
    people: dict[str, int] = {}
    series = {one.id: one for one in dataset.series}
    with (folder / TASKS).open("w", encoding="utf-8") as file:
        for number, pair in enumerate(dataset.pairs):
            of_pair = (votes or {}).get((pair.first, pair.second), ())
            task = {
                "data": _data(dataset, series[pair.series], pair, paths),
                "predictions": [_prediction(pair.p)],
                "annotations": [_annotation(vote, people) for vote in of_pair],
            }
            file.write("[\n" if number == 0 else ",\n")
            file.write(json.dumps(task))
        file.write("\n]\n")
    (folder / "labelling.xml").write_text(_INTERFACE, encoding="utf-8")


def _data(
    dataset: Dataset, series: SeriesRecord, pair: PairRecord, paths: Mapping[str, str]
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "series": series.id,
        "source": series.source,
        "split": series.split,
        "p": pair.p,
        "votes": pair.votes,
    }
    for side, id in zip(IMAGES, (pair.first, pair.second), strict=True):  # noqa: A001
        place = series.items.index(id)
        data[side] = paths[id]
        data[f"{side}_id"] = id
        data[f"{side}_place"] = place
        data[f"{side}_value"] = series.values[place] if series.values else None
        data.update({f"{side}_{name}": text for name, text in _texts(dataset.items[id]).items()})
    return data


def _texts(item: Item) -> dict[str, str]:
    return {"maker": item.source, "licence": item.licence, "prompt": item.prompt}


def _prediction(p: float) -> dict[str, Any]:
    return {
        "model_version": "calibrated",
        "score": round(max(p, 1 - p), 6),
        "result": _result("tie" if p == 0.5 else "left" if p > 0.5 else "right"),
    }


def _annotation(vote: Vote, people: dict[str, int]) -> dict[str, Any]:
    return {
        "completed_by": people.setdefault(vote.annotator, len(people) + 1),
        "lead_time": vote.seconds,
        "result": _result({"first": "left", "second": "right", "tie": "tie"}[vote.choice]),
    }


def _result(choice: str) -> list[dict[str, Any]]:
    if choice == "tie":
        value: dict[str, Any] = {"choices": [TIE]}
        return [{"from_name": TIE, "to_name": IMAGES[0], "type": "choices", "value": value}]
    value = {"selected": choice}
    return [{"from_name": FROM, "to_name": ",".join(IMAGES), "type": "pairwise", "value": value}]
