"""What other programs take from a call is not counted as the call's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from automl_gpt_magic.training.stopwatch import Stopwatch

TELLS = Path("/proc/thread-self/schedstat")


def work(seconds):
    """Use the processor for so long, by the thread's own time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@pytest.fixture
def shared_processor():
    """Put this thread on one processor, together with a program that always wants it."""
    before = os.sched_getaffinity(0)
    one = min(before)
    os.sched_setaffinity(0, {one})
    hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    time.sleep(0.2)
    yield
    hog.kill()
    hog.wait()
    os.sched_setaffinity(0, before)


@pytest.mark.skipif(not TELLS.exists(), reason="the system does not tell how long a thread waited")
def test_waiting_for_a_processor_is_left_out(shared_processor):
    with Stopwatch() as watch:
        began = time.perf_counter()
        taken = watch.seconds(work, 0.2)
        wall = time.perf_counter() - began
    assert 0.2 <= taken < 0.26 and wall > 1.2 * taken


def test_waiting_for_something_else_is_counted():
    with Stopwatch() as watch:
        assert 0.05 <= watch.seconds(time.sleep, 0.05) < 0.2


def test_where_the_system_does_not_tell_the_clock_alone_counts(monkeypatch):
    def missing(*_):
        raise FileNotFoundError

    monkeypatch.setattr(os, "open", missing)
    with Stopwatch() as watch:
        monkeypatch.undo()
        assert watch.seconds(time.sleep, 0.01) >= 0.01
