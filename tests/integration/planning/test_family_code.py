"""What holds for the cells of every family of tables: they are really run, on small tables with awkward columns."""

from __future__ import annotations

import ast
import functools
import os
import re
import sys
import warnings
from pathlib import Path

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

import automl_gpt_magic
from automl_gpt_magic.cards import describe, read_cards
from automl_gpt_magic.experience import is_recorded
from automl_gpt_magic.planning.families import FAMILIES, family_named, family_of, not_installed
from automl_gpt_magic.planning.families.family import STOPPING
from automl_gpt_magic.planning.recipes.data import data_cell
from automl_gpt_magic.planning.recipes.model import model_cell
from automl_gpt_magic.planning.recipes.tabular import card_as_trained
from automl_gpt_magic.planning.recipes.training import test_cell as scoring_cell
from automl_gpt_magic.planning.recipes.training import training_cell
from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION, DataCard, ModelCard
from automl_gpt_magic.training.cells import CellError, run_cells
from automl_gpt_magic.training.live import last_step, last_value, measured_curves

GOLDEN = Path(__file__).parents[2] / "unit" / "planning" / "golden"
TABULAR = [family for family in FAMILIES if "tabular" in family.inputs]
STEPWISE = [family for family in TABULAR if family.rounds]
LOSS = {BINARY: "log_loss", MULTICLASS: "log_loss", REGRESSION: "rmse"}
OTHER = {BINARY: "accuracy", MULTICLASS: "accuracy", REGRESSION: "mae"}
FEW = 12
FAST = ("learning_rate", "learning_rate_init")
MODEL = {"max_iter": 2000}  # of LogisticRegression, which some columns need to be solved


@pytest.fixture(autouse=True)
def one_thread():
    """Threads that wait for each other take longer than these trainings."""
    with threadpool_limits(1):
        yield


def each(families):
    return pytest.mark.parametrize("family", families, ids=lambda family: family.name)


def each_with_tasks(families, but=""):
    pairs = [(family, task) for family in families for task in family.tasks if task != but]
    return pytest.mark.parametrize(("family", "task"), pairs, ids=lambda one: getattr(one, "name", one))


def awkward(task, n_rows=150, seed=0):
    """Return columns that are hard to read, and a target that is partly known from them."""
    random = np.random.default_rng(seed)
    age = random.integers(17, 90, n_rows).astype(float)
    target = age / 20 + random.normal(0, 0.5, n_rows)
    targets = {
        BINARY: np.where(target > 2.5, 7, 0),
        MULTICLASS: pd.cut(target, [-9, 1.7, 3.2, 99], labels=["a'b", "c\nd", "{e}"]).astype(str),
        REGRESSION: 1000 * target,
    }
    return pd.DataFrame(
        {
            "age": np.where(random.random(n_rows) < 0.1, np.nan, age),
            "infinite": np.where(random.random(n_rows) < 0.1, np.inf, age),
            "__import__('os').system('echo')": random.normal(size=n_rows),
            "day": pd.Series(pd.date_range("2020-01-01", periods=n_rows, tz="Europe/Berlin")).mask(age < 20),
            "words": random.choice([*"vwxyz", None], n_rows),
            "rare": [f"only in row {row}" if row % 40 == 0 else "often" for row in range(n_rows)],
            "income": targets[task],
        }
    )


def noise(task):
    """Return a table that nothing can be learned from, so that every model soon gets worse."""
    random = np.random.default_rng(1)
    values = random.normal(size=(120, 3))
    target = random.normal(size=120) if task == REGRESSION else random.choice(["no", "yes"], 120)
    return pd.DataFrame(values, columns=list("abc")).assign(income=target)


def cells(family, frame, task, **values):
    given = {"name": "Task", "frame": "frame", "target": "income", "task": task, "split": {"test_frame": "test"}}
    cards, table, _ = describe(read_cards({"data": given}), frame)
    card = card_as_trained(cards, table)
    assert card.task == task
    extras = {parameter.name for parameter in family.extras}
    chosen = {**family.space.default, **{name: value for name, value in MODEL.items() if name in extras}}
    if family.rounds:
        chosen[family.rounds] = FEW
    return {
        "data": data_cell(family, "task", card, table),
        "model": model_cell(family, "task", card),
        "training": training_cell(family, "task", card, {**chosen, **values}, "12345678"),
        "test": scoring_cell("task", card, table),
    }


