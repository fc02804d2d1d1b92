"""Model families that can be planned, and the search space of each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..errors import ParameterError, did_you_mean
from ..records.card import Cards, ModelCard
from ..records.space import Parameter, SearchSpace

# Ranges: the region searched by the benchmark of transfer; defaults: XGBoost's parameter documentation.
XGBOOST = SearchSpace(
    "XGBoost",
    (
        Parameter("learning_rate", "float", 0.3, 0.005, 0.5, log=True, meaning="shrinkage of each tree"),
        Parameter("n_estimators", "int", 100, 1, 600, log=True, meaning="boosting rounds"),
        Parameter("max_depth", "int", 6, 2, 12, meaning="depth of a tree"),
        Parameter("min_child_weight", "float", 1.0, 0.5, 32, log=True, meaning="least weight in a leaf"),
        Parameter("subsample", "float", 1.0, 0.5, 1, meaning="share of rows for each tree"),
        Parameter("colsample_bytree", "float", 1.0, 0.4, 1, meaning="share of columns for each tree"),
        Parameter("reg_lambda", "float", 1.0, 0.001, 30, log=True, meaning="L2 penalty on leaf values"),
        Parameter("reg_alpha", "float", 0.0, 0.0001, 10, log=True, meaning="L1 penalty on leaf values"),
        Parameter("gamma", "float", 0.0, 0, 5, meaning="least gain for a split"),
    ),
)

# What else a model card may fix; such values are the user's and have no recorded effect.
_XGBOOST_EXTRAS = (
    Parameter("colsample_bylevel", "float", 1.0, 0, 1),
    Parameter("colsample_bynode", "float", 1.0, 0, 1),
    Parameter("max_leaves", "int", 0, 0, 65536),
    Parameter("max_bin", "int", 256, 2, 65536),
    Parameter("max_delta_step", "float", 0.0, 0, 100),
    Parameter("scale_pos_weight", "float", 1.0, 0, 1e6),
    Parameter("num_parallel_tree", "int", 1, 1, 1000),
    Parameter("grow_policy", "choice", "depthwise", choices=("depthwise", "lossguide")),
)


def plannable(cards: Cards) -> tuple[ModelCard, ...]:
    """Return the candidates that can be planned, in the cards' order; without a card, XGBoost.

    Raises
    ------
    CardError
        If no candidate belongs to a family that can be planned.
    """
    if not cards.models:
        return (ModelCard("XGBoost", structure="gradient-boosted decision trees"),)
    known = tuple(model for model in cards.models if _is_xgboost(model))
    if not known:
        raise cards.error("model.0.name", f"{cards.models[0].name!r} cannot be planned yet; write XGBoost")
    return known


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
    extras = {parameter.name: parameter for parameter in _XGBOOST_EXTRAS}
    added = []
    for name, value in model.hyperparameters.items():
        path = f"model.{cards.models.index(model)}.hyperparameters.{name}"
        if name in extras:
            added.append(extras[name])
        elif name not in XGBOOST:
            known = [parameter.name for parameter in XGBOOST.parameters] + list(extras)
            raise cards.error(path, f"XGBoost has no hyperparameter {name!r}; {did_you_mean(name, known)}")
        _check(cards, path, extras.get(name) or XGBOOST[name], value)
    return SearchSpace(XGBOOST.family, XGBOOST.parameters + tuple(added))


def _is_xgboost(model: ModelCard) -> bool:
    return "xgb" in model.name.lower().replace(" ", "")


def _check(cards: Cards, path: str, parameter: Parameter, value: Any) -> None:
    try:
        parameter.check(value)
    except ParameterError as error:
        raise cards.error(path, str(error)) from None
