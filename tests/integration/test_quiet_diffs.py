"""A notebook that is planned again, in another process, is the same file: no random names and no unstable order.

The panel's own output names its widget by a number of ipywidgets', new in every kernel; all else is compared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PLAN = """
import hashlib, json
import automl_gpt_magic
from automl_gpt_magic.notebook import static
from automl_gpt_magic.notebook.cells import generated_cells
from automl_gpt_magic.planning.recipes.training import hyperparameters_name
from tests.conftest import CARDS, small_adult

FREE = CARDS.replace("{max_depth: 6}", "{}")
saved = {}
for name, cards in {
    "XGBoost": CARDS,
    "LightGBM with limits": FREE.replace("XGBoost", "LightGBM").replace("under a minute", "below 100 trees"),
    "a forest": FREE.replace("XGBoost", "Random forest").replace("[accuracy, log_loss]", "[roc_auc, f1]"),
    "a network": FREE.replace("XGBoost", "MLP"),
}.items():
    plan = automl_gpt_magic.plan(cards, frame=small_adult())
    shown = static.bundle(plan)
    picture = shown.pop("image/png")
    saved[name] = {
        "cells": generated_cells(plan.code, hyperparameters_name(plan.names), plan.proposed),
        "prompt": plan.prompt,
        "picture": hashlib.sha256(picture.encode()).hexdigest(),
        **shown,
    }
print(json.dumps(saved, indent=1))
"""


@pytest.fixture(scope="module")
def planned_twice(tmp_path_factory):
    """Return what two processes, whose sets have another order, would save of the same cards."""
    started = []
    for seed in ("1", "2"):
        folder = tmp_path_factory.mktemp(f"seed_{seed}")
        own = {f"AUTOML_GPT_MAGIC_{name}": str(folder / name.lower()) for name in ("CACHE", "STORE", "RECORDINGS")}
        environment = {**os.environ, **own, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", PLAN]
        root = Path(__file__).parents[2]
        started.append(subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True))
    texts = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    return [json.loads(text) for text in texts]


@pytest.mark.parametrize("part", ["cells", "text/plain", "text/html", "picture", "prompt"])
def test_two_processes_save_the_same_letter_by_letter(planned_twice, part):
    first, second = planned_twice
    assert list(first) == list(second) and len(first) == 4
    for name, saved in first.items():
        assert saved[part], name
        assert saved[part] == second[name][part], name
