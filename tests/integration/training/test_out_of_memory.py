"""Memory that really runs out: the system ends the training, and the kernel that began it goes on."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

GROUPS = Path("/sys/fs/cgroup/memory")
LIMIT = 400 * 2**20
KERNEL = """
from automl_gpt_magic.training.process import CellProcess, Job

ended = []
source = "held = []\\nwhile True: held.append(bytearray(b'x') * 2**24)"
CellProcess(Job("x", [("data", source)], {}, "."), print, ended.append).join(60)
print(ended[0].state, ended[0].said)
"""


@pytest.fixture
def group():
    """A control group whose processes may use 400 MB together."""
    path = GROUPS / f"automl_gpt_magic_test_{os.getpid()}"
    try:
        path.mkdir()
        (path / "memory.limit_in_bytes").write_text(str(LIMIT))
    except OSError:
        pytest.skip("no control group for memory can be made here")
    yield path
    until = time.monotonic() + 20
    while (path / "cgroup.procs").read_text() and time.monotonic() < until:  # what the kernel began ends after it
        time.sleep(0.05)
    path.rmdir()


def test_the_training_is_ended_and_the_kernel_says_so(group):
    enter = f'echo $$ > {group}/cgroup.procs && exec {sys.executable} -c "$KERNEL"'
    kernel = subprocess.run(
        ["sh", "-c", enter], env={**os.environ, "KERNEL": KERNEL}, capture_output=True, text=True, timeout=90
    )
    assert (kernel.returncode, kernel.stderr) == (0, "")
    assert kernel.stdout.startswith("failed The system ended the training, as it does when memory runs out")
    assert "oom_kill 0" not in (group / "memory.oom_control").read_text()


def test_an_array_that_cannot_be_had_is_one_line():
    from tests.integration.training.test_process import outcome

    ended = outcome("import numpy as np\nrows = np.ones(10**14)")
    assert (ended.state, "\n" in ended.said) == ("failed", False)
    assert "take fewer rows" in ended.said
