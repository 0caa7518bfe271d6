"""A progress line on stderr for long runs: count, rate and remaining time."""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TextIO

from fgaesq.report.text import cell_width, shorten_middle

__all__ = ["Progress"]

_SECONDS_BETWEEN_DRAWS = 0.1
_SECONDS_BEFORE_FIRST_DRAW = 0.5


class Progress:
    """One line such as `scoring 123/1000  41.2/s  0:21 left`, drawn only on a terminal.

    Used as a context manager; the line is gone when the block ends, also by an exception. Where
    the stream is no terminal nothing is written at all. `advance` may be called from any thread.

    Args:
        what: what is being done, such as `scoring`.
        total: how many steps there will be; None where it is unknown (no remaining time then).
        stream: where to draw; stderr unless told, never stdout.
        clock: seconds that only rise; for tests.
    """

    def __init__(
        self,
        what: str,
        total: int | None = None,
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._total = total
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._lock = threading.RLock()
        self._visible = self._stream.isatty()
        self._done = 0
        self._before = 0
        self._drawn_columns = 0
        self._started = clock()
        self._next_draw = self._started + _SECONDS_BEFORE_FIRST_DRAW

    @property
    def done(self) -> int:
        """How many steps have been reported."""
        return self._done

    def __enter__(self) -> Progress:
        self._started = self._clock()
        self._next_draw = self._started + _SECONDS_BEFORE_FIRST_DRAW
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._clear()
            self._visible = False

    def begin(self, what: str, total: int) -> None:
        """Say what is done from now on, in how many steps."""
        with self._lock:
            self._clear()
            self._what = what
            self.expect(total)

    def expect(self, total: int, *, done: int = 0) -> None:
        """Say how many steps there are and how many were done before, and start the clock."""
        with self._lock:
            self._total, self._done, self._before = total, done, done
            self._started = self._clock()

    def advance(self, steps: int = 1) -> None:
        """Report `steps` more steps as done; draws at most ten times a second."""
        with self._lock:
            self._done += steps
            now = self._clock()
            if self._visible and now >= self._next_draw:
                self._next_draw = now + _SECONDS_BETWEEN_DRAWS
                self._draw(now)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Take the line away while the block prints something else; other threads wait."""
        with self._lock:
            self._clear()
            yield

    def clear(self) -> None:
        """Take the line away until the next step."""
        with self._lock:
            self._clear()

    def _draw(self, now: float) -> None:
        # One column stays free: a full line would make some terminals scroll.
        columns = max(shutil.get_terminal_size().columns - 1, 1)
        text = shorten_middle(self._text(now - self._started), columns)
        width = cell_width(text)
        self._stream.write("\r" + text + " " * (self._drawn_columns - width))
        self._stream.flush()
        self._drawn_columns = width

    def _text(self, elapsed_s: float) -> str:
        rate = (self._done - self._before) / elapsed_s if elapsed_s > 0 else 0.0
        speed = f"{rate:.1f}/s" if rate >= 1 or rate == 0 else f"{1 / rate:.1f} s each"
        if self._total is None:
            return f"{self._what} {self._done}  {speed}"
        text = f"{self._what} {self._done}/{self._total}  {speed}"
        if rate > 0 and self._done <= self._total:
            text += f"  {_duration((self._total - self._done) / rate)} left"
        return text

    def _clear(self) -> None:
        if self._drawn_columns:
            # Spaces, not an escape sequence: they work on every console.
            self._stream.write("\r" + " " * self._drawn_columns + "\r")
            self._stream.flush()
            self._drawn_columns = 0


def _duration(seconds: float) -> str:
    """Return `m:ss`, or `h:mm:ss` from one hour."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
