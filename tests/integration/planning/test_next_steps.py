"""The cells of what people do next: really run after the plan's own cells, on small tables."""

from __future__ import annotations

import ast
import functools
import sys

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from sklearn.metrics import brier_score_loss, log_loss
from threadpoolctl import threadpool_limits

import automl_gpt_magic
from automl_gpt_magic.planning.families import FAMILIES, catalogue
from automl_gpt_magic.records.next_step import FEW_ROWS, NEXT_STEPS
from automl_gpt_magic.training import announcements

FEW = 10
TABULAR = [family for family in FAMILIES if "tabular" in family.inputs]


@pytest.fixture(autouse=True)
def quiet_and_single():
    """Threads that wait for each other take longer than these trainings."""
    with threadpool_limits(1), matplotlib.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def table(kind="binary", n_rows=160):
    random = np.random.default_rng(0)
    strong, weak = random.normal(size=n_rows), random.normal(size=n_rows)
    value = 2 * strong + 0.3 * weak + random.normal(0, 0.7, n_rows)
    targets = {
        "binary": np.where(value > 0.8, "y'es", 'n"o\n'),
        "multiclass": pd.cut(value, [-99, -1, 1, 99], labels=["low", "mid", "high"]).astype(str),
        "regression": 10 * value + 100,
    }
    words = random.choice([*"abc", None], n_rows)
    return pd.DataFrame({"strong": strong, "we'ak\n": weak, "words": words, "target": targets[kind]})


def planned(frame, model="XGBoost", rounds="n_estimators", **data):
    fixed = {rounds: FEW} if rounds else {}
    if model == "XGBoost":
        fixed |= {"learning_rate": 0.3, "min_child_weight": 1}
    card = {"name": "Task\n'\"", "frame": "frame", "target": "target", **data}
    return automl_gpt_magic.plan({"data": card, "model": {"name": model, "hyperparameters": fixed}}, frame=frame)


def trained(plan, frame):
    names = {"frame": frame}
    for source in plan.code.values():
        exec(source, names)
    return names


def run(plan, frame, *steps):
    names = trained(plan, frame)
    for step in steps or plan.next_code:
        exec(plan.next_code[step], names)
    return names


@functools.cache
def done(kind):
    """Run every cell of a kind of task once."""
    frame = table(kind)
    return run(planned(frame), frame)


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        ("binary", ["cross-validation", "predict", "importance", "calibration", "threshold"]),
        ("multiclass", ["cross-validation", "predict", "importance", "calibration"]),
        ("regression", ["cross-validation", "predict", "importance", "residuals"]),
    ],
)
def test_what_suits_the_task_is_offered_and_on_few_rows_cross_validation_first(kind, steps):
    assert list(planned(table(kind)).next_code) == steps
    assert set(steps) <= set(NEXT_STEPS)
    assert next(iter(planned(table(kind, FEW_ROWS)).next_code)) == "predict"


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_predictions_are_the_classes_themselves(kind):
    names = done(kind)
    shown, model = names["task_predictions"], names["task_model"]
    assert list(shown.index) == list(names["task_valid"].head().index)
    if kind == "regression":
        assert np.allclose(shown["prediction"], model.predict(names["task_new"]))
        return
    likeliest = shown.drop(columns="prediction").to_numpy().argmax(axis=1)
    assert list(shown["prediction"]) == [names["task_classes"][code] for code in likeliest]
    assert np.allclose(shown.drop(columns="prediction").sum(axis=1), 1)


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_cross_validation_trains_fifteen_times_on_other_rows_and_leaves_the_model_alone(kind):
    names = done(kind)
    folds = names["task_folds"]
    assert len(folds) == 15 and list(folds) == list(names["task_valid_scores"])
    assert (folds.std() > 0).all()
    splits = names["task_splits"](names["task_rows"], repeats=3)
    assert all(not set(fitted) & set(scored) for fitted, scored in splits)
    assert np.bincount(np.concatenate([scored for _, scored in splits])).tolist() == [3] * len(names["task_rows"])


