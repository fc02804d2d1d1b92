"""Each field takes what people write for it, and says what to write where it cannot."""

from __future__ import annotations

import pandas as pd
import pytest

from automl_gpt_magic.cards import read_cards
from automl_gpt_magic.errors import CardError
from automl_gpt_magic.records.card import Cards, Label
from automl_gpt_magic.records.request import Constraint


def card(field: str) -> Cards:
    return read_cards(f"data:\n  name: adult\n  {field}\n")


def error(field: str) -> CardError:
    with pytest.raises(CardError) as caught:
        card(field)
    return caught.value


@pytest.mark.parametrize(
    ("field", "path", "column", "advice"),
    [
        ("tagret: income", "data.tagret", 3, "did you mean target?"),
        ("target: [a]", "data.target", 11, "found a list. Write text"),
        ("target: {a: b}", "data.target", 11, "found a mapping. Write text"),
        ("n_rows: many", "data.n_rows", 11, "found 'many'. Write a number"),
        ("n_rows: 1,000", "data.n_rows", 11, "Write 1000, without commas"),
        ("n_rows: 1.5", "data.n_rows", 11, "a whole number"),
        ("n_rows: -1", "data.n_rows", 11, "0 or more"),
        ("missing_fraction: 20%", "data.missing_fraction", 21, "Write 0.2"),
        ("missing_fraction: 20", "data.missing_fraction", 21, "such as 0.2"),
        ("missing_fraction: nan", "data.missing_fraction", 21, "a number"),
        ("missing_fraction: 1e999", "data.missing_fraction", 21, "a number"),
        ("metrics: [acuracy]", "data.metrics.0", 13, "did you mean accuracy?"),
        ("task: regresion", "data.task", 9, "did you mean regression?"),
        ("input_type: tabluar", "data.input_type", 15, "did you mean tabular?"),
        ("frame: adult.train", "data.frame", 10, "train = adult.train"),
        ("frame: 3rd", "data.frame", 10, "name of a DataFrame"),
        ("frame: class", "data.frame", 10, "name of a DataFrame"),
        ("frame: [adult]", "data.frame", 10, "name of a DataFrame"),
        ("split: 0.2", "data.split", 10, "a mapping"),
        ("split: {validation: 1}", "data.split.validation", 23, "between 0 and 1"),
        ("split: {validation: 20}", "data.split.validation", 23, "such as 0.2"),
        ("split: {seed: 4294967296}", "data.split.seed", 17, "from 0 to 4294967295"),
        ("split: {seed: -1}", "data.split.seed", 17, "0 or more"),
        ("split: {test: a, test_path: b}", "data.split.test_path", 20, "Keep one"),
        ("label_space: cat", "data.label_space", 16, "[cat, dog]"),
        ("label_space: []", "data.label_space", 16, "[cat, dog]"),
        ("label_space: [null, b]", "data.label_space.0", 17, "in quotes"),
        ("label_space: [a, a]", "data.label_space", 16, "twice"),
        ("label_space: [{description: x}]", "data.label_space.0", 17, "no name"),
        ("class_balance: {a: 0.9, b: 0.9}", "data.class_balance", 18, "add up to 1.8"),
        ("image_size: 32", "data.image_size", 15, "32x32"),
        ("image_size: [0, 3]", "data.image_size", 15, "above 0"),
    ],
)
def test_a_wrong_value_says_where_and_what_to_write(field, path, column, advice):
    caught = error(field)
    assert (caught.field, caught.line, caught.column) == (path, 3, column)
    assert advice in str(caught)


def test_the_largest_seed_of_numpy_is_taken():
    assert card("split: {seed: 4294967295}").data.split.seed == 4294967295


def test_frame_and_path_exclude_each_other():
    assert error("frame: adult\n  path: adult.csv").line == 4


