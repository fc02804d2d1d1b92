"""The families that can be planned, and which of them a model card means."""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib.util import find_spec
from typing import Any

from ...errors import ParameterError, UsageError, did_you_mean
from ...records.card import Cards, DataCard, ModelCard
from ...records.extras import install
from ...records.space import Parameter, SearchSpace
from .family import Family
from .hist_gradient_boosting import HistGradientBoosting
from .lightgbm import LightGBM
from .linear import LogisticRegression, Ridge
from .own import OwnTrainer
from .random_forest import RandomForestClassifier, RandomForestRegressor
from .sklearn_mlp import SklearnMLP
from .tfidf_linear import TfidfLinear
from .torch_cnn import TorchCNN
from .torch_detr import TorchDETR
from .torch_dpr import TorchDPR
from .torch_mlp import TorchMLP
from .torch_vit import TorchViT
from .xgboost import XGBoost

# The first that takes a data card is planned where no model card is given.
FAMILIES: tuple[Family, ...] = (
    XGBoost(),
    LightGBM(),
    HistGradientBoosting(),
    RandomForestClassifier(),
    RandomForestRegressor(),
    LogisticRegression(),
    Ridge(),
    SklearnMLP(),
    TorchMLP(),
    TfidfLinear(),
    TorchCNN(),
    TorchViT(),
    TorchDETR(),
    TorchDPR(),
)
# What the user registered, by how a model card writes it.
_own: dict[str, OwnTrainer] = {}


def register(family: OwnTrainer) -> None:
    """Add a family of the user's; one of the same name is replaced.

    Raises
    ------
    UsageError
        If a family of the catalogue has the name.
    """
    if any(_key(one.name) == _key(family.name) for one in FAMILIES):
        raise UsageError(f"{family.name!r} is a family that is there already; give yours another name")
    _own[_key(family.name)] = family


def family_of(model: ModelCard, data: DataCard) -> Family | None:
    """Return the family that a model card means by its name, one for the data where several share it; or None."""
    if _key(model.name) in _own:
        return _own[_key(model.name)]
    squeezed = re.sub(r"[^a-z0-9]", "", model.name.lower())
    meant = [family for family in FAMILIES if any(re.search(word, squeezed) for word in family.spellings)]
    return next((family for family in meant if _takes(family, data)), meant[0] if meant else None)


def family_named(name: str) -> Family:
    """Return the family of a search space.

    Raises
    ------
    KeyError
        If there is none of this name.
    """
    return {_key(family.name): family for family in (*FAMILIES, *_own.values())}[_key(name)]


def plannable(cards: Cards) -> tuple[ModelCard, ...]:
    """Return the candidates that can be planned, in the cards' order; without a card, the first family that fits.

    Raises
    ------
    CardError
        If no candidate belongs to a family that can be planned for this data.
    """
    fitting = [family for family in FAMILIES if _takes(family, cards.data)]
    own = [_own[_key(model.name)] for model in cards.models if _key(model.name) in _own]
    fitting += [family for family in own if _takes(family, cards.data)]
    if not fitting:
        kind = f"{cards.data.task or 'this task'} on {cards.data.input_type} data"
        raise cards.error("data.input_type", f"{kind} cannot be planned yet; {_planned_inputs()} can")
    if not cards.models:
        return (library_card(fitting[0]),)
    known = tuple(model for model in cards.models if family_of(model, cards.data) in fitting)
    if not known:
        raise cards.error("model.0.name", _unknown(cards, [family.name for family in fitting]))
    return known


def library_card(family: Family) -> ModelCard:
    """Return the card of a family where the user wrote none."""
    return ModelCard(family.name, structure=family.structure)


def named_by_user(cards: Cards) -> tuple[ModelCard, ...]:
    """Return the cards that can be planned and are more than a family's own, which stands where none was written."""
    fitting = plannable(cards) if cards.models else ()
    return tuple(card for card in fitting if card != library_card(_meant(card, cards.data)))


def options(cards: Cards) -> tuple[ModelCard, ...]:
    """Return the cards that a model is chosen from: the user's, and where these name one or none, every family's."""
    given = plannable(cards) if cards.models else ()
    if len(named_by_user(cards)) > 1:
        return given
    meant = [_meant(card, cards.data) for card in given]
    return (*given, *(library_card(one) for one in FAMILIES if _takes(one, cards.data) and one not in meant))


def _meant(card: ModelCard, data: DataCard) -> Family:
    family = family_of(card, data)
    assert family is not None, "only plannable cards come here"
    return family


def not_compared(cards: Cards, planned: ModelCard, compared: Collection[ModelCard]) -> tuple[str, ...]:
    """Return a note on the cards that nobody chose between."""
    others = [model.name for model in cards.models if model is not planned and model not in compared]
    return (f"Planned with the card {planned.name}; not compared with: {', '.join(others)}.",) if others else ()


def space_for(model: ModelCard, cards: Cards) -> SearchSpace:
    """Return the family's space, with what the model card adds.

    Raises
    ------
    CardError
        If the card fixes a hyperparameter that the family does not have, or to a bad value.
    """
    family = _meant(model, cards.data)
    extras = {parameter.name: parameter for parameter in family.extras}
    added = []
    for name, value in model.hyperparameters.items():
        path = f"model.{cards.models.index(model)}.hyperparameters.{name}"
        if name in extras:
            added.append(extras[name])
        elif name not in family.space:
            known = [parameter.name for parameter in family.space.parameters] + list(extras)
            raise cards.error(path, f"{family.name} has no hyperparameter {name!r}; {did_you_mean(name, known)}")
        _check(cards, path, extras.get(name) or family.space[name], value)
    return SearchSpace(family.name, family.space.parameters + tuple(added))


def any_counts_columns(cards: Cards) -> bool:
    """Tell whether a candidate's size depends on how many columns the encoding of the table gives."""
    families = (family_of(model, cards.data) for model in plannable(cards))
    return any(family is not None and family.counts_columns for family in families)


def not_installed(family: Family) -> tuple[str, ...]:
    """Return a note where the library that a family's cells import is missing."""
    if find_spec(family.module):
        return ()
    return (f"{family.name} needs {family.module}, which is not installed: {install(family.module)}.",)


def _key(name: str) -> str:
    return name.strip().casefold()


def _takes(family: Family, data: DataCard) -> bool:
    return data.input_type in family.inputs and (not data.task or data.task in family.tasks)


def _planned_inputs() -> str:
    return " and ".join(sorted({kind for family in FAMILIES for kind in family.inputs}))


def _unknown(cards: Cards, fitting: list[str]) -> str:
    name = cards.models[0].name
    if family_of(cards.models[0], cards.data) is None:
        own = "or bring your own training function with automl_gpt_magic.trainer"
        return f"{name!r} cannot be planned yet; write {' or '.join(fitting)}, {own}"
    kind = f"{cards.data.task or 'this task'} on {cards.data.input_type} data"
    return f"{name!r} is not for {kind}; write {' or '.join(fitting)}"


def _check(cards: Cards, path: str, parameter: Parameter, value: Any) -> None:
    try:
        parameter.check(value)
    except ParameterError as error:
        raise cards.error(path, str(error)) from None
