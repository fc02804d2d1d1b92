"""The rows of a table before its data cell ran, and after."""

import contextlib
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import automl_gpt_magic
from automl_gpt_magic import measured
from automl_gpt_magic.cards import describe, load_table, read_cards
from automl_gpt_magic.measured import rows_as_trained, runs_on, runs_on_others
from automl_gpt_magic.records.secret import SecretUrl
from automl_gpt_magic.store import Store
from automl_gpt_magic.training import fingerprint
from tests.conftest import CARDS, small_adult
from tests.unit.test_store import own_run


def with_gaps(frame):
    return frame.assign(income=frame["income"].where(frame["age"] > 25, None))


def with_a_rare_class(frame):
    return frame.assign(income=["rare", *frame["income"][1:]])


def with_an_infinite_target(frame):
    target = np.where(frame["income"] == ">50K", 1.0, 0.0)
    target[:3] = [np.inf, -np.inf, np.nan]
    return frame.assign(income=target)


def with_names_that_are_no_text(frame):
    return frame.rename(columns={"age": 0, "hours": 1.5})


def with_dates_and_categories(frame):
    dates = pd.date_range("2026-01-01", periods=len(frame), freq="h")
    return frame.assign(when=dates, workclass=frame["workclass"].astype("category"))


def with_another_index(frame):
    return frame.set_axis(range(1000, 1000 - len(frame), -1))


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame,
        with_gaps,
        with_a_rare_class,
        with_an_infinite_target,
        with_names_that_are_no_text,
        with_dates_and_categories,
        with_another_index,
    ],
)
def test_a_table_has_the_fingerprint_of_the_rows_that_its_data_cell_makes(change):
    frame = change(small_adult())
    text = CARDS.replace('  label_space: ["<=50K", ">50K"]\n', "")
    code = automl_gpt_magic.plan(text, frame=frame).code["data"]
    namespace = {"adult": frame}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, namespace)
    cards = read_cards(text)
    table = load_table(cards, {"adult": frame})
    _, profile, _ = describe(cards, table)
    made = namespace[next(name for name in namespace if name.endswith("_rows"))]
    assert fingerprint(rows_as_trained(table, profile)) == fingerprint(made)


def test_so_has_a_file(tmp_path):
    path = tmp_path / "adult.csv"
    small_adult().to_csv(path, index=False)
    text = CARDS.replace("frame: adult", f"path: {path}")
    namespace = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(automl_gpt_magic.plan(text).code["data"], namespace)
    cards = read_cards(text)
    table = load_table(cards, {})
    _, profile, _ = describe(cards, table)
    assert fingerprint(rows_as_trained(table, profile)) == fingerprint(namespace["small_adult_rows"])


@pytest.fixture
def described(adult):
    cards = read_cards(CARDS)
    cards, profile, _ = describe(cards, adult)
    return adult, profile, cards.data


def test_only_runs_on_these_rows_are_found(described, tmp_path):
    frame, profile, card = described
    path = tmp_path / "kept.sqlite"
    rows = fingerprint(rows_as_trained(frame, profile))
    for change in ({}, {"fingerprint": rows}, {"fingerprint": rows, "task": "regression"}):
        Store(path).add_run(own_run(**change))
    assert [list(found) for found in runs_on(frame, profile, card, path)] == [[2], []]
    assert runs_on(frame[:-1], profile, card, path) == ({}, ())
    assert runs_on(frame, profile, replace(card, input_type="image"), path) == ({}, ())
    assert runs_on(frame, profile, card, None) == runs_on(None, None, card, path) == ({}, ())


def test_a_store_that_cannot_be_read_is_a_note_and_no_fault(described):
    runs, (said,) = runs_on(*described, SecretUrl("nothing://u:hunter2@host/db"))
    assert runs == {}
    assert said.startswith("Earlier runs are not considered: AutoML.store nothing://…@host/db")


def test_runs_on_other_rows_are_of_the_task_and_the_family_the_newest_first(described, tmp_path, monkeypatch):
    frame, profile, card = described
    cards, path = replace(read_cards(CARDS), data=card), tmp_path / "kept.sqlite"
    rows = fingerprint(rows_as_trained(frame, profile))
    late, early = {"date": "2026-12-01T10:00:00+00:00"}, {"date": "2026-01-01T10:00:00+00:00"}
    kept = [{}, {"fingerprint": rows}, {"fingerprint": ""}, {"task": "regression"}, {"family": "LightGBM"}, early, late]
    for change in kept:
        Store(path).add_run(own_run(**change))
    same, _ = runs_on(frame, profile, card, path)
    others, said = runs_on_others(cards, same, path)
    assert (list(same), list(others), said) == ([2], [7, 1, 6], ())
    Store(path).forget_runs([1])
    assert list(runs_on_others(cards, same, path)[0]) == [7, 6]
    monkeypatch.setattr(measured, "_MOST_READ", 1)
    assert list(runs_on_others(cards, same, path)[0]) == [7]
    images = replace(cards, data=replace(card, input_type="image"))
    assert runs_on_others(cards, {}, None) == runs_on_others(images, {}, path) == ({}, ())


def test_a_store_that_is_not_there_is_not_made(described, tmp_path):
    cards = replace(read_cards(CARDS), data=described[2])
    assert runs_on_others(cards, {}, tmp_path / "none.sqlite") == ({}, ())
    assert not (tmp_path / "none.sqlite").exists()
