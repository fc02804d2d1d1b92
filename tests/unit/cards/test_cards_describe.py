"""A table fills the card, contradicts it openly, and is refused where nothing can be planned for it."""

from __future__ import annotations

import ast
import datetime
import decimal
import fractions
import math
import time
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_gpt_magic.cards import describe, read_cards
from automl_gpt_magic.errors import AutoMLError, CardError, DataError
from automl_gpt_magic.records.card import Cards, Label
from automl_gpt_magic.records.table import Column, TableProfile

CODE = "__import__('os').system('exit')"


def cards_for(target: str = "y", **fields: Any) -> Cards:
    return read_cards({"data": {"name": "a", "frame": "df", "target": target} | fields})


def measured(table: pd.DataFrame, **fields: Any) -> tuple[Cards, TableProfile, tuple[str, ...]]:
    cards, profile, notes = describe(cards_for(**fields), table)
    assert profile is not None
    return cards, profile, notes


def frame(y: Any, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"x": np.arange(len(y))[::-1] * 1.5, **columns, "y": y})


def arrow_lists(n_rows: int) -> Any:
    return pd.Series([[i] for i in range(n_rows)], dtype=pd.ArrowDtype(pa.list_(pa.int64())))


WORDS = [f"name {i}" for i in range(40)]


def column(values: Any) -> Column:
    table = pd.DataFrame({"c": values})
    table["y"] = np.arange(len(table)) % 2
    table["x"] = np.arange(len(table))[::-1] * 1.5
    return measured(table)[1].columns[0]


def test_a_table_fills_the_card():
    table = frame(["no", "yes", "no", "no"], town=["a", "b", None, "a"], k=[1, 1, 1, 1])
    cards, profile, notes = measured(table)
    data = cards.data
    assert (data.n_rows, data.n_features, data.n_numeric, data.n_categorical) == (4, 3, 1, 1)
    assert data.missing_fraction == pytest.approx(1 / 12)
    assert data.class_balance == {"no": 0.75, "yes": 0.25}
    assert data.label_space == (Label("no"), Label("yes"))
    assert (data.task, data.output_type, data.metrics) == (
        "binary classification",
        "class",
        ("log_loss", "accuracy"),
    )
    assert (profile.classes, profile.class_counts, profile.target) == (("no", "yes"), (3, 1), "y")
    assert profile.target_entropy == pytest.approx(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert [col.kind for col in profile.columns] == ["numeric", "categorical", "constant"]
    assert any("no task" in note for note in notes)
    assert any("class yes has a single row" in note for note in notes)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, 2, 3], "numeric"),
        ([True, False, True, True], "numeric"),
        (pd.array([1, None, 2, 2], dtype="Int64"), "numeric"),
        ([decimal.Decimal(1), decimal.Decimal(2), None, None], "numeric"),
        (pd.Series([1, 2.5, None, 1], dtype=object), "numeric"),
        (["a", "b", "a", None], "categorical"),
        (pd.Categorical(["a", "b", "a", None]), "categorical"),
        (pd.date_range("2024-01-01", periods=4), "date"),
        (pd.date_range("2024-01-01", periods=4, tz="Europe/Berlin"), "date"),
        ([datetime.date(2024, 1, day) for day in (1, 2, 3, 4)], "date"),
        ([f"{i} " + "word " * 20 for i in range(4)], "text"),
        ([f"name {i}" for i in range(40)], "text"),
        ([7, 7, 7, 7], "constant"),
        ([None] * 4, "empty"),
        ([np.nan] * 4, "empty"),
        ([np.inf, -np.inf, np.nan, np.inf], "empty"),
        ([["a"], ["b"], ["a", "b"], []], "text"),
        (arrow_lists(4), "text"),
    ],
)
def test_the_kind_of_a_column(values, kind):
    assert column(values).kind == kind


