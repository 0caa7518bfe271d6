"""Label Studio: tasks that compare two images, exported as JSON (`tasks.json`).

A task's data name the two images, `left` and `right`, and their series. If they hold `p` it is
taken; else P is the share of the annotations that chose the left image, ties counted half (see the
tag `Pairwise` in its documentation). `building.publish` writes such tasks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fgaesq.datasets.draft import Draft, RowError, finite, probability
from fgaesq.datasets.formats.own import dataset_name
from fgaesq.datasets.records import SPLITS, Dataset, Item, Split
from fgaesq.datasets.tables import json_content
from fgaesq.errors import InputError
from fgaesq.images import printable

__all__ = ["FROM", "IMAGES", "TASKS", "TIE", "choices", "is_label_studio", "read_label_studio"]

TASKS = "tasks.json"
IMAGES = ("left", "right")
FROM = "better"
TIE = "equal"

_Members = dict[str, dict[int, tuple[Item, float | None]]]


def is_label_studio(root: Path) -> bool:
    """Tell whether a folder has `tasks.json`."""
    return root.is_dir() and (root / TASKS).is_file()


def read_label_studio(root: Path) -> Dataset:
    """Read tasks and the images that lie beside them.

    Raises:
        InputError: it is no list of tasks, or nothing is usable.
    """
    path = root / TASKS
    tasks = json_content(path)
    if not isinstance(tasks, list):
        raise InputError(f"{printable(path)}: is no list of tasks; export the project as JSON")
    draft = Draft(dataset_name(root, root.resolve().name), "series", root)
    members: _Members = defaultdict(dict)
    for number, task in enumerate(tasks):
        with draft.row(f"{TASKS}: task {number}", "unreadable tasks"):
            _read_members(draft, task["data"], members)
    added = set()
    for number, task in enumerate(tasks):
        with draft.row(f"{TASKS}: task {number}", "unreadable tasks"):
            data = task["data"]
            series = str(data["series"])
            p, votes = _judgement(task)
            if series not in added:
                added.add(series)
                draft.series(series, split=_split(data), source=str(data.get("source") or ""))
                for _, (item, value) in sorted(members[series].items()):
                    draft.item(item)
                    draft.member(series, item.id, value)
            first, second = (_id(data, side) for side in IMAGES)
            draft.pair(series, first, second, p, votes=votes)
    return draft.finish()


def choices(task: Mapping[str, Any]) -> list[str]:
    """Return what each annotation of a task chose: `left`, `right` or `tie`; others are left out.

    Raises:
        KeyError, TypeError: it is no task.
    """
    found = []
    for annotation in task.get("annotations") or ():
        if annotation.get("was_cancelled"):
            continue
        for result in annotation["result"]:
            value = result["value"]
            if result.get("type") == "pairwise" and value.get("selected") in IMAGES:
                found.append(value["selected"])
            elif value.get("choices") == [TIE]:
                found.append("tie")
    return found


def _judgement(task: Mapping[str, Any]) -> tuple[float, int | None]:
    """Return P that the left image is better, and how many votes it comes from."""
    data = task["data"]
    if data.get("p") is not None:
        votes = data.get("votes")
        return probability(data["p"]), None if votes is None else int(votes)
    chosen = choices(task)
    if not chosen:
        raise RowError("pairs without a judgement")
    worth = {"left": 1.0, "tie": 0.5, "right": 0.0}
    return sum(worth[one] for one in chosen) / len(chosen), len(chosen)


def _read_members(draft: Draft, data: Mapping[str, Any], members: _Members) -> None:
    of_series = members[str(data["series"])]
    for side in IMAGES:
        maker, licence, prompt = (
            str(data.get(f"{side}_{name}") or "") for name in ("maker", "licence", "prompt")
        )
        path = draft.inside(str(data[side]))
        item = Item(_id(data, side), path, source=maker, licence=licence, prompt=prompt)
        known = {one.id: place for place, (one, _) in of_series.items()}
        place = int(data.get(f"{side}_place", known.get(item.id, len(of_series))))
        value = data.get(f"{side}_value")
        of_series[place] = item, None if value is None else finite(value)


def _id(data: Mapping[str, Any], side: str) -> str:
    return str(data.get(f"{side}_id") or data[side])


def _split(data: Mapping[str, Any]) -> Split | None:
    return next((one for one in SPLITS if one == data.get("split")), None)