def test_every_fold_fits_its_own_preprocessing():
    frame = table()
    frame.loc[frame.index[7], "words"] = "only once"
    plan = planned(frame)
    names, seen = trained(plan, frame), []
    names["noted"] = seen.append
    exec(plan.next_code["cross-validation"].replace("scores.append(", "noted(model); scores.append("), names)
    known = ["only once" in model[0][-1].named_transformers_["categories"].categories_[0] for model in seen]
    assert known.count(False) == 3, "the row is left out once in each repeat"


def test_cross_validation_tells_the_panel_its_scores():
    heard = []
    announcements.listen("task", heard.append)
    try:
        frame = table()
        names = run(planned(frame), frame, "cross-validation")
    finally:
        announcements.forget("task", heard.append)
    spread = heard[-1]
    assert spread.hyperparameters == names["task_hyperparameters"]
    assert spread.scores["accuracy"] == tuple(names["task_folds"]["accuracy"])


@pytest.mark.parametrize("kind", ["binary", "regression"])
def test_no_group_is_trained_on_and_scored(kind):
    frame = table(kind).assign(patient=[f"p{row % 12}" for row in range(160)])
    names = run(planned(frame, split={"group": "patient"}), frame)
    groups = names["task_rows"]["patient"].to_numpy()
    for fitted, scored in names["task_splits"](names["task_rows"], repeats=3):
        assert not set(groups[fitted]) & set(groups[scored])
    assert len(names["task_folds"]) == 15
    assert "patient" not in names["task_importance"].index


@pytest.mark.parametrize("kind", ["binary", "regression"])
def test_what_is_scored_comes_after_what_was_trained_on(kind):
    frame = table(kind).assign(day=[f"2020-{1 + row % 12:02}-01" for row in range(160)])
    plan = planned(frame, split={"time": "day"})
    names = run(plan, frame)
    days = names["task_rows"]["day"].to_numpy()
    splits = names["task_splits"](names["task_rows"])
    assert len(splits) == len(names["task_folds"]) == 5
    assert all(max(days[fitted]) < min(days[scored]) for fitted, scored in splits)
    assert "CalibratedClassifierCV" not in plan.next_code.get("calibration", "")


