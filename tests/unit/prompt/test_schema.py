"""The answer's schema obeys the rules of strict structured output."""

from __future__ import annotations

import json

import pytest

from automl_gpt_magic.planning.answer import KEYS
from automl_gpt_magic.planning.families import XGBOOST
from automl_gpt_magic.planning.revision_answer import REVISION_KEYS
from automl_gpt_magic.prompt.schema import answer_schema, outline, revision_schema
from automl_gpt_magic.records.space import Parameter, SearchSpace

KEYWORDS = {"type", "properties", "required", "additionalProperties", "items", "maxItems", "enum", "anyOf"}
CHOICE = SearchSpace("XGBoost", (*XGBOOST.parameters, Parameter("grow_policy", "choice", "a", choices=("a", "b"))))


def schemas(schema):
    """Yield every schema inside a schema, itself first."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    for one in [*inner, *([schema["items"]] if "items" in schema else [])]:
        yield from schemas(one)


def made(space=XGBOOST, models=("XGBoost", "XGB deep")):
    return answer_schema(space, [parameter.name for parameter in space.parameters], models, 3)


@pytest.mark.parametrize("schema", [made(), made(CHOICE), made(models=["XGBoost"])])
def test_strict_mode(schema):
    for one in schemas(schema):
        assert set(one) <= KEYWORDS
        assert ("type" in one) != ("anyOf" in one)
        if one.get("type") == "object":
            assert one["additionalProperties"] is False
            assert one["required"] == list(one["properties"])
        if one.get("type") == "array":
            assert one["maxItems"] >= 1
        assert len(set(one.get("enum", []))) == len(one.get("enum", []))
    assert schema["type"] == "object"
    assert json.loads(json.dumps(schema)) == schema


def test_the_top_keys_are_those_that_are_read():
    assert tuple(made()["properties"]) == KEYS
    assert tuple(revision_schema(XGBOOST, ["gamma"], ["XGBoost"], ["recall"])["properties"]) == REVISION_KEYS


def test_the_outline_of_a_revision_shows_what_may_be_empty():
    short = outline(revision_schema(CHOICE, ["grow_policy"], ["XGBoost"], ["recall"]))
    assert '"model": one of ""|XGBoost' in short
    assert '"hyperparameters": [at most 1 of {"name": grow_policy, "value": number or string' in short


def test_only_what_is_asked_can_be_named_and_text_only_where_a_choice_is():
    def hyperparameter(schema):
        return schema["properties"]["candidates"]["items"]["properties"]["hyperparameters"]["items"]["properties"]

    few = hyperparameter(answer_schema(CHOICE, ["gamma"], ["XGBoost"], 3))
    assert few["name"]["enum"] == ["gamma"]
    assert few["value"] == {"type": "number"}
    assert hyperparameter(made(CHOICE))["value"] == {"anyOf": [{"type": "number"}, {"type": "string"}]}


def test_the_outline_says_the_same_in_short():
    short = outline(made(CHOICE))
    assert '"card": one of XGBoost|XGB deep' in short
    assert '"value": number or string' in short
    assert '"log": [at most 10 of {"round": integer, "training": number, "validation": number}]' in short
    assert len(short) < len(json.dumps(made(CHOICE))) / 2
