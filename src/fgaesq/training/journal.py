"""What a run writes about itself: losses, validations, curves; all cut back when it goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fgaesq.errors import MissingExtraError
from fgaesq.training.curves import draw_curves

if TYPE_CHECKING:
    from torch.utils.tensorboard.writer import SummaryWriter

__all__ = ["Journal"]


class Journal:
    """The log files of a run.

    `steps.jsonl` has the losses of every step, `log.jsonl` those and the measures of every
    validation, `curves.svg` both as a picture. A run that goes on from a checkpoint first removes
    what was written after it, so that a stopped run leaves the same lines as one that was not.

    Args (of the constructor):
        folder: where to write.
        start: the steps done; lines of later ones are removed.
        tensorboard: also write event files, into `folder/tensorboard`.
        writes: False for a journal that writes nothing, as of all processes but the first.

    Raises:
        MissingExtraError: `tensorboard` is asked for and not installed.
    """

    def __init__(
        self, folder: Path, start: int, *, tensorboard: bool = False, writes: bool = True
    ) -> None:
        self._writes = writes
        self._steps = folder / "steps.jsonl"
        self._log = folder / "log.jsonl"
        self._picture = folder / "curves.svg"
        self._events = _events(folder / "tensorboard", start) if tensorboard and writes else None
        for path in (self._steps, self._log) if writes else ():
            kept = [json.dumps(row) + "\n" for row in _rows(path) if row["step"] <= start]
            path.write_text("".join(kept), encoding="utf-8")

    def step(self, row: dict[str, Any]) -> None:
        """Note the losses of a step."""
        self._append(self._steps, row, "train")

    def validation(self, row: dict[str, Any]) -> None:
        """Note a validation, and draw the curves."""
        self._append(self._log, row, "validation")
        if not self._writes:
            return
        text = draw_curves(_rows(self._steps), _rows(self._log))
        self._picture.write_text(text, encoding="utf-8")

    def close(self) -> None:
        """Finish the event files."""
        if self._events is not None:
            self._events.close()

    def _append(self, path: Path, row: dict[str, Any], group: str) -> None:
        if not self._writes:
            return
        with path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
        if self._events is not None:
            for name, value in row.items():
                if isinstance(value, float):
                    self._events.add_scalar(f"{group}/{name}", value, row["step"])


def _rows(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a log; the last one of a killed run may be cut short and is left out."""
    if not path.exists():
        return []
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]


def _events(folder: Path, start: int) -> SummaryWriter:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise MissingExtraError("writing TensorBoard files", "train") from None
    return SummaryWriter(str(folder), purge_step=start + 1)
