"""Cells in a process of their own: what they report and define comes back; what fails there ends there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import automl_gpt_magic
from automl_gpt_magic.training.cells import tables_read
from automl_gpt_magic.training.process import CellProcess, Job
from tests.conftest import CARDS, small_adult


def run(*sources, tables=None, folder=".", names="x"):
    heard, ended = [], []
    stages = zip(("data", "model", "training"), sources, strict=False)
    process = CellProcess(Job(names, list(stages), tables or {}, str(folder)), heard.append, ended.append)
    return SimpleNamespace(process=process, heard=heard, ended=ended)


def outcome(*sources, **options):
    running = run(*sources, **options)
    running.process.join(60)
    (ended,) = running.ended
    return ended


def test_a_plans_cells_train_there_and_the_fitted_pipeline_comes_back():
    frame = small_adult()
    plan = automl_gpt_magic.plan(CARDS.replace("max_depth: 6", "n_estimators: 30"), frame=frame)
    sources = [plan.code[stage] for stage in ("data", "model", "training")]
    running = run(*sources, tables={"adult": frame}, names=plan.names)
    running.process.join(60)
    (ended,) = running.ended
    last = running.heard[-1]
    assert (ended.state, last.finished, last.revision) == ("finished", True, plan.revision)
    assert last.curves["log_loss"].final == ended.defined["small_adult_log"]["validation_1"]["logloss"][-1]
    assert ended.defined["small_adult_model"].predict(frame.head(3)).shape == (3,)
    assert "refitted on all 600 rows" in ended.printed


def test_two_trainings_with_one_seed_give_one_curve():
    frame = small_adult()
    plan = automl_gpt_magic.plan(CARDS.replace("max_depth: 6", "n_estimators: 20"), frame=frame)
    sources = [plan.code[stage] for stage in ("data", "model", "training")]
    first, second = (outcome(*sources, tables={"adult": frame}, names=plan.names) for _ in range(2))
    assert first.defined["small_adult_log"] == second.defined["small_adult_log"]


def test_cancel_ends_the_process_at_once():
    running = run("import time", "time.sleep(60)")
    while not running.process.running:
        time.sleep(0.01)
    began = time.monotonic()
    running.process.cancel()
    running.process.join(10)
    assert time.monotonic() - began < 3
    assert [ended.state for ended in running.ended] == ["cancelled"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("a = 1\nb = a / 0", "data cell failed, line 2: ZeroDivisionError"),
        ("def f(:", "data cell failed, line 1: SyntaxError"),
        ("import no_such_library", "install no_such_library"),
        ("import sys\nsys.modules['xgboost'] = None\nimport xgboost", "pip install 'automl_gpt_magic[xgboost]'"),
        ("raise SystemExit", "SystemExit"),
        ("raise MemoryError", "take fewer rows"),
        ("import os; os.kill(os.getpid(), 9)", "memory runs out"),
        ("import os; os._exit(3)", "code 3"),
        ("import pandas as pd; pd.read_csv('gone.csv')", "gone.csv"),
    ],
)
def test_what_fails_there_is_one_line_here(source, said):
    ended = outcome(source)
    assert ended.state == "failed"
    assert said in ended.said
    assert "\n" not in ended.said
    assert ended.defined == {}


def test_large_tables_and_what_cannot_be_sent_stay_there():
    source = "import numpy as np, threading\nx_big = np.zeros(9_000_000)\nx_lock = threading.Lock()\nx_small, y = 1, 2"
    assert outcome(source).defined == {"x_small": 1}


def test_only_what_the_cells_read_is_sent():
    namespace = {"adult": pd.DataFrame(), "other": 1, "helper": len, "pd": pd, "x": 3}
    sources = [("data", "import numpy as np\nrows = adult.dropna()\nx = 1"), ("model", "y = helper(rows) + x")]
    assert set(tables_read(sources, namespace)) == {"adult", "helper"}
    assert tables_read([("data", "def f(:")], namespace) == {}


KERNEL = """
import sys, time
from automl_gpt_magic.training.process import CellProcess, Job
if __name__ == "__main__":
    process = CellProcess(Job("x", [("data", "import time; time.sleep(60)")], {}, "."), print, print)
    print(process.pid, flush=True)
    time.sleep(60)
"""


def test_a_training_ends_with_its_kernel(tmp_path):
    script = tmp_path / "kernel.py"
    script.write_text(KERNEL)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as kernel:
        pid = int(kernel.stdout.readline())
        time.sleep(1.5)
        kernel.send_signal(signal.SIGKILL)
    for _ in range(100):
        if not _lives(pid):
            return
        time.sleep(0.05)
    raise AssertionError("the training outlives its kernel")


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().split()[2] != "Z"
