"""`fgaesq evaluate`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fgaesq.cli.options import finish, loaded, model_options, write_file
from fgaesq.cli.progress import Progress
from fgaesq.cli.targets import check_target
from fgaesq.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from fgaesq.evaluation.benchmarks import Construction, OnImage, Rankers
    from fgaesq.evaluation.results import Evaluation, MeasuredSet

__all__ = ["command"]