def test_missing_infinite_and_unique_values_are_counted():
    table = frame([0, 1, 0, 1], c=[1.0, np.inf, np.nan, 2.0])
    _, profile, notes = measured(table)
    assert (profile.columns[1].missing, profile.columns[1].n_unique) == (0.5, 2)
    assert any("'c' has 1 infinite" in note for note in notes)


@pytest.mark.parametrize(
    ("values", "mixed"), [([1, "a", 1, 2], True), ([1, 2.5, None, 3], False), (["a", "b", None, "b"], False)]
)
def test_mixed_columns_are_marked(values, mixed):
    assert column(pd.Series(values, dtype=object)).mixed is mixed


@pytest.mark.parametrize("name", [CODE, "quote \" ' \n newline", ("a", 1), 3, None, "", "data.target"])
def test_column_names_are_only_data(name):
    table = frame([0, 1, 0, 1])
    table = table.set_axis(pd.Index([name, "y"], dtype=object, tupleize_cols=False), axis=1)
    assert measured(table)[1].columns[0].name == name


@pytest.mark.parametrize(("label", "written"), [(3, "3"), (("a", 1), "('a', 1)"), (" y ", "y"), (CODE, CODE)])
def test_a_target_is_found_by_its_text(label, written):
    table = frame([0, 1, 0, 1]).set_axis(pd.Index(["x", label], tupleize_cols=False), axis=1)
    assert measured(table, target=written)[1].target == label


def test_an_exact_name_goes_before_its_text():
    table = pd.DataFrame({" y": [1.5, 2.5, 0.5], "y": ["a", "b", "a"]})
    assert measured(table)[1].target == "y"
    named = pd.Index([pd.NA, "y"], dtype=object)  # comparing pd.NA has no truth value
    assert measured(table.set_axis(named, axis=1))[1].target == "y"


def test_a_missing_target_column_is_named_with_the_nearest():
    cards = read_cards("data:\n  name: a\n  frame: adult\n  target: incme\n", first_line=6)
    table = frame([0, 1, 0]).rename(columns={"y": "Income"})
    with pytest.raises(CardError) as caught:
        describe(cards, table)
    assert str(caught.value) == (
        "line 9, column 11; data.target: the frame adult has no column incme; did you mean Income?"
    )


def test_other_missing_targets_show_the_columns():
    wide = pd.DataFrame(np.ones((2, 500)))
    with pytest.raises(CardError, match=r"its columns are 0, 1, .* and 492 more") as caught:
        describe(cards_for("zzz"), wide)
    assert len(str(caught.value)) < 200
    with pytest.raises(CardError, match="no target is named"):
        describe(read_cards({"data": {"name": "a", "frame": "df"}}), frame([0, 1]))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (frame([1, 1, 1]), "one value, '1', in all 3 rows"),
        (frame([1.5, 1.5, None]), "one value"),
        (frame([None, None]), "missing in all 2 rows"),
        (frame([np.inf, -np.inf]), "missing in all 2 rows"),
        (frame([[1], [2]]), "lists"),
        (frame(arrow_lists(2)), "lists"),
        (frame([f"id {i}" for i in range(300)]), "300 values.*fewer classes"),
    ],
)
def test_targets_that_cannot_be_learned_are_refused(table, message):
    with pytest.raises(CardError, match=message) as caught:
        describe(cards_for(), table)
    assert caught.value.field == "data.target"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (frame([]), "0 rows"),
        (pd.DataFrame({"y": [0, 1]}), "one column"),
        (pd.DataFrame([[1, 2, 0], [3, 4, 1]], columns=["a", "a", "y"]), "several columns named 'a'"),
        (pd.DataFrame({"x": [1, 1], "z": [None, None], "y": [0, 1]}), "no column besides the target varies"),
        (pd.DataFrame([[1, 2, 0], [3, 4, 1]], columns=[1, "1", "y"]), "several columns named '1'"),
        (
            pd.DataFrame([[1, 2, 0], [3, 4, 1]], columns=pd.MultiIndex.from_product([["a"], ["x", "z", "y"]])),
            r"2 levels of column names.*df.columns = \['_'.join\(map\(str, label\)\) for label in df.columns\]",
        ),
        (pd.DataFrame({"x": WORDS, "z": WORDS, "y": [0, 1] * 20}), "free text"),
        (pd.DataFrame({"x": WORDS, "k": 1, "e": None, "y": [0, 1] * 20}), "free text"),
        (frame(["a", " a", "b"]), "read the same"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(table, message):
    with pytest.raises(DataError, match=message):
        describe(cards_for(), table)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([0, 1] * 20, "binary classification"),
        ([0.0, 1.0] * 20, "binary classification"),
        ([True, False] * 20, "binary classification"),
        (["a", "b", "c", "a"], "multiclass classification"),
        ([1, 2, 3, 4, 5] * 8, "multiclass classification"),
        (list(range(40)), "regression"),
        ([i / 7 for i in range(40)], "regression"),
        ([0.5, 1.5, 2.5, 3.5] * 10, "regression"),
        (pd.date_range("2024-01-01", periods=4).astype(str), "multiclass classification"),
    ],
)
def test_the_task_follows_from_the_target(values, task):
    assert measured(frame(values))[0].data.task == task
    if task != "regression":
        assert measured(frame(values), task="classification")[0].data.task == task


