"""What FLAML's zero-shot portfolio recommends for a dataset."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from automl_gpt_magic.recording.datasets import recorded_dataset
from automl_gpt_magic.records.card import REGRESSION

from .trained import Prepared

LEARNERS: Mapping[str, str] = {"XGBoost": "xgboost", "LightGBM": "lgbm"}
# The generated code sets them itself; they change no prediction, but for the seed.
_SET_BY_US = ("n_jobs", "random_state", "tree_method", "verbose", "verbosity")


def suggested(family: str, data: Prepared) -> dict[str, Any]:
    """Return the hyperparameters that FLAML suggests after a look at the raw training rows."""
    from flaml.default import suggest_hyperparams

    rows = data.at_hand.frames[0]
    task = "regression" if data.card.task == REGRESSION else "classification"
    features = rows.drop(columns=data.card.target)
    found, _ = suggest_hyperparams(task, features, data.at_hand.parts[0][1], LEARNERS[family])
    return {name: value for name, value in found.items() if name not in _SET_BY_US}


def is_known(key: str) -> bool:
    """Return whether FLAML's portfolio says that one of its configurations comes from this dataset, by name."""
    dataset = recorded_dataset(key)
    names = (key, dataset.family, str(dataset.card["name"]), str(dataset.card["source"].get("dataset", "")))
    return not {_plain(name) for name in names}.isdisjoint(_sources())


def _sources() -> set[str]:
    return {_plain(name) for path in _folder().glob("*/*.json") for name in _names(path)} - {"default"}


def _names(path: Path) -> Iterator[str]:
    for source in json.loads(path.read_text()).get("configsource", []):
        yield source.rsplit("/", 1)[-1]


def _folder() -> Path:
    found = find_spec("flaml")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("flaml is not installed; run: pip install --no-deps flaml==2.7.0")
    return Path(found.origin).parent / "default"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
