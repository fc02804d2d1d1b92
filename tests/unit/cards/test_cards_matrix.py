"""A table as one matrix of numbers."""

import numpy as np
import pandas as pd
import pytest

from automl_gpt_magic.cards import describe, feature_matrix, read_cards
from automl_gpt_magic.planning.families.xgboost import XGBoost
from automl_gpt_magic.planning.recipes.data import data_cell

CARDS = "data: {name: X, input_type: tabular, frame: table, target: y}"


def matrix(table, cards=CARDS, most_rows=100):
    read, profile, _ = describe(read_cards(cards), table)
    return feature_matrix(read, table, profile, most_rows)


def a_table(n_rows=40, **columns):
    return pd.DataFrame({"a": np.arange(n_rows) % 7 + 0.5, **columns, "y": ["no", "yes"] * (n_rows // 2)})


def test_kinds_of_columns_become_numbers():
    words = ["red", "blue", None, "red"] * 10
    days = pd.date_range("2020-01-01", periods=40).where(np.arange(40) > 0)
    x, y, n_classes, _ = matrix(a_table(b=words, c=days, d=[np.inf, 1.0] * 20))
    assert x.shape == (40, 4)
    assert (x[:4, 1].tolist()[:2], np.isnan(x[2, 1])) == ([1.0, 0.0], True)
    assert np.isnan(x[0, 2])
    assert x[2, 2] - x[1, 2] == 86_400
    assert np.isnan(x[0, 3])
    assert (y[:4].tolist(), n_classes) == ([0, 1, 0, 1], 2)


def test_a_regression_keeps_its_target():
    table = pd.DataFrame({"a": np.arange(50) % 9, "y": np.linspace(0, 3, 50)})
    x, y, n_classes, _ = matrix(table)
    assert (x.shape, n_classes) == ((50, 1), 0)
    assert np.allclose(y, table["y"])


def test_rows_without_target_and_classes_of_one_row_are_left_out():
    table = a_table().astype({"y": object})
    table.loc[3, "y"], table.loc[5, "y"] = None, "perhaps"
    x, y, n_classes, _ = matrix(table)
    assert (len(x), len(y), n_classes) == (38, 38, 2)


def test_many_rows_are_sampled_and_always_the_same():
    table = a_table(400, b=np.arange(400) % 13)
    first, again = matrix(table), matrix(table)
    assert first[0].shape == (180, 2)  # all that are held out, and as many of the others as may be
    assert first[3].sum() == 80
    assert np.array_equal(first[0], again[0])


def test_free_text_is_left_out():
    texts = [f"a long text of its own, number {number}, that says {number * 7}" for number in range(40)]
    assert matrix(a_table(b=texts))[0].shape == (40, 1)


@pytest.mark.parametrize("split", ["{validation: 0.25, seed: 3}", "{group: g}", "{time: a}"])
def test_the_rows_held_out_are_those_of_the_data_cell(split):
    table = a_table(g=np.arange(40) // 4)
    cards = CARDS.replace("}", f", split: {split}}}")
    read, profile, _ = describe(read_cards(cards), table)
    *_, held_out = feature_matrix(read, table, profile, 100)
    cells = {"table": table}
    exec(data_cell(XGBoost(), "x", read.data, profile), cells)
    assert sorted(np.flatnonzero(held_out)) == sorted(cells["x_valid"].index)


def test_too_few_rows_to_be_split_are_no_matrix():
    assert matrix(pd.DataFrame({"a": [1.0, 2, 3, 4], "y": ["no", "yes", "no", "yes"]})) is None