def test_a_regression():
    cards, profile, _ = measured(frame([1, 2, 3, 4]), task="regression")
    assert (cards.data.metrics, cards.data.output_type, cards.data.label_space) == (
        ("rmse", "mae"),
        "number",
        (),
    )
    assert profile.target_scale == pytest.approx(np.std([1, 2, 3, 4]))
    assert profile.classes == ()


def test_regression_metrics_make_a_regression():
    assert measured(frame([1, 2, 3, 4]), metrics=["rmse"])[0].data.task == "regression"


@pytest.mark.parametrize("values", [["a", "b", "c"], [2**60, 2**60 + 1], [5e-324, 0.0]])
def test_a_regression_needs_usable_numbers(values):
    with pytest.raises(CardError) as caught:
        describe(cards_for(task="regression"), frame(pd.Series(values, dtype=object)))
    assert caught.value.field == "data.target"


@pytest.mark.parametrize("values", [[1e39, 0.0], [-1e39, 0.0], [1e308, -1e308, 1e308], [10**400, 1, 2]])
def test_a_regression_beyond_32_bit_floats_is_to_be_rescaled(values):
    with pytest.raises(DataError, match=r"y holds numbers beyond 3.4e38.*Rescale it"):
        describe(cards_for(task="regression"), frame(pd.Series(values, dtype=object)))
    assert measured(frame([3.4e38, 0.0]), task="regression")[1].target_scale == pytest.approx(1.7e38)


@pytest.mark.parametrize(
    "values",
    [
        pd.date_range("2024-01-01", periods=4),
        pd.period_range("2024-01", periods=4, freq="M"),
        pd.to_timedelta([1, 2, 3, 4], unit="D"),
        pd.cut(pd.Series([1, 2, 3, 4]), 2),
        [datetime.date(2024, 1, day) for day in (1, 2, 1, 2)],
        [datetime.time(hour) for hour in (1, 2, 1, 2)],
        [decimal.Decimal(1), decimal.Decimal(2)] * 2,
        [fractions.Fraction(1, 3), fractions.Fraction(2, 3)] * 2,
        [uuid.UUID(int=1), uuid.UUID(int=2)] * 2,
        [np.datetime64("2024-01-01"), "a"] * 2,
        [int, str] * 2,
        [("a", decimal.Decimal(1)), ("b", 2)] * 2,
        ["a", math.inf] * 2,
    ],
)
def test_classes_that_code_cannot_name_are_refused(values):
    table = frame(values if hasattr(values, "dtype") else pd.Series(values, dtype=object))
    with pytest.raises(
        CardError, match=r"Write a target of text or numbers, such as df\['y'\].astype\(str\)"
    ) as caught:
        describe(cards_for(), table)
    assert caught.value.field == "data.target"
    assert measured(frame(table["y"].astype(str)))[1].classes


