"""YAML text becomes cards with positions, and every mistake in it becomes one CardError that helps."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_gpt_magic.cards import read_cards
from automl_gpt_magic.errors import CardError
from automl_gpt_magic.records.card import Label, Position
from automl_gpt_magic.records.request import Constraint

FULL = """# an example
data:
  name: adult
  input_type: Tabular
  task: binary
  description: |
    Census rows.
  label_space: [No, Yes]
  metrics: [log loss, acc]
  frame: adult
  target: income
  missing_fraction: 1e-2
  class_balance: {No: 0.76, Yes: .24}
  split: {validation: 0.25, seed: 7, test: adult_test}
model:
  - name: XGBoost
    hyperparameters: {max_depth: 6, eta: 1e-4, tree_method: hist, seed: "7", flag: True, gamma: null}
  - ridge
request: keep training under a minute
"""


def refused(text: object, first_line: int = 1) -> CardError:
    with pytest.raises(CardError) as caught:
        read_cards(text, first_line=first_line)  # type: ignore[arg-type]
    return caught.value


def data(lines: str) -> str:
    return f"data:\n  name: adult\n  {lines}\n"


def test_a_full_card_is_read():
    cards = read_cards(FULL)
    assert cards.data.name == "adult"
    assert cards.data.input_type == "tabular"
    assert cards.data.task == "binary classification"
    assert cards.data.description == "Census rows."
    assert cards.data.metrics == ("log_loss", "accuracy")
    assert cards.data.missing_fraction == 0.01
    assert cards.data.class_balance == {"No": 0.76, "Yes": 0.24}
    split = cards.data.split
    assert (split.validation, split.seed, split.test_frame) == (0.25, 7, "adult_test")
    assert [model.name for model in cards.models] == ["XGBoost", "ridge"]
    assert cards.request.constraints == (Constraint("training_seconds", 60.0),)


def test_hyperparameters_have_the_type_of_their_notation():
    values = read_cards(FULL).models[0].hyperparameters
    wanted = {"max_depth": 6, "eta": 1e-4, "tree_method": "hist", "seed": "7", "flag": True, "gamma": None}
    assert values == wanted
    assert [type(values[name]) for name in wanted] == [int, float, str, str, bool, type(None)]


@pytest.mark.parametrize(
    ("written", "value"), [(".5", 0.5), ("1.", 1.0), ("-3", -3), ("false", False), ("1_000", 1000)]
)
@pytest.mark.parametrize("text", ["no", "12:30", "0x10", "2024-01-01", "1e999", "nan", "'5'"])
def test_hyperparameter_notation(written, value, text):
    hyperparameters = read_cards(
        f"{data('')}model: {{name: m, hyperparameters: {{a: {written}, b: {text}, c: [1, x]}}}}"
    )
    assert dict(hyperparameters.models[0].hyperparameters) == {
        "a": value,
        "b": text.strip("'"),
        "c": [1, "x"],
    }


@pytest.mark.parametrize("name", ["No", "yes", "on", "off", "02134", "12:30", "1_000", "2024-01-01", "0o17", "1e3"])
def test_text_is_what_was_written(name):
    cards = read_cards(f"data: {{name: {name}, label_space: [{name}, True]}}")
    assert cards.data.name == name
    assert [label.name for label in cards.data.label_space] == [name, "True"]


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_an_empty_value_is_not_written(nothing):
    assert read_cards(data(f"target: {nothing}")).data.target is None


def test_positions_count_from_the_first_line_and_fall_back_to_the_parent():
    cards = read_cards(FULL, first_line=2)
    assert cards.position("data.target") == Position(12, 11)
    assert cards.position("model.0.name") == Position(17, 11)
    assert cards.position("request") == Position(20, 10)
    assert cards.position("data.split.nothing") == cards.position("data.split")


def test_documents_are_merged_and_their_models_joined():
    cards = read_cards("data: {name: a}\n---\nmodel: {name: x}\n---\nmodel: [y, {name: z}]\nrequest: fast\n---\n")
    assert [model.name for model in cards.models] == ["x", "y", "z"]
    assert cards.request.text == "fast"
    assert cards.position("model.2.name") == Position(5, 19)


def test_a_second_data_card_names_both_lines():
    error = refused("data: {name: a}\n---\ndata:\n  name: b")
    assert "line 1 and in line 3" in str(error)
    assert error.line == 3


def test_a_duplicate_key_names_both_lines():
    error = refused(data("frame: x\n  frame: y"), first_line=2)
    assert (error.field, error.line, error.column) == ("data.frame", 5, 3)
    assert "line 4 and in line 5" in str(error)


def test_anchors_and_merge_keys_are_written_out():
    cards = read_cards(
        data("") + "model:\n- &base {name: a, hyperparameters: &h {eta: 1}}\n- {<<: *base, name: b}\n"
        "- {name: c, hyperparameters: {<<: *h, depth: 2}}"
    )
    assert [model.name for model in cards.models] == ["a", "b", "c"]
    assert cards.models[1].hyperparameters == {"eta": 1}
    assert cards.models[2].hyperparameters == {"eta": 1, "depth": 2}


@pytest.mark.parametrize("text", ["", "   \n\n", "# only a comment\n", "---\n---\n", "~"])
def test_an_empty_cell_shows_an_example_that_can_be_copied(text):
    error = refused(text, first_line=2)
    assert error.line == 2
    assert read_cards(error.message.partition("\n\n")[2]).data.target == "income"


@pytest.mark.parametrize(
    ("text", "line", "column", "advice"),
    [
        ("data:\n\tname: a", 2, 1, "spaces"),
        ("data:\n  name:adult\n  frame: x", 2, 7, "space after the colon"),
        ("data:\n  name:adult", 2, 3, "space after the colon"),
        ("data:\n  name: a\n  note\n", 3, 3, "name: value"),
        ("data:\n  name: %x", 2, 9, "in quotes"),
        ("data:\n  name: @x", 2, 9, "in quotes"),
        ("data:\n  name: *x", 2, 9, "in quotes"),
        ("data:\n  name: * x", 2, 9, "in quotes"),
        ("data:\n  name: & x", 2, 9, "in quotes"),
        ("data:\n  name: > 50K", 2, 9, "in quotes"),
        ("data:\n  name: a: b", 2, 10, "in quotes"),
        ("data:\n  name: 'a\n  frame: x", 2, 9, "Close it"),
        ('data:\n  name: "a\n', 2, 9, "Close it"),
        ("data:\n  name: [a\n  frame: x", 2, 9, "Close it with ]"),
        ("data: {name: a\nmodel: x", 1, 7, "Close it with }"),
        ("data:\n  name: a\n    frame: b", 3, 10, "indent"),
        ("data:\n  name: a\n frame: b", 3, 2, "indentation"),
        ('data:\n  name: "\\q"', 2, 11, "single quotes"),
        ('data:\n  name: "\\UFFFFFFFF"', 2, 12, "single quotes"),
        ("%%automl\ndata:\n  name: a", 1, 1, "%"),
        ("data:\n  name: a\x07", 2, 10, "U+0007"),
        ("? [a]\n: b", 1, 3, "name: value"),
    ],
)
def test_broken_yaml_says_where_and_what_to_write(text, line, column, advice):
    error = refused(text)
    assert (error.line, error.column) == (line, column)
    assert advice in str(error)


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [exit]", "!!int '5'", "!mine x"])
def test_tags_are_refused_and_never_run(tag, monkeypatch):
    monkeypatch.setattr("os.system", lambda command: pytest.fail("a tag was executed"))
    assert "the tag !" in str(refused(f"data:\n  name: {tag}"))


def test_a_billion_laughs_is_stopped():
    levels = "".join(f"x{i + 1}: &x{i + 1} [{', '.join([f'*x{i}'] * 10)}]\n" for i in range(9))
    assert "20,000" in str(refused(f"x0: &x0 [ha]\n{levels}"))


@pytest.mark.parametrize("text", ["data: &a {name: *a}", "[" * 5000, "data:" + " {a:" * 100, "- " * 3000])
def test_nesting_is_bounded(text):
    assert "levels" in str(refused(text))


def test_size_is_bounded():
    assert "1,000,000" in str(refused("#" * 1_000_001))
    assert "20,000" in str(refused(data(f"label_space: [{'a, ' * 20_000}]")))


def test_a_mapping_goes_through_the_same_checks():
    cards = read_cards({"data": {"name": "a", "n_rows": 5, "label_space": ("no", True)}, "model": ["x"]})
    assert (cards.data.n_rows, cards.data.label_space) == (5, (Label("no"), Label("True")))
    assert cards.positions == {}
    error = refused({"data": {"name": "a", "n_rows": "many"}})
    assert (error.field, error.line) == ("data.n_rows", None)


def test_a_mapping_that_contains_itself_is_refused():
    endless: dict[str, object] = {}
    endless["data"] = endless
    assert "levels" in str(refused(endless))


SURROGATE = "a\ud800"


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ({"data": {"name": SURROGATE}}, "data.name"),
        ({"data": {"name": "a", "label_space": ["b", SURROGATE]}}, "data.label_space.1"),
        ({"data": {"name": "a", "label_space": {SURROGATE: "b"}}}, "data.label_space"),
        ({"data": {"name": "a"}, "request": SURROGATE}, "request"),
        (
            {"data": {"name": "a"}, "model": {"name": "m", "hyperparameters": {"x": [SURROGATE]}}},
            "model.hyperparameters.x.0",
        ),
        ('data: {name: "\\ud800"}', "data.name"),
        ('data: {name: a, class_balance: {"\\udfff": 1}}', "data.class_balance"),
    ],
)
def test_a_lone_surrogate_is_refused(source, field):
    error = refused(source)
    assert error.field == field
    assert "holds a character that is not valid text" in str(error)
    assert str(error).isprintable()


@pytest.mark.parametrize(
    "source",
    [
        {"data": {"name": "a", "b\nc": 1}},
        {"data": {"name": "a", "label_space": {"b\nc": [1]}}},
        {"d\na": {"name": "a"}},
        'data: {name: a, "b\\nc": 1}',
        "data: {name: !a%0Ab c}",
    ],
)
def test_hostile_fields_stay_in_one_line(source):
    assert str(refused(source)).isprintable()


@pytest.mark.parametrize("source", [None, 3, ["data"], b"data: {name: a}", {"data": 10**5000}])
def test_other_sources_are_refused(source):
    refused(source)


def test_nothing_heavy_is_imported():
    code = "import sys, automl_gpt_magic.cards; print({'pandas', 'numpy', 'pyarrow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def only_card_errors(source: object) -> None:
    try:
        read_cards(source)  # type: ignore[arg-type]
    except CardError as error:
        assert str(error)


YAML_PIECES = st.sampled_from(
    [*"\t\n :-[]{}'\"#&*!|>%@`?~,.\\\0", "---\n", "...\n", "<<: ", "data:\n  name: a\n", "&a ", "*a"]
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.lists(YAML_PIECES, max_size=25).map("".join)))
def test_any_text_gives_cards_or_a_card_error(text):
    only_card_errors(text)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(FULL)), st.integers(0, 6), st.one_of(st.text(max_size=6), YAML_PIECES))
def test_a_damaged_card_gives_cards_or_a_card_error(start, length, inserted):
    only_card_errors(FULL[:start] + inserted + FULL[start + length :])


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=3)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "name",
    "split",
    "label_space",
    "metrics",
    "image_size",
    "n_rows",
    "class_balance",
    "frame",
    "path",
    "task",
]


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3), VALUES, VALUES)
def test_any_mapping_gives_cards_or_a_card_error(fields, model, request):
    source = {"data": {"name": "a"} | fields, "model": model, "request": request}
    only_card_errors(source)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=3), VALUES)
def test_any_yaml_data_gives_cards_or_a_card_error(fields, model):
    only_card_errors(yaml.safe_dump({"data": {"name": "a"} | fields, "model": model}))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters="\x85"), min_size=1))
def test_quoted_text_survives(text):
    cards = read_cards(yaml.safe_dump({"data": {"name": "a", "description": f"x{text}x"}}, allow_unicode=True))
    assert cards.data.description.split() == f"x{text}x".split()
