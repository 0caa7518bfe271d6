"""The log files of a run, also after a kill, and their picture."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fgaesq.errors import MissingExtraError
from fgaesq.training.curves import draw_curves
from fgaesq.training.journal import Journal


def steps_in(path: Path) -> list[int]:
    return [json.loads(line)["step"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_came_after_the_checkpoint_is_removed(tmp_path: Path) -> None:
    first = Journal(tmp_path, 0)
    for step in range(1, 6):
        first.step({"step": step, "total": 1.0})
    first.validation({"step": 5, "top1": 0.5})
    with (tmp_path / "steps.jsonl").open("a") as log:
        log.write('{"step": 6, "to')  # the process was killed while it wrote
    again = Journal(tmp_path, 3)
    again.step({"step": 4, "total": 2.0})
    assert steps_in(tmp_path / "steps.jsonl") == [1, 2, 3, 4]
    assert steps_in(tmp_path / "log.jsonl") == []


def test_a_journal_that_does_not_write_leaves_no_files(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 0, writes=False)
    journal.step({"step": 1, "total": 1.0})
    journal.validation({"step": 1, "top1": 0.5})
    assert list(tmp_path.iterdir()) == []


def test_the_picture_has_a_panel_for_each_loss_and_measure() -> None:
    steps = [{"step": i, "lr": 1.0, "total": 1 / i, "rank<": 3.0} for i in range(1, 1001)]
    log = [{"step": i, "seconds": 1.5, "total": 0.1, "top1": 0.2} for i in (500, 1000)]
    root = ElementTree.fromstring(draw_curves(steps, log))  # noqa: S314 - our own
    names = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert [name.split(":")[0] for name in names if ":" in name] == ["total", "rank<", "top1"]
    lines = list(root.iter("{http://www.w3.org/2000/svg}polyline"))
    assert len(lines) == 3
    for line in lines:
        points = [tuple(map(float, one.split(","))) for one in line.attrib["points"].split()]
        assert 2 <= len(points) <= 150
        assert all(0 <= x <= 300 and 0 <= y <= 130 for x, y in points)


def test_one_point_and_no_points_can_be_drawn() -> None:
    assert "total: 2" in draw_curves([{"step": 1, "total": 2.0}], [])
    ElementTree.fromstring(draw_curves([], []))  # noqa: S314 - our own


def test_tensorboard_is_asked_for_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.delitem(sys.modules, "torch.utils.tensorboard", raising=False)
    with pytest.raises(MissingExtraError) as caught:
        Journal(tmp_path, 0, tensorboard=True)
    assert str(caught.value) == (
        "writing TensorBoard files needs packages that are not installed; "
        "run: pip install 'fgaesq[train]'"
    )