def run(code, frame, **names):
    return run_cells(code.items(), {"frame": frame, **names})


@functools.cache
def trained(family, task):
    """Run the four cells once; the test table holds a category that training never saw."""
    frame, test = awkward(task), awkward(task, 60, seed=1).assign(words="never seen")
    return run(cells(family, frame, task), frame, test=test)


def fitted(family, task, report=None):
    """Return a new model and its log, from the parts of the cells that were run."""
    done = trained(family, task)
    plain = getattr(done["task_fit"], "__wrapped__", done["task_fit"])
    model = done["task_build"](done["task_hyperparameters"])
    with warnings.catch_warnings():  # what the model cell filters out was forgotten with the test that ran it
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model, plain(model, *done["task_parts"], report=report)


def losses(log):
    return list([part for part in log.values() if isinstance(part, dict)][-1].values())[-1]


@each_with_tasks(TABULAR)
def test_the_cells_run_on_awkward_columns_and_the_log_ends_with_the_candidates_score(family, task):
    done = trained(family, task)
    log, scores = done["task_log"], done["task_valid_scores"]
    curves = measured_curves(log)
    assert {LOSS[task], OTHER[task]} <= set(curves)
    assert losses(log)[-1] == last_value(log, LOSS[task]) == pytest.approx(scores[LOSS[task]], rel=1e-5)
    assert last_value(log, OTHER[task]) == pytest.approx(scores[OTHER[task]], rel=1e-5)
    assert curves[LOSS[task]].training is not None
    assert last_step(log) == (FEW if family.rounds else 1)
    assert np.isfinite(list(done["task_test_scores"].values())).all()


@each_with_tasks(TABULAR)
def test_the_models_learn_something(family, task):
    done = trained(family, task)
    target = done["task_target"](done["task_valid"])
    shares = np.bincount(target) / len(target) if task != REGRESSION else None
    guessing = target.std() if task == REGRESSION else -(shares * np.log(shares)).sum()
    assert min(losses(done["task_log"])) < guessing


@each_with_tasks(TABULAR)
def test_every_step_is_reported_and_two_trainings_are_alike(family, task):
    heard = []
    _, log = fitted(family, task, lambda log: heard.append(last_step(log)))
    assert heard == list(log.get("step", range(1, FEW + 1)))
    assert losses(log) == losses(trained(family, task)["task_log"])


@each_with_tasks(STEPWISE)
def test_a_true_answer_ends_the_training(family, task):
    model, log = fitted(family, task, lambda log: len(losses(log)) == 2)
    assert len(losses(log)) == 2
    done = trained(family, task)
    scores = done["task_scores"](model, *done["task_parts"][1])
    assert scores[LOSS[task]] == pytest.approx(losses(log)[-1], rel=1e-5)


@each_with_tasks(STEPWISE, but=MULTICLASS)
def test_early_stopping_ends_the_log_and_the_refit_has_the_best_number_of_steps(family, task):
    frame, many = noise(task), 200
    fast = {name: 3 * family.space[name].default for name in FAST if name in family.space}
    code = cells(family, frame, task, **fast, **{family.rounds: many, STOPPING.name: 1})
    done = run(code, frame, test=frame)
    log, final = done["task_log"], done["task_final"]
    assert last_step(log) < many
    assert STOPPING.name not in final
    best = int(np.argmin(losses(log)))
    assert final[family.rounds] == list(log.get("step", range(1, many)))[best]
    assert done["task_valid_scores"][LOSS[task]] == pytest.approx(losses(log)[best], rel=1e-5)


@each(STEPWISE)
def test_a_family_that_is_trained_in_steps_can_be_stopped_early(family):
    assert STOPPING in family.extras


@each(TABULAR)
def test_the_code_runs_without_this_package(family):
    task = family.tasks[0]
    frame = awkward(task, 80)
    code = cells(family, frame, task)
    lines = code["training"].splitlines()
    kept = [line for line in lines if "automl_gpt_magic" not in line]
    assert len(lines) - len(kept) == 1
    hidden = {name: module for name, module in sys.modules.items() if name.startswith("automl_gpt_magic")}
    try:
        for name in hidden:
            sys.modules[name] = None
        run({**code, "training": "\n".join(kept)}, frame, test=frame)
    finally:
        sys.modules.update(hidden)


