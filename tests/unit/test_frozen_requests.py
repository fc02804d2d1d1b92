"""Thirty requests, written before the parser: nearly all are understood, and none is misunderstood in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from automl_gpt_magic.cards import read_request
from automl_gpt_magic.planning.families import FAMILIES
from automl_gpt_magic.records.request import Constraint, Understood, Wish

FILE = Path(__file__).parents[1] / "requests" / "requests.yaml"
REQUESTS = yaml.safe_load(FILE.read_text())
HYPERPARAMETERS = sorted({parameter.name for family in FAMILIES for parameter in family.space.parameters})
MODELS = [family.name for family in FAMILIES]
LEAST_RIGHT = 27


def wanted(entry) -> list[Wish]:
    return [
        Wish(**{**wish, "constraint": Constraint(**wish["constraint"])} if "constraint" in wish else wish)
        for wish in entry["wishes"]
    ]


def read(entry) -> Understood:
    return read_request(entry["text"], hyperparameters=HYPERPARAMETERS, models=MODELS)


def is_right(entry) -> bool:
    found = read(entry)
    return not any(differences(entry, found)) and bool(found.left) is entry["left"]


def differences(entry, found: Understood) -> tuple[list[Wish], list[Wish]]:
    """Return the wishes that are missing, and those that nobody has."""
    expected = wanted(entry)
    missing = [wish for wish in expected if wish not in found.wishes]
    return missing, [wish for wish in found.wishes if wish not in expected]


def test_there_are_thirty():
    assert len(REQUESTS) == 30


def test_nearly_all_are_right():
    wrong = [(entry["text"], read(entry)) for entry in REQUESTS if not is_right(entry)]
    assert len(REQUESTS) - len(wrong) >= LEAST_RIGHT, wrong


@pytest.mark.parametrize("entry", REQUESTS, ids=lambda entry: entry["text"])
def test_none_is_silently_wrong(entry):
    found = read(entry)
    missing, invented = differences(entry, found)
    assert not invented
    assert not missing or found.left
    assert not entry["left"] or found.left