@pytest.mark.parametrize(
    ("text", "field", "advice"),
    [
        ("model: x", "data", "no data card"),
        ("data: {}", "data.name", "name: adult"),
        ("data: {name: ''}", "data.name", "text"),
        ("data: adult", "data", "mapping"),
        ("- data", "", "mapping"),
        ("dta: {name: a}", "dta", "did you mean data?"),
        ("target: income", "target", "indented under data:"),
        ("data: {name: a}\nmodel: [{structure: x}]", "model.0.name", "no name"),
        ("data: {name: a}\nmodel: {name: x, hyperparameters: 3}", "model.0.hyperparameters", "mapping"),
        ("data: {name: a}\nrequest: [x]", "request", "mapping"),
        (
            "data: {name: a}\nrequest: {constraints: {seconds: 3}}",
            "request.constraints.seconds",
            "training_seconds",
        ),
        (
            "data: {name: a}\nrequest: {constraints: {training_seconds: 0}}",
            "request.constraints.training_seconds",
            "above 0",
        ),
        (
            "data: {name: a}\nrequest: {constraints: {trees: 0}}",
            "request.constraints.trees",
            "a whole number of 1 or more",
        ),
        (
            "data: {name: a}\nrequest: {constraints: {epochs: 1.5}}",
            "request.constraints.epochs",
            "whole number",
        ),
    ],
)
def test_a_wrong_card_says_what_to_write(text, field, advice):
    with pytest.raises(CardError) as caught:
        read_cards(text)
    assert caught.value.field == field
    assert advice in str(caught.value)


def test_a_frame_itself_is_not_its_name():
    with pytest.raises(CardError, match=r"found a DataFrame\. Write the name"):
        read_cards({"data": {"name": "a", "frame": pd.DataFrame()}})


@pytest.mark.parametrize(
    "field",
    [
        "label_space: [no, yes]",
        "label_space: {no: , yes: ~}",
        "label_space: [{name: no}, yes]",
    ],
)
def test_label_spaces_without_descriptions(field):
    assert card(field).data.label_space == (Label("no"), Label("yes"))


def test_label_spaces_with_descriptions():
    wanted = (Label("no", "stays"), Label("yes", "leaves"))
    assert card("label_space: {no: stays, yes: leaves}").data.label_space == wanted
    named = card("label_space: [{name: no, description: stays}, {name: yes, description: leaves}]")
    assert named.data.label_space == wanted


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("log loss", "log_loss"),
        ("logloss", "log_loss"),
        ("Log-Loss", "log_loss"),
        ("acc", "accuracy"),
        ("ROC AUC", "roc_auc"),
        ("F1", "f1"),
        ("balanced accuracy", "balanced_accuracy"),
        ("RMSE", "rmse"),
        ("mae", "mae"),
        ("R²", "r2"),
    ],
)
def test_metrics_are_known_by_many_spellings(written, name):
    assert card(f"metrics: {written}").data.metrics == (name,)
    assert card(f"metrics: [{written}, {name}]").data.metrics == (name,)


@pytest.mark.parametrize(
    ("written", "task"),
    [
        ("Binary", "binary classification"),
        ("multi-class classification", "multiclass classification"),
        ("Regression", "regression"),
        ("classification", "classification"),
    ],
)
def test_tasks_are_known_by_many_spellings(written, task):
    assert card(f"task: {written}").data.task == task


@pytest.mark.parametrize("written", ["time series", "Time-Series", "time_series"])
def test_input_types(written):
    assert card(f"input_type: {written}").data.input_type == "time series"


@pytest.mark.parametrize("written", ["[32, 48]", "32x48", "32 x 48", "32 × 48"])
def test_image_sizes(written):
    assert card(f"image_size: {written}").data.image_size == (32, 48)


@pytest.mark.parametrize("written", ["32561", "32_561", "32561.0", "'32561'", "3.2561e4"])
def test_counts(written):
    assert card(f"n_rows: {written}").data.n_rows == 32561


@pytest.mark.parametrize("written", ["{name: XGBoost}", "[{name: XGBoost}]", "[XGBoost]", "XGBoost"])
def test_one_model_may_be_written_in_four_ways(written):
    assert [model.name for model in read_cards(f"data: {{name: a}}\nmodel: {written}").models] == ["XGBoost"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("keep training under a minute", 60),
        ("training under 30 seconds", 30),
        ("Train in less than 2 min.", 120),
        ("at most 10 minutes of training", 600),
        ("train under 90s", 90),
        ("training must take no more than 1.5 hours", 5400),
        ("training time: at most half an hour", 1800),
        ("no more than five minutes to train, please", 300),
        ("limit training to 1,000 seconds", 1000),
        ("maximum training time 20 s", 20),
        ("training under an hour, and train in under 10 min", 600),
    ],
)
def test_a_limit_on_training_is_read(text, seconds):
    cards = read_cards({"data": {"name": "a"}, "request": text})
    assert cards.request.constraints == (Constraint("training_seconds", seconds),)
    assert cards.request.text == text