@pytest.mark.parametrize(
    "values", [np.array([1, 2]), np.array([True, False]), np.array([0.5, 1.5]), ["a", np.str_("b")]]
)
def test_classes_of_numpy_become_plain_values(values):
    classes = measured(frame(pd.Series(list(values), dtype=object)), task="classification")[1].classes
    assert classes == tuple(sorted(values))
    assert {type(value) for value in classes} <= {int, bool, float, str}


@pytest.mark.parametrize(
    "values",
    [
        [1.5, np.inf, 2.5, None, -np.inf, 3.5],
        pd.array([1.5, np.inf, 2.5, None, -np.inf, 3.5], dtype="Float64"),
        pd.Series([1.5, np.inf, 2.5, None, -np.inf, 3.5], dtype=pd.ArrowDtype(pa.float64())),
        pd.Series([1.5, np.inf, 2, pd.NA, -np.inf, 3], dtype=object),
        pd.Series([decimal.Decimal(text) for text in ("1", "Infinity", "2", "NaN", "-Infinity", "3")], dtype=object),
    ],
)
def test_rows_with_an_infinite_target_are_unlabelled(values):
    _, profile, notes = measured(frame(values), task="regression")
    assert (profile.n_rows, profile.n_unlabelled) == (3, 3)
    assert "3 of 6 rows have no target (2 of them an infinite one) and are left out" in notes


@pytest.mark.parametrize("values", [[1, pd.NA, 2, 3], [decimal.Decimal("1.5"), pd.NA, decimal.Decimal(2), None]])
def test_columns_of_numbers_with_missing_ones_are_numeric(values):
    assert column(pd.Series(values, dtype=object)).kind == "numeric"


def test_metrics_of_the_request_follow_those_of_the_card():
    fields = {"data": {"name": "a", "metrics": "acc", "task": "binary"}, "request": {"metrics": ["f1", "accuracy"]}}
    assert describe(read_cards(fields), None)[0].data.metrics == ("accuracy", "f1")
    fields["data"] |= {"frame": "df", "target": "y"}
    assert describe(read_cards(fields), frame([0, 1, 0, 1]))[0].data.metrics == ("accuracy", "f1")
    del fields["data"]["metrics"]
    assert describe(read_cards(fields), frame([0, 1, 0, 1]))[0].data.metrics == ("f1", "accuracy")
    fields["request"] = {"metrics": ["rmse"]}
    with pytest.raises(CardError, match="rmse does not measure") as caught:
        describe(read_cards(fields), frame([0, 1, 0, 1]))
    assert caught.value.field == "request.metrics"


@pytest.mark.parametrize(
    ("shares", "fits"),
    [
        ({"a": 0.7, "b": 0.3}, True),
        ({"a": 0.333, "b": 0.333, "c": 0.333}, True),
        ({"a": 0.76, "b": 0.25}, True),
        ({"a": 0.7, "b": 0.2}, False),
        ({"a": 1.0}, False),
        ({"a": 0, "b": 0}, False),
    ],
)
def test_a_class_balance_without_a_table_is_one_of_all_classes(shares, fits):
    cards = read_cards({"data": {"name": "a", "class_balance": shares}})
    if fits:
        assert describe(cards, None)[0].data.class_balance == shares
        return
    with pytest.raises(CardError, match="Write the share of each class") as caught:
        describe(cards, None)
    assert caught.value.field == "data.class_balance"


HOSTILE = "a\nb\r\x1b[2J\u2028\x85c"


