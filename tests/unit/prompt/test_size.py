"""What a prompt leaves out first where it would be too long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.planning.recipes import steps
from automl_gpt_magic.prompt import Subject, compose
from automl_gpt_magic.prompt.size import _CUTS
from automl_gpt_magic.records.card import Label, ModelCard, Request
from automl_gpt_magic.records.table import Column
from automl_gpt_magic.settings import AutoML
from tests.conftest import CARDS, small_adult

LONG = "description " * 100

# A mark of what each cut takes away.
GONE = {
    "descriptions shortened to 300 characters": "description " * 30,
    "columns after the 25th": "column_25 ",
    "labels after the 8th": "label_8",
    "descriptions": "description description",
    "columns after the 8th": "column_8 ",
    "model cards after the third": "XGB 3;",
    "the neighbours' logs": "its measured log",
    "all columns": "Feature columns",
    "neighbours after the nearest": " class) and ",
    "the request after 500 characters": "request " * 70,
}


@pytest.fixture(scope="module")
def subject():
    """A subject of which everything can be cut."""
    found = survey(CARDS, {}, frame=small_adult(), settings=AutoML(cache=""))
    assert len(found.evidence.neighbours) > 2
    cards = replace(
        found.cards,
        data=replace(found.cards.data, description=LONG, label_space=tuple(Label(f"label_{i}") for i in range(40))),
        models=tuple(ModelCard(f"XGB {i}", description=LONG) for i in range(9)),
        request=Request("request " * 200),
    )
    return Subject(
        cards,
        replace(found.table, columns=tuple(Column(f"column_{i} ", "numeric", 0.0, 9) for i in range(80))),
        cards.models,
        found.space,
        found.evidence,
        found.forecast(found.evidence.configuration),
        found.forecast(found.space.default),
        steps.data_steps(found.cards.data, found.table),
        True,
        family_named("XGBoost").estimator(found.cards.data),
        family_named("XGBoost").objective(found.cards.data),
        "boosting round",
    )


def shrinking(subject):
    """Yield prompts, each with one token less than the last one had."""
    prompt = compose(subject, most_tokens=1_000_000, n_candidates=3)
    yield prompt
    while len(prompt.cut) < len(_CUTS):
        smaller = compose(subject, most_tokens=prompt.tokens - 1, n_candidates=3)
        assert smaller.tokens < prompt.tokens
        prompt = smaller
        yield prompt


def test_parts_go_one_by_one_in_the_order_of_the_list_and_cut_says_which(subject):
    order = [said for said, _ in _CUTS]
    assert list(GONE) == order
    prompts = list(shrinking(subject))
    assert [prompt.cut for prompt in prompts] == [tuple(order[:n]) for n in range(len(order) + 1)]
    for prompt in prompts:
        present = [said for said, mark in GONE.items() if mark in prompt.text]
        assert present == order[len(prompt.cut) :]


def test_the_nearest_neighbour_the_form_and_the_request_stay_longest(subject):
    nearest, second = subject.evidence.neighbours[:2]
    smallest = compose(subject, most_tokens=1, n_candidates=3)
    assert f"New is {nearest.weight:.0%} like {nearest.name}" in smallest.text
    assert f"{nearest.name}: best configuration learning_rate=" in smallest.text
    assert second.name not in smallest.text
    assert "configuration transferred from" in smallest.text
    assert "The object's schema" in smallest.text
    assert "request request" in smallest.text
    assert smallest.tokens > 1


def test_the_schema_keeps_every_model_card(subject):
    smallest = compose(subject, most_tokens=1, n_candidates=3)
    assert smallest.schema["properties"]["model"]["properties"]["card"]["enum"] == [
        card.name for card in subject.models
    ]


def test_what_fits_is_not_cut(subject):
    whole = compose(subject, most_tokens=1_000_000, n_candidates=3)
    assert compose(subject, most_tokens=whole.tokens, n_candidates=3).text == whole.text
    assert "column_59" in whole.text
    assert "and 20 more" in whole.text
