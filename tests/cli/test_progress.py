"""The progress line: what it draws, when, where, and that it leaves nothing behind."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from fgaesq.cli.progress import Progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Clock:
    """Seconds that a test moves on by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")


def test_progress_shows_count_rate_and_remaining_time_and_clears_itself() -> None:
    stream, clock = _Terminal(), _Clock()
    with Progress("scoring", 1000, stream=stream, clock=clock) as progress:
        clock.now += 2
        progress.advance(50)
        line = "scoring 50/1000  25.0/s  0:38 left"
        assert stream.getvalue() == "\r" + line
    assert stream.getvalue() == "\r" + line + "\r" + " " * len(line) + "\r"
    assert progress.done == 50


def test_progress_writes_nothing_where_there_is_no_terminal() -> None:
    stream, clock = io.StringIO(), _Clock()
    with Progress("scoring", 10, stream=stream, clock=clock) as progress:
        clock.now += 5
        progress.advance(10)
        with progress.paused():
            pass
    assert stream.getvalue() == ""


def test_progress_draws_on_stderr_and_never_on_stdout(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _Clock()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress("scoring", 10, clock=clock) as progress:
        clock.now += 1
        progress.advance()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "scoring 1/10" in captured.err


def test_progress_stays_away_from_short_runs_and_draws_seldom() -> None:
    stream, clock = _Terminal(), _Clock()
    with Progress("scoring", 1000, stream=stream, clock=clock) as progress:
        progress.advance()
        assert stream.getvalue() == ""
        clock.now += 1
        progress.advance()
        drawn = stream.getvalue()
        clock.now += 0.05
        progress.advance()
        assert stream.getvalue() == drawn
    assert drawn != ""


def test_progress_overwrites_a_longer_line() -> None:
    stream, clock = _Terminal(), _Clock()
    with Progress("x", 10, stream=stream, clock=clock) as progress:
        clock.now += 40
        progress.advance()
        clock.now += 1
        progress.advance(9)
        first, second = stream.getvalue().split("\r")[1:]
        assert first == "x 1/10  40.0 s each  6:00 left"
        assert second == "x 10/10  4.1 s each  0:00 left".ljust(len(first))


@pytest.mark.parametrize(
    ("total", "seconds", "steps", "line"),
    [
        (None, 2, 5, "scan 5  2.5/s"),
        (10, 2, 12, "scan 12/10  6.0/s"),
        (10000, 7200, 2, "scan 2/10000  3600.0 s each  9998:00:00 left"),
    ],
)
def test_progress_line_of(total: int | None, seconds: float, steps: int, line: str) -> None:
    stream, clock = _Terminal(), _Clock()
    with Progress("scan", total, stream=stream, clock=clock) as progress:
        clock.now += seconds
        progress.advance(steps)
        assert stream.getvalue() == "\r" + line


def test_progress_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream, clock = _Terminal(), _Clock()
    with Progress("a very long description", 10, stream=stream, clock=clock) as progress:
        clock.now += 1
        progress.advance()
        assert len(stream.getvalue()) == 1 + 19


def test_progress_is_gone_while_paused() -> None:
    stream, clock = _Terminal(), _Clock()
    with Progress("scoring", 9, stream=stream, clock=clock) as progress:
        clock.now += 1
        progress.advance()
        with progress.paused():
            assert stream.getvalue().endswith(" \r")


def _fail_after_drawing(progress: Progress, clock: _Clock) -> None:
    with progress:
        clock.now += 1
        progress.advance()
        raise KeyError


def test_progress_is_gone_after_an_exception_and_stays_away() -> None:
    stream, clock = _Terminal(), _Clock()
    progress = Progress("scoring", 9, stream=stream, clock=clock)
    with pytest.raises(KeyError):
        _fail_after_drawing(progress, clock)
    written = stream.getvalue()
    assert "scoring 1/9" in written
    assert written.endswith(" \r")
    clock.now += 1
    progress.advance()
    assert stream.getvalue() == written


def test_progress_counts_right_from_many_threads() -> None:
    progress = Progress("scoring", 4000, stream=_Terminal())

    def work() -> None:
        for _ in range(1000):
            progress.advance()

    with progress:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert progress.done == 4000


def test_steps_done_before_count_for_the_total_and_not_for_the_rate() -> None:
    stream, clock = _Terminal(), _Clock()
    with Progress("training", stream=stream, clock=clock) as progress:
        clock.now = 500.0
        progress.expect(1000, done=600)
        clock.now = 510.0
        progress.advance(100)
        assert stream.getvalue().endswith("\rtraining 700/1000  10.0/s  0:30 left")
        progress.clear()
        assert stream.getvalue().endswith(" \r")