@pytest.mark.parametrize(
    ("table", "fields"),
    [
        (frame([1, 2]), {}),
        (frame([1, 1]).rename(columns={"y": HOSTILE}), {}),
        (frame([None, None]).rename(columns={"y": HOSTILE}), {}),
        (frame(["a", " a", "b"]).rename(columns={"y": HOSTILE}), {}),
        (frame(pd.date_range("2024-01-01", periods=4)).rename(columns={"y": HOSTILE}), {}),
        (frame([1e300, 1]).rename(columns={"y": HOSTILE}), {"task": "regression"}),
        (frame([HOSTILE, "b"]).rename(columns={"y": HOSTILE}), {"task": "regression"}),
        (frame([HOSTILE, "b"]).rename(columns={"y": HOSTILE}), {"label_space": [HOSTILE + "d", "b"]}),
        (frame([]), {"frame": None, "path": HOSTILE}),
        (pd.DataFrame({HOSTILE: [0, 1]}), {}),
    ],
)
def test_hostile_names_stay_in_one_line(table, fields):
    with pytest.raises(AutoMLError) as caught:
        describe(cards_for(HOSTILE, **fields), table)
    assert str(caught.value).isprintable()


def test_notes_stay_in_one_line():
    table = frame([HOSTILE, "b", "b", None]).rename(columns={"y": HOSTILE})
    notes = describe(cards_for(HOSTILE), table)[2]
    assert notes
    assert all(note.isprintable() for note in notes)


def test_too_many_classes_suggest_a_regression():
    with pytest.raises(CardError, match="Write task: regression"):
        describe(cards_for(task="classification"), frame(list(range(300))))


@pytest.mark.parametrize(("task", "metric"), [("regression", "accuracy"), ("binary", "rmse")])
def test_metrics_must_measure_the_task(task, metric):
    with pytest.raises(CardError, match="does not measure") as caught:
        describe(cards_for(task=task, metrics=metric), frame([0, 1, 0, 1]))
    assert caught.value.field == "data.metrics"


@pytest.mark.parametrize(
    ("values", "names", "classes"),
    [
        (["a", "b", "a"], ["b", "a"], ("b", "a")),
        ([" <=50K", " >50K", " >50K"], ["<=50K", ">50K"], (" <=50K", " >50K")),
        ([0, 1, 1], ["1", "0"], (1, 0)),
        ([0.0, 1.0, 1.0], ["0", "1"], (0.0, 1.0)),
        ([True, False, True], ["true", "false"], (True, False)),
        ([0, 1, 1], ["no", "yes"], (0, 1)),
        ([0, 1, 1], ["yes", "no"], (1, 0)),
        ([True, False, True], ["stays", "leaves"], (False, True)),
        ([3, 1, 2, 2], ["low", "mid", "high"], (1, 2, 3)),
    ],
)
def test_classes_follow_the_label_space(values, names, classes):
    cards, profile, _ = measured(frame(values), label_space=names)
    assert profile.classes == classes
    assert [label.name for label in cards.data.label_space] == names
    assert profile.class_counts == tuple(values.count(value) for value in classes)
    assert list(cards.data.class_balance) == names


def test_names_given_to_codes_are_noted():
    assert any(
        "0 = stays, 1 = leaves" in note for note in measured(frame([0, 1, 1]), label_space=["stays", "leaves"])[2]
    )


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["a", "b"], ["c", "d"]),
        ([0, 1], ["1", "2"]),
        ([0, 1, 2], ["no", "yes"]),
        (["a", "b", "c"], ["a", "b"]),
    ],
)
def test_a_label_space_of_other_names_shows_both(values, names):
    with pytest.raises(CardError) as caught:
        describe(cards_for(label_space=names), frame(values))
    assert caught.value.field == "data.label_space"
    assert all(repr(str(value)) in str(caught.value) for value in [*values, *names])


def test_a_class_without_rows_is_left_out_and_noted():
    cards, profile, notes = measured(frame(["a", "b", "a"]), label_space={"a": "first", "c": "", "b": ""})
    assert cards.data.label_space == (Label("a", "first"), Label("b"))
    assert profile.classes == ("a", "b")
    assert any("'c'" in note for note in notes)


