"""A split by group or time is refused where it cannot be made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from automl_gpt_magic.cards import describe, read_cards
from automl_gpt_magic.errors import CardError

N = 100


def described(split: dict[str, Any], **columns: Any):
    table = pd.DataFrame({"x": np.arange(N) * 1.7 % 3, **columns, "y": ["a", "b"] * (N // 2)})
    return describe(read_cards({"data": {"name": "a", "frame": "df", "target": "y", "split": split}}), table)


@pytest.mark.parametrize(
    ("split", "columns", "message"),
    [
        ({"group": "patint"}, {"patient": range(N)}, "data.split.group: .*did you mean patient?"),
        ({"group": "y"}, {}, "is the target"),
        ({"group": "g"}, {"g": "one"}, "one value in all 100 rows"),
        ({"group": "g"}, {"g": [["a"], ["b"]] * 50}, "lists"),
        ({"group": "g"}, {"g": ["p", "q"] * 50}, "no row of the class .*whatever the seed"),
        ({"time": "t"}, {"t": "2020-01-01"}, "one value"),
        ({"time": "t"}, {"t": None}, "no value"),
        ({"time": "t"}, {"t": ["2020-01-01", "soon"] * 50}, "'soon', which is no time"),
        ({"time": "t"}, {"t": [True, "x"] * 50}, "no time"),
        ({"group": "x", "time": "x"}, {}, "group and time both say how to split"),
    ],
)
def test_a_split_that_cannot_be_made(split, columns, message):
    with pytest.raises(CardError, match=message):
        described(split, **columns)


def test_a_class_that_comes_only_late_is_refused():
    table = pd.DataFrame({"x": np.arange(N) % 7, "day": np.arange(N), "y": ["a"] * 50 + ["b"] * 40 + ["new"] * 10})
    cards = read_cards({"data": {"name": "a", "frame": "df", "target": "y", "split": {"time": "day"}}})
    with pytest.raises(CardError, match=r"no row of the class new\. Write a smaller validation share"):
        describe(cards, table)


def test_a_seed_that_leaves_no_row_of_a_class_is_told_a_better_one():
    groups = [f"g{place % 10}" for place in range(N)]
    y = ["rare" if group in ("g3", "g4") else "often" for group in groups]
    table = pd.DataFrame({"x": np.arange(N) % 7, "g": groups, "y": y})
    refused = 0
    for seed in range(30):
        card = {"name": "a", "frame": "df", "target": "y", "split": {"group": "g", "seed": seed, "validation": 0.5}}
        try:
            describe(read_cards({"data": card}), table)
        except CardError as error:
            refused += 1
            assert "no row of the class rare. Write seed: " in str(error)
    assert 0 < refused < 20


def test_group_and_time_are_no_features():
    cards, profile, _ = described({"time": " day"}, day=pd.date_range("2024-01-01", periods=N), g=range(N))
    assert profile is not None and profile.split_by is not None
    assert [column.name for column in profile.columns] == ["x", "g"]
    assert (profile.split_by.name, profile.split_by.kind, cards.data.split.time) == ("day", "date", "day")


def test_rows_without_time_are_left_out_and_counted():
    days = [None] * 10 + list(range(90))
    cards, _, notes = described({"time": "day"}, day=days)
    assert cards.data.n_rows == 90
    assert any("10 of 100 rows have no day" in note for note in notes)
