"""The answer's JSON schema, in the subset that strict structured output takes: no open maps, every field required."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from ..records.request import UNITS, Goal, Want
from ..records.space import SearchSpace

MOST_CHECKPOINTS = 10
_MOST_TECHNIQUES = 6
_MOST_LAYERS = 6
_MOST_WISHES = 8
_NUMBER_OR_TEXT = {"anyOf": [{"type": "number"}, {"type": "string"}]}


def answer_schema(space: SearchSpace, asked: Sequence[str], models: Sequence[str], n_candidates: int) -> dict[str, Any]:
    """Return the schema of an answer over all four stages.

    Parameters
    ----------
    space : SearchSpace
    asked : sequence of str
        The hyperparameters that no card fixes.
    models : sequence of str
        The model cards to choose from.
    n_candidates : int
        The most configurations.
    """
    text = {"type": "string"}
    technique = _object(technique=text, reason=text)
    hyperparameter = _object(name=_one_of(asked), value=_value_of(space, asked), reason=text)
    number = {"type": "number"}
    checkpoint = _object(round={"type": "integer"}, training=number, validation=number)
    candidate = _object(
        hyperparameters=_array(hyperparameter, len(asked)),
        log=_array(checkpoint, MOST_CHECKPOINTS),
        expected=number,
    )
    model = _object(
        card=_one_of(models),
        why=text,
        layers=_array(text, _MOST_LAYERS),
        activations=text,
        loss=text,
        code=text,
    )
    return _object(
        data_processing=_object(techniques=_array(technique, _MOST_TECHNIQUES), code=text),
        model=model,
        candidates=_array(candidate, n_candidates),
        notes=text,
    )


def revision_schema(
    space: SearchSpace, free: Sequence[str], models: Sequence[str], metrics: Sequence[str]
) -> dict[str, Any]:
    """Return the schema of an answer to a request in the user's words.

    Parameters
    ----------
    space : SearchSpace
    free : sequence of str
        The hyperparameters that may change.
    models : sequence of str
        The models that the plan may have.
    metrics : sequence of str
        Those that a request may limit.
    """
    text = {"type": "string"}
    wish = _object(  # free text last: a small model that does not find an end of it has said the rest by then
        want=_one_of(get_args(Want)),
        quantity=_one_of(["", *UNITS, *metrics]),
        bound={"type": "number"},
        at_least={"type": "boolean"},
        batch={"type": "integer"},
        percentile={"type": "integer"},
        goal=_one_of(["", *get_args(Goal)]),
        name=text,
        value=_NUMBER_OR_TEXT,
        text=text,
    )
    hyperparameter = _object(name=_one_of(free or [""]), value=_value_of(space, free), reason=text)
    return _object(
        understood=_array(wish, _MOST_WISHES),
        not_understood=_array(text, _MOST_WISHES),
        hyperparameters=_array(hyperparameter, len(free) or 1),
        model=_one_of(["", *models]),
        data_code=text,
        model_code=text,
        expected={"type": "number"},
        said=text,
    )


def _value_of(space: SearchSpace, names: Sequence[str]) -> dict[str, Any]:
    """Return the schema of a value: text only where one of them is chosen from a list."""
    return _NUMBER_OR_TEXT if any(space[name].kind == "choice" for name in names) else {"type": "number"}


def _one_of(names: Sequence[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(dict.fromkeys(names))}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: Any, most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": most}


def outline(schema: Any) -> str:
    """Return a schema in short, as a prompt carries it: ``{"name": a|b, "values": [at most 3 of number]}``."""
    if "anyOf" in schema:
        return " or ".join(map(outline, schema["anyOf"]))
    if schema["type"] == "object":
        return "{" + ", ".join(f'"{name}": {outline(part)}' for name, part in schema["properties"].items()) + "}"
    if schema["type"] == "array":
        return f"[at most {schema['maxItems']} of {outline(schema['items'])}]"
    if "enum" in schema:
        return ("one of " if len(schema["enum"]) > 1 else "") + "|".join(name or '""' for name in schema["enum"])
    return str(schema["type"])