def test_splits_without_every_class_are_passed_over():
    frame = table("multiclass", 240).sort_values("strong").reset_index(drop=True)
    frame = frame.assign(patient=np.arange(240) // 20)
    names = run(planned(frame, split={"group": "patient", "seed": 3}), frame, "cross-validation")
    assert 1 < len(names["task_folds"]) <= 15
    assert np.isfinite(names["task_folds"].to_numpy()).all()


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_the_column_that_matters_most_is_the_most_important(kind):
    importance = done(kind)["task_importance"]
    assert importance.index[0] == "strong" and importance["mean"].iloc[0] > 0
    assert set(importance.index) == {"strong", "we'ak\n", "words"}


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_calibration_is_measured_on_rows_that_no_calibrator_has_seen(kind):
    names = done(kind)
    y, found = names["task_target"](names["task_valid"]), names["task_found"]
    assert list(found) == ["as trained", "calibrated"]
    assert len(found["calibrated"]) == len(y) and not np.allclose(found["calibrated"], found["as trained"])
    errors = names["task_errors"](found["as trained"], y)
    assert errors["log loss"] == pytest.approx(names["task_valid_scores"]["log_loss"])
    if kind == "binary":
        assert errors["Brier score"] == pytest.approx(brier_score_loss(y, found["as trained"][:, 1]))
    perfect = np.eye(len(names["task_classes"]))[y]
    assert names["task_errors"](perfect, y) == pytest.approx(
        {"log loss": log_loss(y, perfect), "Brier score": 0, "calibration error": 0}, abs=1e-9
    )


def test_too_few_rows_of_a_class_leave_the_calibrated_model_out():
    frame = table("multiclass")
    frame["target"] = frame["target"].where(frame.index > 1, "rare")
    plan = planned(frame, split={"validation": 0.4})
    assert "CalibratedClassifierCV" not in plan.next_code["calibration"]
    assert list(run(plan, frame, "calibration")["task_found"]) == ["as trained"]


def test_the_threshold_is_the_cheapest_and_is_applied():
    names = done("binary")
    p, y = names["task_p"], names["task_y"]
    costs = [np.mean(5.0 * (y == 1) * (p < t) + 1.0 * (y == 0) * (p >= t)) for t in np.linspace(0, 1, 401)]
    assert names["task_cost"](p >= names["task_threshold"], y) == pytest.approx(min(costs))
    decided = names["task_decide"](names["task_rows"])
    assert set(decided) <= set(names["task_classes"])
    positive = names["task_model"].predict_proba(names["task_rows"])[:, 1] >= names["task_threshold"]
    assert list(decided == names["task_classes"][1]) == list(positive)


def test_the_costs_move_the_threshold_and_nobodys_own_label_chooses_for_him():
    frame = table()
    plan = planned(frame)
    names = trained(plan, frame)
    exec(plan.next_code["threshold"].replace("false_positive = 1.0", "false_positive = 50.0"), names)
    assert names["task_threshold"] > done("binary")["task_threshold"]
    y = names["task_y"]
    noise = np.random.default_rng(0).random(len(y))
    honest, hopeful = names["task_called_by_others"](noise, y), noise >= names["task_cheapest"](noise, y)
    assert names["task_cost"](honest, y) >= names["task_cost"](hopeful, y)


def test_residuals_are_of_the_validation_rows():
    names = done("regression")
    residuals = names["task_residuals"]
    rmse = float(np.sqrt((residuals["residual"] ** 2).mean()))
    assert rmse == pytest.approx(names["task_valid_scores"]["rmse"])


@pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
def test_the_cells_take_no_name_of_the_plans_own(kind):
    plan = planned(table(kind))
    own = {name for source in plan.code.values() for name in defined(source)}
    for step, source in plan.next_code.items():
        names = defined(source)
        assert all(name.startswith("task_") for name in names), step
        assert not names & own, step


def defined(source):
    found = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign):
            found |= {
                one.id
                for target in node.targets
                for one in ast.walk(target)
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            }
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
    return found


def test_the_code_runs_without_this_package():
    frame = table()
    plan = planned(frame)
    own = [line for source in plan.next_code.values() for line in source.splitlines() if "automl_gpt_magic" in line]
    assert len(own) == 1
    names = trained(plan, frame)
    hidden = {name: module for name, module in sys.modules.items() if name.startswith("automl_gpt_magic")}
    try:
        for name in hidden:
            sys.modules[name] = None
        for source in plan.next_code.values():
            exec("\n".join(line for line in source.splitlines() if line not in own), names)
    finally:
        sys.modules.update(hidden)


@pytest.mark.parametrize("family", TABULAR, ids=lambda family: family.name)
def test_every_family_can_do_what_comes_next(family):
    kind = "binary" if "binary classification" in family.tasks else "regression"
    frame = table(kind, 120)
    plan = planned(frame, family.name, family.rounds)
    names = run(plan, frame)
    assert len(names["task_folds"]) == 15
    assert names["task_importance"].index[0] == "strong"


def test_texts_in_one_column_are_not_shuffled():
    words = np.random.default_rng(0).choice(["good nice fine", "bad awful poor"], 120)
    frame = pd.DataFrame({"text": [f"{word} {row}" for row, word in enumerate(words)]})
    frame["target"] = [word.split()[0] for word in words]
    plan = planned(frame, "TF-IDF", "", input_type="text")
    assert "importance" not in plan.next_code
    assert len(run(plan, frame)["task_folds"]) == 15


def own_function(config, report, train, valid):
    report(log_loss=0.5)


def test_a_users_own_function_is_asked_to_predict_only(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})
    automl_gpt_magic.trainer("Own", parameters={"depth": (1, 5)})(own_function)
    assert list(planned(table(), "Own", "").next_code) == ["predict"]


def test_a_card_without_a_table_has_nothing_next():
    data = {"name": "Task", "task": "binary classification", "n_rows": 100}
    assert automl_gpt_magic.plan({"data": data}).next_code == {}
