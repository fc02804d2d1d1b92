"""Cells around a language model's code, really run."""

from __future__ import annotations

import ast

import numpy as np
import pandas as pd
import pytest
from test_code import run

from automl_gpt_magic.cards import describe, read_cards
from automl_gpt_magic.planning.code_check import check_build, check_prepare
from automl_gpt_magic.planning.families import XGBOOST, family_named
from automl_gpt_magic.planning.recipes import tabular
from automl_gpt_magic.planning.recipes.model import model_cell
from automl_gpt_magic.planning.recipes.training import test_cell as scoring_cell
from automl_gpt_magic.planning.recipes.training import training_cell
from tests.conftest import CARDS, small_adult

FAMILY = family_named("XGBoost")
QUICK = {**XGBOOST.default, "n_estimators": 5, "max_depth": 3}
TEST_CARDS = CARDS.replace("  target:", "  split: {test_frame: adult_test}\n  target:")

PREPARE = '''\
import pandas as pd

FULL_TIME = 35


def _ratio(rows):
    return rows["hours"] / rows["age"]


def task_prepare(rows):
    """Ratios and indicators."""
    rows = rows.assign(ratio=_ratio(rows), full_time=rows["hours"] >= FULL_TIME)
    rows = rows.drop(columns=["age"])
    work = pd.get_dummies(rows["workclass"], prefix="work")
    return pd.concat([rows, work], axis=1)
'''

BUILD = """\
from xgboost import XGBClassifier


def task_build(hyperparameters):
    return XGBClassifier(
        objective="binary:logistic", eval_metric=["error", "logloss"], random_state=1, **hyperparameters
    )
"""


def returning(expression, before="pass"):
    return (
        f"import numpy as np\nimport pandas as pd\n\n\ndef task_prepare(rows):\n    {before}\n    return {expression}\n"
    )


def code_for(frame, prepare=PREPARE, build=BUILD, cards=CARDS, **warnings):
    read, table, _ = describe(read_cards(cards), frame)
    card = tabular.card_as_trained(read, table)
    code = {
        "data": tabular.data_cell("task", card, table, prepare, warnings.get("data", ())),
        "model": model_cell(FAMILY, "task", card, build, warnings.get("model", ())),
        "training": training_cell(FAMILY, "task", card, QUICK, "12345678"),
    }
    if card.split.test_frame:
        code["test"] = scoring_cell("task", card, table)
    return code


def run_data(prepare, frame, cards=CARDS):
    return run({"data": code_for(frame, prepare, cards=cards)["data"]}, adult=frame)


def used(done):
    return {kind: done[f"task_{kind}"] for kind in ("numeric", "dates", "categorical")}


def test_the_code_of_these_tests_passes_the_check():
    columns = ["age", "workclass", "hours"]
    assert check_prepare(PREPARE, "task", columns, "income").errors == ()
    assert check_prepare(PREPARE, "task", columns, "income").risks == ()
    assert check_build(BUILD, "task", "XGBClassifier", "xgboost", ["max_depth"]).errors == ()


def test_the_cells_train_score_and_predict_raw_rows():
    done = run(code_for(small_adult(), cards=TEST_CARDS), adult=small_adult(), adult_test=small_adult(200, seed=1))
    assert done["task_test_scores"]["accuracy"] > 0.7
    assert done["task_log"]["validation_1"]["logloss"][-1] == pytest.approx(
        done["task_valid_scores"]["log_loss"], abs=1e-4
    )
    assert done["task_model"].predict(small_adult(10, seed=2).drop(columns="income")).shape == (10,)
    assert done["task_candidate"].get_params()["random_state"] == 1


def test_the_columns_are_those_that_the_function_returns():
    done = run_data(PREPARE, small_adult())
    assert used(done) == {
        "numeric": ["hours", "ratio", "full_time", "work_Private", "work_Self-emp", "work_State-gov"],
        "dates": [],
        "categorical": ["workclass"],
    }
    matrix = done["task_preprocessing"].transform(done["task_valid"]).astype(float)
    valid = done["task_valid"]
    assert np.allclose(matrix[:, 1], valid["hours"] / valid["age"], equal_nan=True)
    assert set(matrix[:, 2]) == {0.0, 1.0}


def test_later_rows_with_other_categories_survive():
    done = run(code_for(small_adult()), adult=small_adult())
    new = small_adult(20, seed=3).assign(workclass="Never-seen")
    matrix = done["task_preprocessing"].transform(new).astype(float)
    assert np.isnan(matrix[:, 3:]).all()  # no indicator of a class that was seen, and no code
    assert done["task_model"].predict(new).shape == (20,)


def test_a_category_that_only_validation_rows_have_gives_no_column():
    frame = small_adult().reset_index(drop=True)
    only = run_data(PREPARE, frame)["task_valid"].index[:3]
    frame.loc[only, "workclass"] = "Only-later"
    done = run(code_for(frame), adult=frame)
    assert set(only) <= set(done["task_valid"].index)
    assert "work_Only-later" not in done["task_numeric"]
    assert np.isnan(done["task_preprocessing"].transform(frame.loc[only])[:, -1].astype(float)).all()
    assert np.isfinite(done["task_valid_scores"]["log_loss"])


def test_the_target_never_reaches_the_function():
    seen = []
    spy = "def task_prepare(rows):\n    SEEN.append(list(rows.columns))\n    return rows\n"
    code = code_for(small_adult(), spy, cards=TEST_CARDS)
    done = run(code, adult=small_adult(), adult_test=small_adult(50, seed=1), SEEN=seen)
    done["task_model"].predict(small_adult(5))
    assert len(seen) > 4
    assert all(columns == ["age", "workclass", "hours"] for columns in seen)