@each_with_tasks(TABULAR)
def test_every_name_that_the_cells_define_has_the_prefix(family, task):
    defined = set()
    for source in cells(family, awkward(task), task).values():
        for node in ast.parse(source).body:
            if isinstance(node, ast.Assign):
                defined |= {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                defined.add(node.name)
    assert defined
    assert {name for name in defined if not name.startswith("task_")} <= {"_"}


@each_with_tasks(TABULAR)
def test_the_model_can_be_sent_and_predicts_the_same(family, task):
    done = trained(family, task)
    returned = cloudpickle.loads(cloudpickle.dumps(done["task_model"]))
    assert np.allclose(returned.predict(done["task_test"]), done["task_model"].predict(done["task_test"]))


@each(TABULAR)
def test_the_model_cell_is_the_golden_one(family):
    written = cells(family, awkward(family.tasks[0]), family.tasks[0])["model"]
    path = GOLDEN / f"{_file_name(family)}.py"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(written + "\n")
    assert written + "\n" == path.read_text()


def _file_name(family):
    return re.sub(r"\W+", "_", family.name.lower())


@each([family for family in TABULAR if family.module in ("sklearn", "lightgbm")])
def test_the_defaults_are_the_librarys(family):
    task = family.tasks[0]
    own = trained(family, task)[family.estimator(DataCard("x", task=task))]().get_params()
    same = {name: (value,) if isinstance(own[name], tuple) else value for name, value in family.space.default.items()}
    assert same == {name: own[name] for name in same}


@each(TABULAR)
def test_every_default_is_allowed(family):
    parameters = (*family.space.parameters, *family.extras)
    assert [parameter.check(parameter.default) for parameter in parameters] == [one.default for one in parameters]


@pytest.mark.parametrize(
    ("written", "task", "meant"),
    [
        *((family.name, family.tasks[0], family.name) for family in TABULAR),
        ("xgb", BINARY, "XGBoost"),
        ("LGBMClassifier", BINARY, "LightGBM"),
        ("lgb", BINARY, "LightGBM"),
        ("HistGradientBoostingRegressor", REGRESSION, "HistGradientBoosting"),
        ("HGB", BINARY, "HistGradientBoosting"),
        ("Random Forest", MULTICLASS, "RandomForestClassifier"),
        ("random-forest", REGRESSION, "RandomForestRegressor"),
        ("RandomForestClassifier", REGRESSION, "RandomForestRegressor"),
        ("RF", BINARY, "RandomForestClassifier"),
        ("Logistic regression", BINARY, "LogisticRegression"),
        ("linear", BINARY, "LogisticRegression"),
        ("linear", REGRESSION, "Ridge"),
        ("Ridge regression", REGRESSION, "Ridge"),
        ("MLPClassifier", BINARY, "scikit-learn MLP"),
        ("MLP (sklearn)", BINARY, "scikit-learn MLP"),
    ],
)
def test_what_a_model_cards_name_means(written, task, meant):
    assert family_of(ModelCard(written), DataCard("x", task=task)).name == meant


@pytest.mark.parametrize("written", ["RF-DETR", "BridgeTower", "Linear SVM", "Kernel ridge"])
def test_names_of_other_models_are_not_taken(written):
    assert family_of(ModelCard(written), DataCard("x", task=BINARY)) is None


def test_a_library_that_is_not_installed_is_a_note_and_an_error_that_name_the_extra(monkeypatch):
    missing = type("Missing", (type(family_named("LightGBM")),), {"module": "no_such_library"})()
    assert "no_such_library, which is not installed" in not_installed(missing)[0]
    assert not_installed(family_named("LightGBM")) == ()
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    frame = awkward(BINARY, 80)
    with pytest.raises(CellError, match=r"model cell failed.*pip install 'automl_gpt_magic\[lightgbm\]'"):
        run(cells(family_named("LightGBM"), frame, BINARY), frame)


@each(TABULAR)
def test_a_card_is_planned_and_says_why(family):
    given = {"name": "Task", "frame": "frame", "target": "income", "task": family.tasks[0]}
    plan = automl_gpt_magic.plan({"data": given, "model": {"name": family.name}}, frame=awkward(family.tasks[0]))
    assert (plan.hyperparameters == family.space.default) is not is_recorded(family.name, family.tasks[0])
    assert all(step.technique and step.reason for step in plan.model_steps)


@each(STEPWISE)
def test_any_step_that_a_search_found_best_can_be_taken_into_the_plan(family):
    assert family.space[family.rounds].check(1) == 1
