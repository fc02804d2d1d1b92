"""Names in an answer that was written without knowing them."""

from __future__ import annotations

import pandas as pd
import pytest

from automl_gpt_magic.planning.unmask import NOT_PUT_BACK, code_with_names, with_names
from automl_gpt_magic.records.mask import Mask

MASK = Mask(
    {"column 1": "age", "column 2": 'it\'s "odd"\n', "column 3": "column 1", "column 12": "größe"},
    {"class 1": "<=50K", "class 2": ">50K"},
    {"model of dataset": "model of Adult"},
    {"dataset": "UCI Adult", "target": "income"},
)
CODE = """
def prepare(rows):
    \'\'\'Fill column 1, and leave any column alone.\'\'\'
    ä = "größer"; rows["column 1 missing"] = rows["column 1"].isna()
    for name in ["column 12", \'column 2\']:
        rows[name] = rows[name].fillna(0)  # of each column
    return rows.drop(columns="column 3")
"""


def run(source, frame):
    defined = {}
    exec(source, defined)
    return defined["prepare"](frame.copy())


def test_code_does_on_the_real_columns_what_it_does_on_the_hidden_ones():
    hidden = pd.DataFrame({token: [1.0, None] for token in MASK.columns})
    source, wrong = code_with_names(CODE, MASK)
    assert wrong == ""
    ran = run(source, hidden.rename(columns=MASK.columns))
    wanted = run(CODE, hidden)
    assert list(ran.columns) == ["age", 'it\'s "odd"\n', "größe", "age missing"]
    assert ran.to_numpy().astype(str).tolist() == wanted.to_numpy().astype(str).tolist()


@pytest.mark.parametrize(
    "text",
    [
        'rows[f"column {i}"]',
        'rows["column " + str(i)]',
        'rows["column %d" % i]',
        'rows["column {}".format(i)]',
        'rows[[c for c in rows if c.startswith("column 1")]]',
        'rows.filter(like="column 1")',
        'rows.filter(regex="^column 1$")',
        'rows[f"column 1 {i}"]',
        'rows["column 1" + i]',
    ],
)
def test_names_that_the_code_puts_together_or_searches_refuse_it(text):
    source = f"def prepare(rows):\n    return {text}"
    assert code_with_names(source, MASK) == (source, NOT_PUT_BACK)


@pytest.mark.parametrize(
    "text",
    ['rows.drop(columns="column 99")', 'rows.sum(axis="columns")', "rows.columns", 'rows["class 9"]', 'f"{rows}"'],
)
def test_other_texts_stay_as_they_are(text):
    source = f"def prepare(rows):\n    return {text}"
    assert code_with_names(source, MASK) == (source, "")


@pytest.mark.parametrize("source", ["def (", "x = '", "\0", "(" * 5000])
def test_what_does_not_parse_is_left_to_the_check(source):
    assert code_with_names(source, MASK) == (source, "")


def test_prose_gets_names_and_code_does_not():
    found = {
        "data_processing": {
            "techniques": [{"technique": "Column 1: impute", "reason": "class 2 is rare"}],
            "code": "column 1",
        },
        "model": {"card": "model of dataset", "why": "dataset"},
        "candidates": [{"hyperparameters": [{"name": "gamma", "value": 1.0}]}],
    }
    shown = with_names(found, MASK)
    assert shown["data_processing"]["techniques"] == [{"technique": "age: impute", "reason": ">50K is rare"}]
    assert shown["data_processing"]["code"] == "column 1"
    assert shown["model"] == {"card": "model of Adult", "why": "dataset"}
    assert shown["candidates"] == found["candidates"]
    assert found["model"]["card"] == "model of dataset"


def test_so_does_the_answer_of_a_further_round():
    found = {"model": "model of dataset", "data_code": "column 1", "model_code": "class 1", "said": "without column 1"}
    assert with_names(found, MASK) == {**found, "model": "model of Adult", "said": "without age"}


@pytest.mark.parametrize("found", [{}, {"model": None}, {"model": {"card": ["x"]}}, {"data_processing": "column 1"}])
def test_an_answer_of_another_form_is_no_error(found):
    assert with_names(found, MASK).keys() == found.keys()


def test_an_answer_nested_too_deeply_is_no_error():
    deep = "column 1"
    for _ in range(5000):
        deep = [deep]
    assert with_names({"notes": deep}, MASK)["notes"]
