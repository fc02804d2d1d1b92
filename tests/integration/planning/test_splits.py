"""Splits by group and time, and every source of rows, through the generated cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import automl_gpt_magic
from automl_gpt_magic.cards import describe, read_cards
from automl_gpt_magic.cards.rows import read_rows
from automl_gpt_magic.cards.split import held_out
from automl_gpt_magic.planning.code_check import fitted_on_everything
from automl_gpt_magic.planning.recipes import tabular
from tests.conftest import small_adult

CARD = {"name": "Task", "frame": "frame", "target": "income"}
QUICK = {"name": "XGBoost", "hyperparameters": {"n_estimators": 3}}


def planned(frame, **more):
    data = {**({} if frame is None else CARD), "name": "Task", **more}
    return automl_gpt_magic.plan({"data": data, "model": QUICK}, frame=frame)


def run(plan, stages=("data", "model", "training", "test"), **names):
    namespace = dict(names)
    for stage in stages:
        exec(plan.code.get(stage, ""), namespace)
    return namespace


def visits(**more):
    frame = small_adult()
    patients = np.random.default_rng(0).integers(0, 60, len(frame)).astype(object)
    patients[:7] = None
    return frame.assign(patient=patients, **more)


@pytest.mark.parametrize("seed", [0, 1])
def test_no_group_is_in_both_parts_and_the_plan_knew_which(seed):
    frame = visits()
    split = {"group": "patient", "validation": 0.25, "seed": seed}
    plan = planned(frame, split=split)
    done = run(plan, frame=frame)
    train, valid = (set(done[f"task_{part}"]["patient"].map(str)) for part in ("train", "valid"))
    assert train & valid == set()
    assert len(valid) == 16  # a quarter of 60 and of those without one
    assert "patient" not in plan.code["data"].split("task_rows")[0]
    assert any("by patient" in step.technique and "no feature" in step.reason for step in plan.data_steps)
    cards = read_cards({"data": {**CARD, "split": split}})
    rows = read_rows(cards, frame)
    expected = held_out(cards, rows.by, rows.table, rows.target)
    assert done["task_valid"].index.tolist() == frame.index[expected].tolist()


@pytest.mark.parametrize(
    "days",
    [
        pd.date_range("2024-01-01", periods=600)[::-1],
        [f"2024-{1 + place % 12:02}-01" for place in range(600)],
        [2000 + place % 7 for place in range(600)],
        [2020] * 550 + [2021] * 50,
        [2019] * 20 + [2020] * 580,
    ],
    ids=["dates", "dates as text with ties", "years with ties", "mostly the first", "mostly the last"],
)
def test_the_last_rows_by_time_are_held_out(days):
    frame = small_adult().assign(day=days).sample(frac=1, random_state=0)
    plan = planned(frame, split={"time": "day"})
    done = run(plan, frame=frame)
    train, valid = done["task_train"]["day"], done["task_valid"]["day"]
    assert train.max() < valid.min()
    assert len(train) + len(valid) == 600
    assert "day" not in plan.code["data"].split("task_rows")[0]
    assert any("by day" in step.technique for step in plan.data_steps)


def test_rows_without_a_time_are_in_no_part():
    frame = small_adult().assign(day=pd.Series(pd.date_range("2024-01-01", periods=600)).mask(np.arange(600) < 30))
    assert len(run(planned(frame, split={"time": "day"}), frame=frame)["task_rows"]) == 570


def test_an_llms_code_does_not_see_the_group():
    frame = visits()
    cards, table, _ = describe(read_cards({"data": {**CARD, "split": {"group": "patient"}}}), frame)
    source = "def task_prepare(rows):\n    assert 'patient' not in rows\n    return rows"
    namespace = {"frame": frame}
    exec(tabular.data_cell("task", tabular.card_as_trained(cards, table), table, source), namespace)
    assert "patient" not in namespace["task_numeric"]


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_a_dataset_of_scikit_learn_trains(name):
    done = run(planned(None, dataset=f"sklearn/{name}"))
    assert all(np.isfinite(list(done["task_valid_scores"].values())))


def test_a_dataset_of_hugging_face_trains(tmp_path, monkeypatch):
    pytest.importorskip("datasets")
    (tmp_path / "owner" / "adult").mkdir(parents=True)
    small_adult().to_csv(tmp_path / "owner" / "adult" / "train.csv", index=False)
    monkeypatch.chdir(tmp_path)
    done = run(planned(None, dataset="huggingface/owner/adult", target="income"))
    assert len(done["task_rows"]) == 600


@pytest.mark.parametrize("target", ["kind", "the kind"])
def test_a_npz_table_trains_and_is_tested(target, tmp_path):
    rows = small_adult()
    x, y = rows[["age", "hours"]].to_numpy(), rows["income"].to_numpy(dtype=str)
    for name in ("train", "test"):
        np.savez(tmp_path / f"{name}.npz", x=x, y=y)
    split = {"test_path": str(tmp_path / "test.npz")}
    plan = planned(None, path=str(tmp_path / "train.npz"), target=target, split=split)
    assert run(plan)["task_test_scores"]["accuracy"] > 0.7
    np.savez(tmp_path / "test.npz", X=x, y=y)
    with pytest.raises(automl_gpt_magic.errors.CardError, match=r"data\.split: .*arrays x and y"):
        planned(None, path=str(tmp_path / "train.npz"), target=target, split=split)


def test_the_cells_as_written_fit_nothing_on_all_rows():
    frame = visits(day=range(600))
    for split in ({}, {"group": "patient"}, {"time": "day"}):
        assert fitted_on_everything(planned(frame, split=split).code["data"], "task", "frame") == ()


@pytest.mark.parametrize(
    "edit",
    [
        "task_scaler = StandardScaler().fit(task_rows[task_numeric])",
        "task_numbers = frame[task_numeric]\ntask_scaled = StandardScaler().fit_transform(task_numbers.fillna(0))",
        "if True:\n    task_scaler.fit(task_valid)",
    ],
)
def test_an_edited_cell_that_fits_on_all_rows_is_told(edit):
    (said,) = fitted_on_everything(f"import sklearn\n{edit}", "task", "frame")
    assert "of the data cell fits `" in said and said.endswith("fit it on task_train")


@pytest.mark.parametrize(
    "edit",
    [
        "task_scaler.fit(task_train[task_numeric])",
        "task_train, task_valid = train_test_split(task_rows)\ntask_scaler.fit(task_train)",
        "own, other = train_test_split(task_rows)\ntask_scaler.fit(own)",
        "own = task_rows[task_rows['year'] < 2020]\ntask_scaler.fit(own)",
        "own = task_rows.iloc[:100]\ntask_scaler.fit(own)",
        "def learn(task_rows):\n    return task_scaler.fit(task_rows)",
        "not python(",
    ],
)
def test_what_is_fitted_on_a_part_is_no_alarm(edit):
    assert fitted_on_everything(edit, "task", "frame") == ()
