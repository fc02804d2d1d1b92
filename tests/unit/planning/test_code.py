"""Generated code: golden files, and the code really run on awkward tables."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from automl_gpt_magic.cards import describe, read_cards
from automl_gpt_magic.planning.families import XGBOOST, family_named
from automl_gpt_magic.planning.recipes import tabular
from automl_gpt_magic.planning.recipes.model import model_cell
from automl_gpt_magic.planning.recipes.training import test_cell as scoring_cell
from automl_gpt_magic.planning.recipes.training import training_cell
from tests.conftest import CARDS, small_adult

GOLDEN = Path(__file__).parent / "golden"
FAMILY = family_named("XGBoost")
QUICK = {**XGBOOST.default, "n_estimators": 5, "max_depth": 3}


def code_for(card, frame, values=QUICK):
    cards, table, _ = describe(read_cards(card), frame)
    data = tabular.card_as_trained(cards, table)
    code = {
        "data": tabular.data_cell("task", data, table),
        "model": model_cell(FAMILY, "task", data),
        "training": training_cell(FAMILY, "task", data, values, "12345678"),
    }
    if data.split.test_frame:
        code["test"] = scoring_cell("task", data, table)
    return code


def run(code, **names):
    namespace = dict(names)
    for source in code.values():
        exec(source, namespace)
    return namespace


def card(frame, target, **more):
    return {"data": {"name": "Task", "frame": frame, "target": target, **more}}


@pytest.mark.parametrize("stage", ["data", "model", "training", "test"])
def test_the_code_for_a_mixed_table_is_the_golden_one(stage):
    written = code_for(CARDS.replace("  target:", "  split: {test_frame: adult_test}\n  target:"), small_adult())[stage]
    path = GOLDEN / f"{stage}.py"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(written + "\n")
    assert written + "\n" == path.read_text()


def test_the_cells_train_score_and_predict_raw_rows():
    code = code_for(CARDS.replace("  target:", "  split: {test_frame: adult_test}\n  target:"), small_adult())
    done = run(code, adult=small_adult(), adult_test=small_adult(200, seed=1))
    assert done["task_test_scores"]["accuracy"] > 0.7
    assert done["task_log"]["validation_1"]["logloss"][-1] == pytest.approx(
        done["task_valid_scores"]["log_loss"], abs=1e-4
    )
    assert done["task_model"].predict(small_adult(10, seed=2)).shape == (10,)


def test_the_code_runs_without_this_package():
    code = code_for(CARDS, small_adult())
    lines = code["training"].splitlines()
    kept = [line for line in lines if "automl_gpt_magic" not in line]
    assert len(lines) - len(kept) == 1
    hidden = {name: module for name, module in sys.modules.items() if name.startswith("automl_gpt_magic")}
    try:
        for name in hidden:
            sys.modules[name] = None
        run({**code, "training": "\n".join(kept)}, adult=small_adult())
    finally:
        sys.modules.update(hidden)


def test_preprocessing_learns_from_the_training_part_only():
    frame = small_adult()
    frame.loc[frame.index[3], "workclass"] = "Only-once"
    done = run({"data": code_for(CARDS, frame)["data"]}, adult=frame)
    encoder = done["task_preprocessing"][-1].named_transformers_["categories"]
    in_training = "Only-once" in set(done["task_train"]["workclass"])
    assert ("Only-once" in encoder.categories_[0]) == in_training
    assert len(set(done["task_train"].index) & set(done["task_valid"].index)) == 0


def test_every_name_that_the_cells_define_has_the_prefix():
    defined = set()
    for source in code_for(CARDS, small_adult()).values():
        for node in ast.parse(source).body:
            if isinstance(node, ast.Assign):
                targets = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
                defined |= {target.id for target in targets}
            elif isinstance(node, ast.FunctionDef):
                defined.add(node.name)
    assert defined
    assert all(name.startswith("task_") for name in defined)


def test_regression():
    frame = small_adult()
    frame["income"] = frame["hours"] * 2 + 1.5
    done = run(code_for(card("frame", "income"), frame), frame=frame)
    assert set(done["task_valid_scores"]) == {"rmse", "mae"}
    assert done["task_valid_scores"]["rmse"] < frame["income"].std()


def test_multiclass_with_every_metric():
    frame = small_adult()
    frame["income"] = pd.cut(frame["hours"], 3, labels=["low", "mid", "high"]).astype(str)
    metrics = ["log_loss", "accuracy", "balanced_accuracy", "f1", "roc_auc"]
    done = run(code_for(card("frame", "income", metrics=metrics), frame), frame=frame)
    assert set(done["task_valid_scores"]) == set(metrics)


def test_integer_classes_and_a_boolean_target():
    for values in (np.arange(600) % 2 * 7, np.arange(600) % 2 == 0):
        frame = small_adult().assign(income=values)
        done = run(code_for(card("frame", "income"), frame), frame=frame)
        assert done["task_target"](frame).max() == 1


HOSTILE = ["__import__('os').system('echo')", 'a"b', "c'd", "e\nf", "g\\", "{h}", "i]", "<j>", "k # l"]


def test_column_names_like_code_are_data():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(300, len(HOSTILE))), columns=HOSTILE)
    frame["words"] = random.choice(["x'", 'y"', "z\n"], 300)
    frame["tar'get\n"] = random.choice(["no", "yes"], 300)
    done = run(code_for({"data": {"name": "N\n\"'", "frame": "frame", "target": "tar'get\n"}}, frame), frame=frame)
    assert done["task_preprocessing"].transform(frame).shape == (300, len(HOSTILE) + 1)


def test_awkward_columns_are_cleaned_or_left_out():
    frame = small_adult().assign(
        infinite=np.where(np.arange(600) % 50 == 0, np.inf, np.arange(600)),
        nullable=pd.array([None, *range(599)], dtype="Int64"),
        flag=np.arange(600) % 3 == 0,
        day=pd.date_range("2020-01-01", periods=600, tz="Europe/Berlin"),
        kind=pd.Categorical(np.where(np.arange(600) % 2, "a", "b")),
        mixed=pd.Series([1, "one"] * 300, dtype=object),
        empty=np.nan,
        constant=1,
        essay=[f"a long and unrepeated text, number {number} of its kind, with words in it" for number in range(600)],
    )
    done = run(code_for(card("frame", "income"), frame), frame=frame)
    used = set(done["task_numeric"]) | set(done["task_categorical"]) | set(done["task_dates"])
    assert used == {"age", "workclass", "hours", "infinite", "nullable", "flag", "day", "kind", "mixed"}
    assert not np.isinf(done["task_preprocessing"].transform(frame)).any()


def test_a_missing_category_that_training_never_saw_becomes_missing():
    frame = small_adult().assign(workclass="Private")
    frame.loc[:300, "workclass"] = "State-gov"
    done = run({"data": code_for(card("frame", "income"), frame)["data"]}, frame=frame)
    new = frame[:2].assign(workclass=[None, "Never-seen"])
    assert np.isnan(done["task_preprocessing"].transform(new)[:, -1]).all()


def test_a_class_with_one_row_is_left_out():
    frame = small_adult().reset_index(drop=True)
    frame.loc[0, "income"] = "unique"
    code = code_for(card("frame", "income", task="classification"), frame)
    done = run(code, frame=frame)
    assert done["task_classes"] == ["<=50K", ">50K"]
    assert len(done["task_rows"]) == 599


def test_columns_with_numbers_for_names():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(200, 3)), columns=[2, 0, 1])
    frame[3] = random.choice(["a", "b"], 200)
    frame["y"] = random.choice(["no", "yes"], 200)
    done = run(code_for(card("frame", "y"), frame), frame=frame)
    matrix = done["task_preprocessing"].transform(frame.rename(columns=str))
    assert np.allclose(matrix[:, :3].astype(float), frame[[2, 0, 1]])


def test_a_new_class_in_the_test_rows_is_an_error_that_says_so():
    done = run({"data": code_for(CARDS, small_adult())["data"]}, adult=small_adult())
    with pytest.raises(ValueError, match="task_classes does not name"):
        done["task_target"](small_adult().assign(income="other"))