def test_rows_without_target_are_left_out():
    table = frame(["a", "b", None, "a"], c=[1.0, None, None, 2.0])
    cards, profile, notes = measured(table, n_rows=4)
    assert (profile.n_rows, profile.n_unlabelled, cards.data.n_rows) == (3, 1, 3)
    assert profile.columns[1].missing == pytest.approx(1 / 3)
    assert any("1 of 4 rows" in note for note in notes)
    assert not any("n_rows" in note for note in notes)


def test_the_table_stands_where_the_card_contradicts_it():
    fields = {
        "n_rows": 32561,
        "n_features": 1,
        "missing_fraction": 0.5,
        "class_balance": {"a": 0.1},
        "task": "multiclass",
    }
    cards, _, notes = measured(frame(["a", "b", "a", "b"]), **fields)
    assert (cards.data.n_rows, cards.data.missing_fraction, cards.data.class_balance["a"]) == (4, 0.0, 0.5)
    assert cards.data.task == "binary classification"
    for part in ("n_rows 32,561, the table has 4", "missing_fraction 0.5", "class balance", "multiclass"):
        assert any(part in note for note in notes)
    assert not any("n_features" in note for note in notes)


def test_leaks_and_identifiers_are_noted():
    table = frame([0, 1] * 20, copy=[0, 1] * 20, id=range(40))
    notes = measured(table)[2]
    assert any("'copy' has the same values as the target" in note for note in notes)
    assert any("'id' looks like" in note for note in notes)
    assert not any("'x'" in note for note in notes)


def test_a_card_without_a_table_keeps_its_numbers():
    cards = read_cards({"data": {"name": "a", "n_rows": 9, "task": "classification", "label_space": ["a", "b"]}})
    described, profile, notes = describe(cards, None)
    assert (profile, notes, described.data.n_rows) == (None, (), 9)
    assert (described.data.task, described.data.metrics) == (
        "binary classification",
        ("log_loss", "accuracy"),
    )
    plain = read_cards({"data": {"name": "a"}})
    assert describe(plain, None) == (plain, None, ())


def test_the_table_is_not_changed():
    table = frame(["a", "b", None, "a"], c=[1.0, np.inf, None, 2.0])
    before = table.copy(deep=True)
    measured(table)
    pd.testing.assert_frame_equal(table, before)


def test_a_table_like_adult_is_described_quickly():
    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {f"n{i}": rng.normal(size=32_561) for i in range(6)}
    columns |= {f"c{i}": rng.choice(["Private", "State-gov", "?"], 32_561) for i in range(8)}
    table = pd.DataFrame(columns | {"y": rng.choice(["<=50K", ">50K"], 32_561)})
    seconds = []
    for _ in range(3):
        start = time.process_time()
        measured(table)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.3  # 0.03 s when measured alone


CELLS = st.one_of(
    st.sampled_from([None, pd.NA, pd.NaT]),
    st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.decimals(allow_nan=False),
    st.text(max_size=3) | st.binary(max_size=2),
    st.dates() | st.datetimes() | st.timedeltas(),
    st.lists(st.integers(), max_size=2),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS), max_size=6),
    st.sampled_from([object, None]),
    st.sampled_from(["", "regression", "classification"]),
    st.sampled_from([None, ["a", "b"], ["0", "1"]]),
)
def test_any_table_is_described_or_refused(rows, dtype, task, names):
    try:
        table = pd.DataFrame(
            {
                "x": pd.Series([x for x, _ in rows], dtype=dtype),
                "y": pd.Series([y for _, y in rows], dtype=dtype),
            }
        )
    except Exception:  # pandas itself refuses some mixtures
        return
    try:
        cards, profile, _ = describe(cards_for(task=task or None, label_space=names), table)
    except AutoMLError as error:
        assert str(error)
        return
    assert profile is not None
    assert all(ast.literal_eval(repr(value)) == value for value in profile.classes)
    assert cards.data.n_rows == profile.n_rows == len(table) - profile.n_unlabelled
    assert sum(profile.class_counts) == (profile.n_rows if cards.data.is_classification else 0)
