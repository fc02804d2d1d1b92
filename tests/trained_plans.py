"""Plans that were trained, without a training: what a run of them would have measured."""

from __future__ import annotations

import json

import numpy as np

import automl_gpt_magic
from automl_gpt_magic.connection import connect
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.run import Measured
from tests.conftest import CARDS
from tests.scripted_llm import ScriptedLLM, answer


def measured(plan, loss, hyperparameters=None, n_steps=3, planned_steps=3):
    steps = np.arange(1, n_steps + 1)
    curve = Curve("log_loss", steps, np.linspace(0.6, loss, n_steps), source="measured")
    values = plan.hyperparameters if hyperparameters is None else hyperparameters
    return Measured(plan.names, plan.revision, values, {"log_loss": curve}, 1.0, planned_steps, True)


def planned(frame, change):
    """Return the plan with an LLM's configuration, which is the transferred one but for ``change``."""
    offline = automl_gpt_magic.plan(CARDS, frame=frame)
    values = {name: offline.hyperparameters[name] * factor for name, factor in change.items()}
    proposed = [{"name": name, "value": value, "reason": "noise"} for name, value in values.items()]
    log = [{"round": 10, "training": 0.5, "validation": 0.55}, {"round": 20, "training": 0.4, "validation": 0.45}]
    candidates = [{"hyperparameters": proposed, "log": log, "expected": 0.45}]
    with ScriptedLLM(answer(json.dumps({"candidates": candidates, "notes": ""}))) as server:
        return automl_gpt_magic.plan(CARDS, frame=frame, model=connect(base_url=server.base_url, model="scripted"))
