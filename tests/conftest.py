"""What several tests share: a small table like UCI Adult, its cards, and a bank that needs no encoder."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.testing.globalipapp import start_ipython

# A run that was started in the background ignores interrupts, which several tests send to themselves.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests run side by side: threads that spin while they wait would take the cores from each other.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

CARDS = """\
data:
  name: Small Adult
  input_type: tabular
  task: binary classification
  label_space: ["<=50K", ">50K"]
  metrics: [accuracy, log_loss]
  frame: adult
  target: income
model:
  - name: XGBoost
    structure: gradient-boosted decision trees
    hyperparameters: {max_depth: 6}
request: |
  Keep training under a minute.
"""


def small_adult(n_rows: int = 600, seed: int = 0) -> pd.DataFrame:
    """Return a table of mixed columns whose target depends on two of them."""
    random = np.random.default_rng(seed)
    age = random.integers(17, 90, n_rows).astype(float)
    hours = random.integers(1, 99, n_rows).astype(float)
    work = random.choice(["Private", "State-gov", "Self-emp"], n_rows)
    rich = 0.04 * (age - 40) + 0.05 * (hours - 45) + random.normal(0, 1, n_rows) > 1
    age[:5] = np.nan
    return pd.DataFrame(
        {
            "age": age,
            "workclass": pd.Series(work).where(random.random(n_rows) > 0.05, None),
            "hours": hours,
            "income": np.where(rich, ">50K", "<=50K"),
        }
    )


@pytest.fixture
def one_shell() -> Iterator[InteractiveShell]:
    """Give the process's one IPython shell; names that a test leaves in it are gone before the next."""
    shell = start_ipython() or InteractiveShell.instance()
    before = dict(shell.user_ns)
    yield shell
    shell.user_ns.clear()
    shell.user_ns.update(before)


@pytest.fixture
def adult() -> pd.DataFrame:
    return small_adult()


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Keep what is written out of the user's folders, and the user's endpoint out of the tests."""
    for name in ("CACHE", "RECORDINGS"):
        monkeypatch.setenv(f"AUTOML_GPT_MAGIC_{name}", str(tmp_path / name.lower()))
        (tmp_path / name.lower()).mkdir()
    monkeypatch.setenv("AUTOML_GPT_MAGIC_STORE", str(tmp_path / "store.sqlite"))
    for name in (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        *(f"AUTOML_GPT_MAGIC_{n}" for n in ("API_KEY", "BASE_URL", "MODEL")),
    ):
        monkeypatch.delenv(name, raising=False)
