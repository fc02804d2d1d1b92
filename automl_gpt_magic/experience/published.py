"""Published recipes: configurations and results that others report, for models that no run was recorded of.

They come from papers and public repositories and are always marked "published": a result among them was measured on
other data, by other people, in another metric, and is no evidence for a forecast.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from ..errors import ExperienceError
from ..records.card import DataCard
from .bank import FOLDER

SCHEMA_VERSION = 1
PUBLISHED = "published"

_SIZES = {"t": "tiny", "s": "small", "b": "base", "l": "large", "h": "huge"}
# PyYAML comes with a C parser on most machines; it reads the file five times faster.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Source:
    """Where a recipe was published; ``where`` is the table, section or file in it."""

    authors: str
    year: int
    title: str
    url: str
    where: str


@dataclass(frozen=True)
class Recipe:
    """One published configuration with the result its authors report.

    Attributes
    ----------
    model, structure : str
    input_type, task : str
        In the words of the data card, where it has one.
    dataset : str
    configuration : mapping
        Hyperparameter to value; the units stand at the head of the file.
    metric, value, unit : str, float, str
        The reported result; the unit is ``%`` or empty.
    source : Source
    checked : mapping
        For ``configuration`` and ``result``, the public file in which it was read; empty where it was not read again.
    notes : str
    kind : str
        Always ``published``.
    """

    model: str
    structure: str
    input_type: str
    task: str
    dataset: str
    configuration: Mapping[str, Any]
    metric: str
    value: float
    unit: str
    source: Source
    checked: Mapping[str, str]
    notes: str = ""
    kind: str = field(default=PUBLISHED, init=False)


@lru_cache(maxsize=2)
def load_recipes(path: Path = FOLDER / "published.yaml") -> tuple[Recipe, ...]:
    """Read the published recipes, in the order of the file.

    Raises
    ------
    ExperienceError
        If the file is missing, cut short, or of another schema version.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _unreadable(path, type(error).__name__) from None
    if not isinstance(content, dict):
        raise _unreadable(path, "it holds no recipes")
    if content.get("schema_version") != SCHEMA_VERSION:
        raise ExperienceError(
            f"the published recipes in {path.name} have schema {content.get('schema_version')}, this version reads "
            f"{SCHEMA_VERSION}; upgrade the package"
        )
    return _all_recipes(content, path)


def recipes_for(card: DataCard, model_name: str = "", limit: int = 3) -> tuple[Recipe, ...]:
    """Return the recipes for data and a task of the card's kind, the best match first.

    Only recipes for the same input type and the same kind of task are considered; the two classifications are one
    kind, and a card without a task is held to its input type alone. A recipe of the named model comes first, the plain
    one before its variants, then one of exactly the same task, then one that shares more words with the
    card. Where nothing is known of the named model, the others follow in the same order.
    """
    fitting = [recipe for recipe in load_recipes() if _fits(card, recipe)]
    wanted, words = _name_words(model_name), _card_words(card)

    def rank(recipe: Recipe) -> tuple[float, int, bool, int]:
        described = _words(f"{recipe.dataset} {recipe.task} {recipe.structure}")
        return (*_name_match(wanted, recipe), recipe.task == card.task, len(words & described))

    return tuple(sorted(fitting, key=rank, reverse=True)[:limit])


def is_of(recipe: Recipe, model_name: str) -> bool:
    """Return whether a recipe is of the named model, or of a variant of it."""
    return _name_match(_name_words(model_name), recipe)[0] > 0


def published_note(card: DataCard, model_name: str) -> str:
    """Return a note on the nearest recipe of a model that no run was recorded of; empty where none is known."""
    nearest = recipes_for(card, model_name, limit=1)
    return "".join(f"Not measured here, {describe(one)}" for one in nearest if is_of(one, model_name))


def describe(recipe: Recipe) -> str:
    """Return one line: the model, the data, the result and where it was published."""
    source = recipe.source
    unit = f" {recipe.unit}" if recipe.unit else ""
    unread = [part for part in ("configuration", "result") if not recipe.checked[part]]
    doubt = f"; {' and '.join(unread)} not read again at the source" if unread else ""
    return (
        f"{recipe.kind}: {recipe.model} on {recipe.dataset}, {recipe.metric} {recipe.value:g}{unit} "
        f"({source.authors} {source.year}, {source.url}, {source.where}{doubt})"
    )


def _all_recipes(content: Mapping[str, Any], path: Path) -> tuple[Recipe, ...]:
    try:
        recipes = tuple(_recipe(entry, content["sources"]) for entry in content["recipes"])
        expected = content["n_recipes"]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _unreadable(path, f"a recipe is incomplete ({type(error).__name__}: {error})") from None
    if len(recipes) != expected:
        raise _unreadable(path, f"it holds {len(recipes)} of {expected} recipes")
    return recipes


def _recipe(entry: Mapping[str, Any], sources: Mapping[str, Any]) -> Recipe:
    result = entry["result"]
    return Recipe(
        **{name: entry[name] for name in ("model", "structure", "input_type", "task", "dataset")},
        configuration=MappingProxyType(dict(entry["configuration"])),
        metric=result["metric"],
        value=float(result["value"]),
        unit=result["unit"],
        source=Source(**sources[entry["source"]], where=entry["where"]),
        checked=MappingProxyType({part: entry["checked"][part] for part in ("configuration", "result")}),
        notes=entry.get("notes", ""),
    )


def _unreadable(path: Path, why: str) -> ExperienceError:
    return ExperienceError(f"the published recipes in {path.name} cannot be read: {why}; reinstall the package")


def _fits(card: DataCard, recipe: Recipe) -> bool:
    return recipe.input_type == card.input_type and (not card.task or _kind(card.task) == _kind(recipe.task))


def _kind(task: str) -> str:
    return "classification" if task in ("binary classification", "multiclass classification") else task


def _card_words(card: DataCard) -> frozenset[str]:
    labels = " ".join(label.name for label in card.label_space[:40])
    return _words(f"{card.name} {card.task} {card.output_type} {card.description} {labels}")


def _name_match(wanted: frozenset[str], recipe: Recipe) -> tuple[float, int]:
    """Return the share of the wanted words that the recipe has, and minus the words its name has beyond them."""
    name = _name_words(recipe.model)
    # A size or a number alone names no model: "small" or "50" is in many names.
    if not any(word.isalpha() and word not in _SIZES.values() for word in wanted & name):
        return (0.0, 0)
    shared = wanted & (name | _name_words(recipe.structure))
    return (len(shared) / len(wanted), -len(name - wanted))


def _name_words(name: str) -> frozenset[str]:
    return frozenset(_SIZES.get(word, word) for word in re.findall(r"[a-z]+|\d+", name.lower()))


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"\w+", text.lower()) if len(word) > 2 or word.isdigit())
