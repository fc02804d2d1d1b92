"""The columns counted before the data cell runs, against those that its fitted preprocessing gives."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from automl_gpt_magic.cards import describe, read_cards, with_columns_counted
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.planning.recipes import tabular
from automl_gpt_magic.planning.recipes.data import data_cell
from automl_gpt_magic.records.table import Encoded
from automl_gpt_magic.training.cells import run_cells

N_ROWS = 120
WHEN = pd.Timestamp("2026-03-01")


def words(n_values, n_rows=N_ROWS, seed=0):
    """Return words of which the first ones have one row each."""
    return np.random.default_rng(seed).permutation([f"w{min(row, n_values - 1)}" for row in range(n_rows)])


def with_gaps(values, places=(3,), gap=np.nan):
    return [gap if row in places else value for row, value in enumerate(values)]


NUMBERS = np.random.default_rng(1).normal(size=N_ROWS)
DAYS = [WHEN + pd.Timedelta(days=day) for day in range(N_ROWS)]
TABLES = {
    "numbers alone": {"n": NUMBERS},
    "rare categories": {"w": words(40)},
    "as many categories as get a column": {"w": words(50)},
    "more categories, most of them rare": {"w": words(70)},
    "fifty categories and a gap": {"w": with_gaps(words(50), (5, 6))},
    "a gap": {"n": with_gaps(NUMBERS), "w": words(4)},
    "gaps": {"n": with_gaps(NUMBERS, range(60)), "w": with_gaps(words(4), range(9), None)},
    "one gap in each of many columns": {f"n{place}": with_gaps(NUMBERS, (place,)) for place in range(20)},
    "one gap in each of many columns of words": {f"w{place}": with_gaps(words(3), (place,)) for place in range(20)},
    "infinite and huge numbers": {"n": with_gaps(NUMBERS, (4,), np.inf), "m": with_gaps(NUMBERS, (5,), 1e39)},
    "nullable numbers": {"n": pd.array(with_gaps(range(N_ROWS), (7,), None), dtype="Int64"), "w": words(3)},
    "numbers as objects": {"n": pd.Series(with_gaps([1, 2.5, 3] * 40, (8,), None), dtype=object), "w": words(3)},
    "truth values": {"n": [True, False, True] * 40, "m": pd.Series(with_gaps([True, False] * 60), dtype=object)},
    "dates": {"day": DAYS, "w": words(5)},
    "dates with gaps": {"day": with_gaps(DAYS, (9,), pd.NaT), "n": NUMBERS},
    "dates as objects": {
        "day": pd.Series([datetime.date(2026, 1, 1 + row % 28) for row in range(N_ROWS)], dtype=object)
    },
    "values of several types": {"w": pd.Series([*words(5, 60), *([1, 1.0, True] * 20)], dtype=object)},
    "equal as text": {"w": pd.Series(["1", 1, "2", 2, "x", "x"] * 20, dtype=object)},
    "categories of pandas": {"w": pd.Categorical(words(12), categories=[f"w{n}" for n in range(30)])},
    "numbers as categories": {"w": pd.Categorical(np.arange(N_ROWS) % 9), "n": NUMBERS},
    "text of pandas": {"w": pd.array(with_gaps(words(30), (2,), None), dtype="string")},
    "one category and gaps": {"w": with_gaps(["only"] * N_ROWS, range(100, 120), None), "n": NUMBERS},
    "columns that are not read": {"n": NUMBERS, "same": ["x"] * N_ROWS, "text": [f"text {n}" for n in range(N_ROWS)]},
    "labels that are no text": {0: NUMBERS, 1.5: words(20)},
}
TELLING = ("rare categories", "more categories, most of them rare", "one gap in each of many columns")
TARGETS = {
    "classes": (np.arange(N_ROWS) % 3, {}),
    "rare classes": (["alone", "alone too", *(["a", "b"] * 59)], {}),
    "numbers": (np.linspace(-1, 1, N_ROWS), {"task": "regression"}),
    "gaps": (with_gaps(["a", "b"] * 60, range(0, 30, 3), None), {}),
    "infinite": (with_gaps(np.linspace(-1, 1, N_ROWS), range(0, 30, 3), np.inf), {"task": "regression"}),
}
SPLITS = {
    "a seed": {"seed": 4, "validation": 0.3},
    "a group": {"group": "by", "seed": 1},
    "a time": {"time": "by", "validation": 0.4},
}


def counted_and_fitted(frame, **card):
    """Return the columns counted beforehand, and those after the data cell."""
    cards = read_cards({"data": {"name": "Task", "frame": "frame", "target": "y", **card}})
    cards, profile, _ = describe(cards, frame)
    data = tabular.card_as_trained(cards, profile)
    done = run_cells([("data", data_cell(family_named("PyTorch MLP"), "task", data, profile))], {"frame": frame})
    fitted = done["task_preprocessing"]
    again = clone(fitted).fit(done["task_rows"])
    widths = (len(one.transform(done["task_rows"].head(2))[0]) for one in (fitted, again))
    return with_columns_counted(cards, frame, profile).encoded, Encoded(*widths)


@pytest.mark.parametrize("columns", TABLES.values(), ids=TABLES)
def test_the_columns_are_those_of_the_data_cell(columns):
    counted, fitted = counted_and_fitted(pd.DataFrame(columns).assign(y=np.arange(N_ROWS) % 3))
    assert counted == fitted


@pytest.mark.parametrize("table", TELLING)
@pytest.mark.parametrize(("target", "card"), TARGETS.values(), ids=TARGETS)
def test_whatever_the_target(table, target, card):
    counted, fitted = counted_and_fitted(pd.DataFrame(TABLES[table]).assign(y=target), **card)
    assert counted == fitted


@pytest.mark.parametrize("table", TELLING)
@pytest.mark.parametrize("split", SPLITS.values(), ids=SPLITS)
def test_whatever_the_split(split, table):
    frame = pd.DataFrame(TABLES[table]).assign(y=np.random.default_rng(3).choice(["a", "b"], N_ROWS))
    if {"group", "time"} & {*split}:
        frame["by"] = np.random.default_rng(2).integers(0, 12, N_ROWS)
    counted, fitted = counted_and_fitted(frame, split=split)
    assert counted == fitted


def test_some_columns_are_there_only_after_the_refit():
    counted, _ = counted_and_fitted(pd.DataFrame({"w": words(40), "y": np.arange(N_ROWS) % 2}))
    assert counted.training < counted.every == 40