def test_the_function_cannot_change_the_rows_of_the_notebook():
    frame = small_adult()
    change = 'def task_prepare(rows):\n    rows["age"] = 0.0\n    rows["new"] = rows["hours"]\n    return rows\n'
    done = run(code_for(frame, change), adult=frame)
    pd.testing.assert_frame_equal(frame, small_adult())
    assert list(done["task_train"].columns) == list(frame.columns)


def test_columns_are_read_by_their_type():
    prepare = returning(
        """pd.DataFrame({
        "whole": np.arange(n), "flag": rows["hours"] > 3, "maybe": pd.array([None, True] * n, dtype="boolean")[:n],
        "day": pd.date_range("2020-01-01", periods=n, tz="UTC"), "span": pd.to_timedelta(np.arange(n), unit="D"),
        "band": pd.cut(rows["hours"], 3), "kind": rows["workclass"].astype("category"), "gone": np.nan,
        "lists": [[1]] * n, "none": None, 7: rows["hours"].astype(object), "mixed": ([1, "a"] * n)[:n],
    })""",
        "n = len(rows)",
    )
    done = run(code_for(small_adult(), prepare), adult=small_adult())
    assert used(done) == {
        "numeric": ["whole", "flag", "maybe", "span", "7"],
        "dates": ["day"],
        "categorical": ["band", "kind", "mixed"],
    }
    matrix = done["task_preprocessing"].transform(done["task_valid"]).astype(float)
    assert matrix[:3, 3].tolist() == [0, 1, 2]  # days
    assert matrix[:2, 5].tolist() == [18262, 18263]  # 2020-01-01 and the next day


@pytest.mark.parametrize("drop", ["numbers", "words"])
def test_a_table_of_one_type_is_enough(drop):
    kept = {"numbers": '["workclass"]', "words": '["age", "hours"]'}[drop]
    done = run(code_for(small_adult(), returning(f"rows[{kept}]")), adult=small_adult())
    assert done["task_model"].predict(small_adult(5)).shape == (5,)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("rows.iloc[::-1]", "in their order"),
        ("rows.head(3)", "in their order"),
        ('rows["age"]', "a table"),
        ("rows.to_numpy()", "a table"),
        ("pd.DataFrame({'a': [None] * len(rows)}, rows.index)", "no column"),
        ("rows.iloc[::-1].reset_index(drop=True)", "in their order"),
        ("rows[[]]", "no column"),
    ],
)
def test_a_result_that_cannot_be_used_is_an_error_that_says_so(expression, message):
    with pytest.raises(ValueError, match=rf"task_prepare .*{message}"):
        run_data(returning(expression), small_adult())


def test_rows_with_any_index_and_columns_named_twice():
    frame = small_adult().set_index(np.zeros(600, dtype=int))
    prepare = returning(
        "pd.concat([rows, rows[['hours']], pd.DataFrame({'n': np.arange(len(rows))}, rows.index)], axis=1)"
    )
    assert used(run(code_for(frame, prepare), adult=frame))["numeric"] == ["age", "hours", "n"]


def test_text_that_stays_text_is_left_out_and_its_length_is_not():
    essays = [f"a long and unrepeated text, number {number} of its kind, with words in it" for number in range(600)]
    frame = small_adult().assign(essay=essays, note=essays)
    done = run_data('def task_prepare(rows):\n    return rows.assign(note=rows["note"].str.len())\n', frame)
    assert done["task_numeric"] == ["age", "hours", "note"]
    assert done["task_categorical"] == ["workclass"]


def test_regression_and_columns_with_numbers_for_names():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 3)), columns=[0, 1, 2])
    cards = {"data": {"name": "Task", "frame": "adult", "target": "2", "task": "regression"}}
    build = BUILD.replace("XGBClassifier", "XGBRegressor").replace("binary:logistic", "reg:squarederror")
    build = build.replace('"error", "logloss"', '"mae", "rmse"')
    prepare = 'def task_prepare(rows):\n    return rows.assign(sum=rows["0"] + rows["1"])\n'
    done = run(code_for(frame, prepare, build, cards), adult=frame)
    assert done["task_numeric"] == ["0", "1", "sum"]
    assert np.isfinite(done["task_valid_scores"]["rmse"])


def test_the_code_stands_under_its_comment_and_its_warnings():
    code = code_for(small_adult(), data=["line 3: open reads\nimport os", "two"], model=["three"])
    assert (
        "\n\n# Warning: line 3: open reads import os\n# Warning: two\n"
        f"# From the language model; it reads one table of rows at a time.\n{PREPARE.strip()}\n\n\n"
    ) in code["data"]
    said = "\n# Warning: three\n# From the language model; it returns an untrained model."
    assert f"{said}\n{BUILD.strip()}\n\n\ndef task_fit(" in code["model"]


def test_the_text_of_the_code_is_not_changed():
    prepare = 'TEXT = """a\n\n\n\n\nb"""\n\n\ndef task_prepare(rows):\n    return rows.assign(n=len(TEXT))\n'
    assert prepare.strip() in code_for(small_adult(), prepare)["data"]


def test_every_name_that_the_cells_define_has_the_prefix():
    defined = set()
    for source in code_for(small_adult(), returning("rows")).values():
        for node in ast.parse(source).body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            defined |= {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
            defined |= {node.name} if isinstance(node, ast.FunctionDef) else set()
            assert not isinstance(node, (ast.For, ast.With))
    assert all(name.startswith("task_") for name in defined)
