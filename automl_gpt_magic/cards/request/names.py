"""The hyperparameters and models that a request may name, and the ways people write them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from .tokens import tokens_of

# Where a hyperparameter has one of these names, people write it so too; the first that there is counts.
_SPELT_PARAMETERS = {
    "learning rate": ("learning_rate", "learning_rate_init"),
    "lernrate": ("learning_rate", "learning_rate_init"),
    "eta": ("learning_rate",),
    "lr": ("learning_rate", "learning_rate_init"),
    "depth": ("max_depth",),
    "tree depth": ("max_depth",),
    "maximum depth": ("max_depth",),
    "maximal depth": ("max_depth",),
    "tiefe": ("max_depth", "depth"),
    "baumtiefe": ("max_depth",),
    "maximale tiefe": ("max_depth",),
    "batchgroesse": ("batch_size",),
}
_SPELT_MODELS = {
    "xgb": "xgboost",
    "lgbm": "lightgbm",
    "light gbm": "lightgbm",
    "zufallswald": "random forest",
    "logistische regression": "logistic regression",
}
_KIND = re.compile(r" (?:classifier|regressor)$")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def spelt_parameters(names: Iterable[str]) -> dict[str, str]:
    """Return the name of each spelling of hyperparameters."""
    known = {_plain(name): name for name in names}
    given = set(known.values())
    for spelling, meant in _SPELT_PARAMETERS.items():
        name = next((one for one in meant if one in given), None)
        if name:
            known.setdefault(spelling, name)
    return known


def spelt_models(names: Iterable[str]) -> dict[str, str]:
    """Return the name of each spelling of models; of several that share one, such as of two tasks, the first's."""
    known: dict[str, str] = {}
    for name in names:
        for spelling in (_plain(name), _plain(_HUMP.sub(" ", name))):
            known.setdefault(spelling, name)
            known.setdefault(_KIND.sub("", spelling), name)
    return known | {
        spelling: known[meant] for spelling, meant in _SPELT_MODELS.items() if meant in known and spelling not in known
    }


def counting(counted: str, names: Collection[str]) -> str:
    """Return the hyperparameter that counts trees or epochs; empty where there is none of that name."""
    wanted = {"trees": "n_estimators", "epochs": "epochs"}[counted]
    return wanted if wanted in names else ""


def _plain(name: str) -> str:
    tokens = tokens_of(name)
    return " ".join(token.word for token in tokens) if not all(token.is_number for token in tokens) else ""
