"""The answer's JSON schema, in the subset that strict structured output takes: no open maps, every field required."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..records.space import SearchSpace

MOST_CHECKPOINTS = 10
_MOST_TECHNIQUES = 6
_MOST_LAYERS = 6


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
    values = [{"type": "number"}]
    if any(space[name].kind == "choice" for name in asked):
        values.append(text)
    value = values[0] if len(values) == 1 else {"anyOf": values}
    hyperparameter = _object(name={"type": "string", "enum": list(asked)}, value=value, reason=text)
    number = {"type": "number"}
    checkpoint = _object(round={"type": "integer"}, training=number, validation=number)
    candidate = _object(
        hyperparameters=_array(hyperparameter, len(asked)),
        log=_array(checkpoint, MOST_CHECKPOINTS),
        expected=number,
    )
    model = _object(
        card={"type": "string", "enum": list(dict.fromkeys(models))},
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
        return ("one of " if len(schema["enum"]) > 1 else "") + "|".join(schema["enum"])
    return str(schema["type"])