@pytest.mark.parametrize(
    "text",
    [
        "training and inference under 10 seconds",
        "no training under a minute",
        "do not train in under 30 seconds",
        "training data under 10 minutes old",
        "train on under 30 second clips",
        "training under 5 minutes per epoch",
        "training under 10 ms",
        "training loss under 0.3",
        "train at least 10 minutes",
        "training under 0 seconds",
        "more than 10 minutes of training is fine",
        f"training under {'9' * 400} seconds",
        "",
    ],
)
def test_other_numbers_are_no_limit_on_training(text):
    assert read_cards({"data": {"name": "a"}, "request": {"text": text or None}}).request.constraints == ()


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("inference under 10 ms", {"latency": 0.01}),
        ("inference under 10 seconds, then training", {"latency": 10}),
        ("training under 5 min but inference under 10 ms", {"training_seconds": 300, "latency": 0.01}),
    ],
)
def test_a_limit_on_inference_is_none_on_training(text, limits):
    expected = tuple(Constraint(quantity, bound) for quantity, bound in limits.items())
    assert read_cards({"data": {"name": "a"}, "request": text}).request.constraints == expected


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("at most 100 trees", {"trees": 100}),
        ("- at most 100 trees", {"trees": 100}),
        ("don't use more than 100 trees", {"trees": 100}),
        ("the number of trees must not exceed 100", {"trees": 100}),
        ("never train for more than 20 epochs", {"epochs": 20}),
        ("training must not take longer than 5 minutes", {"training_seconds": 300}),
        ("no more than 50 boosting rounds", {"trees": 50}),
        ("at most 50 rounds", {"trees": 50}),
        ("max 20 epochs", {"epochs": 20}),
        ("Max. 20 epochs, please.", {"epochs": 20}),
        ("fewer than 200 estimators", {"trees": 199}),
        ("n_estimators < 200", {"trees": 199}),
        ("n_estimators<=1,000", {"trees": 1000}),
        ("100 trees at most", {"trees": 100}),
        ("two hundred trees at most", {"trees": 200}),
        ("ten epochs or fewer", {"epochs": 10}),
        ("limit the number of trees to 100", {"trees": 100}),
        ("limit training to 20 epochs", {"epochs": 20}),
        ("maximum number of trees: 100", {"trees": 100}),
        ("max_epochs: 20", {"epochs": 20}),
        ("Use a random forest with at most 100 trees.", {"trees": 100}),
        ("the model should have at most 100 trees to keep inference fast", {"trees": 100}),
        ("Fast inference, at most 50 trees of depth 6", {"trees": 50}),
        ("at most 100 trees; at most 80 trees", {"trees": 80}),
        ("at most 100 trees and max 20 epochs", {"trees": 100, "epochs": 20}),
        ("Keep training under a minute and use at most 100 trees.", {"training_seconds": 60, "trees": 100}),
    ],
)
def test_a_limit_on_steps_is_read(text, limits):
    expected = tuple(Constraint(quantity, bound) for quantity, bound in limits.items())
    assert read_cards({"data": {"name": "a"}, "request": text}).request.constraints == expected


@pytest.mark.parametrize(
    "text",
    [
        "do not use at most 100 trees",
        "at most 1.000 trees",
        "max 10.000 boosting rounds",
        "no fewer than 100 trees",
        "at least 100 trees",
        "more than 100 trees is fine",
        "fewer than 200 estimators would underfit",
        "the paper used at most 100 trees",
        "each plot has at most 100 trees",
        "the photos show parks, at most 100 trees, and houses",
        "predict whether fewer than 200 trees survive",
        "at most 100 trees per hectare",
        "at most 100 trees deep",
        "trees under 10 years",
        "at most 10k trees",
        "at most 50-100 trees",
        "n_estimators: 100",
        "max depth 6 and 100 trees",
        "at most 5 epochs of warm-up",
        "warm up for at most 5 epochs",
        "early stopping after at most 10 epochs",
        "at most 10 epochs without improvement",
        "reach 90% accuracy in under 20 epochs",
        "at most 1.5 epochs",
        "fewer than 1 tree",
        f"at most {'9' * 400} trees",
        "the model " * 10_000 + "at most 100 trees",
    ],
)
def test_other_numbers_are_no_limit_on_steps(text):
    assert read_cards({"data": {"name": "a"}, "request": text}).request.constraints == ()


def test_a_written_limit_stands_above_the_text():
    request = {
        "text": "train under a minute, at most 50 trees",
        "constraints": {"training_seconds": 5, "trees": 80, "epochs": 20},
        "metrics": "auc",
    }
    read = read_cards({"data": {"name": "a"}, "request": request}).request
    assert read.constraints == (Constraint("training_seconds", 5), Constraint("trees", 80), Constraint("epochs", 20))
    assert read.metrics == ("roc_auc",)
