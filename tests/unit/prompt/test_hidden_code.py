"""Code of the user's without the user's names."""

from __future__ import annotations

import pytest

from automl_gpt_magic.prompt.hidden_code import hidden_code, mask_of_code, without_prefix
from automl_gpt_magic.records.card import DataCard, Split
from automl_gpt_magic.records.mask import Mask

MASK = Mask(
    {"column 1": "Wing_Span", "column 2": "max", "column 3": "größe in mm"},
    {"class 1": "<=lost", "class 2": ">=kept"},
    {},
    {"dataset": "Zeidler Apiaries", "target": "Queen Alive"},
)
CODE = '''\
"""Hives of the Zeidler Apiaries."""
rows = bees[bees["Queen Alive"].notna()]  # by wing span
wing_span_log = np.log(rows.Wing_Span)
rows['wing-span-squared'] = rows["größe in mm"] ** 2 + max(1, hyperparameters["max_depth"])
classes = ['<=lost', ">=kept"]
table = pd.read_csv("data/bees.csv")
'''


def hidden(source=CODE, known=("max_depth",)):
    card = DataCard("Zeidler Apiaries", frame="bees", path="data/bees.csv", split=Split(test_frame="hive_test"))
    return hidden_code(source, mask_of_code(MASK, card), known)


def test_names_are_hidden_in_texts_comments_and_names_also_as_a_part_of_others():
    assert (
        hidden()
        == '''\
"""Hives of the dataset."""
rows = table[table["target"].notna()]  # by column 1
column_1_log = np.log(rows.column_1)
rows['column 1-squared'] = rows["column 3"] ** 2 + max(1, hyperparameters["max_depth"])
classes = ['class 1', "class 2"]
table = pd.read_csv("file")
'''
    )


def test_what_the_masked_code_reads_is_the_token_of_the_column():
    assert hidden("x = rows['Wing_Span']\n") == "x = rows['column 1']\n"
    assert hidden("x = rows[f'{a}_Wing_Span']\n") == "x = rows[f'{a}_column 1']\n"
    assert hidden("y = hive_test\n") == "y = test_table\n"


@pytest.mark.parametrize("source", ["x = (rows['Wing_Span']", "  x = 1\n y = 2"])
def test_code_that_does_not_parse_is_not_shown(source):
    assert hidden(source) is None


def test_code_in_which_a_token_is_itself_a_name_is_not_shown():
    mask = Mask({"column 1": "age", "column 2": "column 1"}, {}, {}, {})
    assert hidden_code("x = rows['age']\n", mask, ()) is None
    assert hidden_code("x = rows['weight']\n", mask, ()) == "x = rows['weight']\n"


def test_only_the_prefix_is_taken_from_names():
    assert (
        without_prefix("adult_x = my_adult_x + adult_ + 'adult_y' + adult", "adult")
        == "x = my_adult_x + adult_ + 'y' + adult"
    )
