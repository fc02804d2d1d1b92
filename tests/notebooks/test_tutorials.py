"""What the tutorials say of themselves holds in the notebooks as they run."""

from __future__ import annotations

import re

import nbformat
import pytest

from .conftest import NOTEBOOKS
from .pages import cell, printed

TUTORIALS = FIRST, EDIT, ASK, DATA, LLM, CLUSTER = [
    f"tutorials/{name}.ipynb"
    for name in ("1_first_plan", "2_edit_and_train", "3_ask", "4_your_data", "5_your_llm", "6_cluster")
]
NUMBER = r"([\d.]+)"


def shown(notebook, cell_id):
    """Return what a cell displays, or its value, as text."""
    return "".join(out.data["text/plain"] for out in cell(notebook, cell_id).outputs if "data" in out)


def first_number(pattern, text):
    return float(re.search(pattern.replace("N", NUMBER), text).group(1))


@pytest.mark.xdist_group(FIRST)
def test_the_first_plan_is_trained_and_judged(executed):
    notebook = executed(FIRST)
    verdict = printed(notebook, "first-verdict")
    measured = first_number("measured log loss: +N", verdict)
    low, high = map(float, re.search(f"band {NUMBER} to {NUMBER}", verdict).groups())
    assert ("inside" in verdict) == (low <= measured <= high)
    assert "Measured: validation log loss" in shown(notebook, "first-magic")
    assert "36 validation rows" in printed(notebook, "first-data")


@pytest.mark.xdist_group(EDIT)
def test_an_edit_is_trained_compared_and_taken_back(executed):
    notebook = executed(EDIT)
    assert "was left out: it looks like this dataset" in shown(notebook, "edit-magic")
    compared = {line.split()[0]: line.split()[1:] for line in printed(notebook, "edit-compare").splitlines()[1:]}
    assert set(compared) == {"learning_rate", "validation", "seconds"}
    assert compared["learning_rate"][1] == "0.3" != compared["learning_rate"][0]
    assert re.search("learning_rate +0.3 +you", shown(notebook, "edit-magic")) is None
    assert printed(notebook, "edit-restore") == "Taken: the values of run 1.\n"
    assert len(re.findall("(?m)^[12] .*log loss", shown(notebook, "edit-ledger"))) == 2


@pytest.mark.xdist_group(ASK)
def test_requests_are_taken_undone_and_measured(executed):
    notebook = executed(ASK)
    before, taken, undone = (int(shown(notebook, f"ask-{when}")) for when in ("unchanged", "changed", "undone"))
    assert taken <= 100 < before == undone
    assert len(re.findall("(?m)^met: ", printed(notebook, "ask-train"))) == 3
    assert "Not understood: 'paint it green'" in printed(notebook, "ask-unknown")
    assert "lock:max_depth" in printed(notebook, "ask-faster")
    linear, trees = (
        first_number("Measured: .* loss N;", printed(notebook, f"ask-{what}train")) for what in ("use-", "")
    )
    assert linear < trees, "the text says that the simpler model was the better one"
    assert "114 validation rows" in printed(notebook, "ask-train")
    at_last = shown(notebook, "ask-magic")
    assert "XGBoost" in at_last.splitlines()[0]
    assert not re.search("(?m)^limit", at_last), "undone as well"


@pytest.mark.xdist_group(DATA)
def test_leakage_is_said_and_the_splits_tell_different_errors(executed):
    notebook = executed(DATA)
    assert "column 'income' is rentals under other names" in shown(notebook, "data-path-magic")
    errors = [
        first_number("Measured: validation RMSE N;", printed(notebook, f"data-{split}-train"))
        for split in ("random", "time", "group")
    ]
    assert errors == sorted(errors)
    assert errors[2] > 2 * errors[0]
    assert "TF-IDF" in shown(notebook, "data-text-magic")
    assert "validation RMSE" in printed(notebook, "data-own-train")
    assert "did you mean target?" in printed(notebook, "data-wrong")


@pytest.mark.xdist_group(LLM)
def test_an_answer_is_checked_recorded_and_replayed_after_its_server_is_gone(executed):
    notebook = executed(LLM)
    assert "no LLM is called" in printed(notebook, "llm-doctor")
    assert "<card>Name: Wines" in printed(notebook, "llm-prompt")
    assert not re.search("(?m)^fix", printed(notebook, "llm-connect"))
    answered, replayed = (shown(notebook, f"llm-{how}-magic") for how in ("answer", "replay"))
    assert "(LLM: stand-in)" in answered
    assert "replaced: gamma 99" in answered
    assert "replayed from" in replayed
    values = [re.findall(r"(?m)^\w+ +[\d.]+ +\w+$", plan) for plan in (answered, replayed)]
    assert values[0] == values[1] and any(line.endswith("LLM") for line in values[0])
    assert "wines.automl.json" in shown(notebook, "llm-recorded")
    ids = [one.id for one in notebook.cells]
    assert ids.index("llm-stop") < ids.index("llm-replay-magic")


@pytest.mark.xdist_group(CLUSTER)
def test_a_search_goes_on_on_the_cluster_and_its_best_is_trained(executed):
    notebook = executed(CLUSTER)
    here, there = (printed(notebook, f"tune-{where}") for where in ("local", "on-cluster"))
    assert "8 of 8 trials" in here
    assert "12 of 12 trials" in there
    best = [first_number("best log_loss N in", said) for said in (here, there)]
    assert best[1] <= best[0]
    trained = first_number("Measured: validation log loss N;", printed(notebook, "tune-train"))
    assert trained == pytest.approx(best[1], abs=0.001)


@pytest.mark.parametrize("path", TUTORIALS)
def test_each_says_at_the_top_what_comes_and_at_the_end_where_to_go(path):
    notebook = nbformat.read(NOTEBOOKS / path, 4)
    top, last = notebook.cells[0].source, notebook.cells[-1].source
    assert all(f"**{what}**" in top for what in ("You will have", "It takes", "It needs"))
    assert "## Where to go next" in last
    assert re.search(r"\]\(\d_\w+\.ipynb\)", last)


@pytest.mark.parametrize("path", TUTORIALS)
def test_a_recorded_dataset_is_planned_without_its_own_record(path):
    code = "\n".join(one.source for one in nbformat.read(NOTEBOOKS / path, 4).cells if one.cell_type == "code")
    assert "leave_out_known = True" in code or not re.search("(load_|sklearn/)(breast_cancer|digits|diabetes)", code)
