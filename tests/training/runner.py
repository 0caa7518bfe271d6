"""A run in a process of its own, to be killed or to be one of several."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

__all__ = ["start_training", "train_together"]


def start_training(
    recipe: Path, out: Path, *, rank: int = 0, processes: int = 1, port: int = 0
) -> subprocess.Popen[str]:
    """Start `fgaesq train`, as one of several processes as `torchrun` would start them."""
    together = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": processes, "MASTER_PORT": port}
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1"}
    if processes > 1:
        environment |= {name: str(value) for name, value in together.items()}
    command = [sys.executable, "-m", "fgaesq", "train", str(recipe), "--out", str(out)]
    return subprocess.Popen(  # noqa: S603 - our own program
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def train_together(recipe: Path, out: Path, processes: int) -> list[str]:
    """Train in several processes and return what each printed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = [
        start_training(recipe, out, rank=rank, processes=processes, port=port)
        for rank in range(processes)
    ]
    ended = [one.communicate(timeout=120) for one in started]
    assert [one.returncode for one in started] == [0] * processes, ended
    return [out for out, _ in ended]
