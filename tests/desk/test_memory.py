"""The allocator's setting."""

from __future__ import annotations

import platform
import subprocess
import sys


def test_arenas_are_shared_where_there_are_any() -> None:
    # In a process of its own, as the setting cannot be taken back.
    code = "from fgaesq.desk.memory import share_arenas; print(share_arenas())"
    call = [sys.executable, "-c", code]
    said = subprocess.run(call, capture_output=True, check=True, text=True)  # noqa: S603 - our own
    assert said.stdout.strip() == str(platform.libc_ver()[0] == "glibc")
