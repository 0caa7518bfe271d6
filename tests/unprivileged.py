"""Run a function as a user whom permissions bind, also where the tests run as root (as in CI)."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

__all__ = ["give_up_rights", "hand_over", "in_a_process", "open_folder", "without_rights"]

_NOBODY = 65534

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def without_rights(
    work: Callable[_Parameters, _Result], *args: _Parameters.args, **named: _Parameters.kwargs
) -> _Result:
    """Return what a function of a module returns, run in a process of its own without rights.

    The process loads that module before it gives up its rights: Python itself may lie where only
    root may read. So what the function needs has to be imported at the top of its module.
    """
    return in_a_process(_as_nobody, partial(work, *args, **named))


def in_a_process(
    work: Callable[_Parameters, _Result], *args: _Parameters.args, **named: _Parameters.kwargs
) -> _Result:
    """Return what a function of a module returns, run in a process of its own."""
    spawn = multiprocessing.get_context("spawn")  # a fork would share the threads of the tests
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(work, *args, **named).result()


def give_up_rights() -> None:
    """Make this process one of a user without rights, if it is root's; for `in_a_process`."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


@contextmanager
def open_folder() -> Iterator[Path]:
    """Give a folder that such a user can reach and write in; those of pytest are closed."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:  # noqa: S108 - needs that path
        Path(name).chmod(0o755)
        hand_over(Path(name))
        yield Path(name)
        hand_over(Path(name), mode=0o755)  # so that whoever runs the tests may remove it


def hand_over(folder: Path, *, mode: int | None = None) -> None:
    """Give all that is in a folder to that user; with `mode`, set it for the folders."""
    for path in (folder, *folder.rglob("*")):
        if os.geteuid() == 0:
            os.chown(path, _NOBODY, _NOBODY)
        if mode is not None and path.is_dir():
            path.chmod(mode)


def _as_nobody(work: Callable[[], _Result]) -> _Result:
    give_up_rights()
    return work()
