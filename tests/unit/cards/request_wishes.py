"""What the tests of requests ask of."""

from __future__ import annotations

from automl_gpt_magic.cards import read_request
from automl_gpt_magic.records.request import Understood

HYPERPARAMETERS = (
    "learning_rate",
    "n_estimators",
    "max_depth",
    "subsample",
    "gamma",
    "min_samples_leaf",
    "epochs",
    "batch_size",
    "activation",
    "C",
)
MODELS = ("XGBoost", "LightGBM", "RandomForestClassifier", "RandomForestRegressor", "LogisticRegression", "PyTorch MLP")


def understood(text: str) -> Understood:
    return read_request(text, hyperparameters=HYPERPARAMETERS, models=MODELS)


def in_short(text: str) -> list[str]:
    """Return the wishes of a request, each in a few letters."""
    return [_short(wish) for wish in understood(text).wishes]


def _short(wish) -> str:
    if wish.constraint:
        return f"{wish.constraint.key} {wish.constraint.bound:.7g}"
    if wish.want == "prefer":
        return wish.goal
    return f"{wish.want} {wish.name}" + (f" {wish.value!r}" if wish.want == "set" else "")
