"""A family that a user brings: a function of theirs that trains, and the hyperparameters it takes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...records.card import DataCard
from ...records.digest import digest_of_function
from ...records.plan import Step
from ...records.space import SearchSpace
from .family import Family

_ANY_INPUT = ("tabular", "image", "text", "time series", "audio", "video", "graph", "multimodal")
_BUILD = '''\
def {names}_build(hyperparameters):
    """Return an untrained model: {function} trains it, and it predicts with what {function} returns."""
    return OwnModel({function}, hyperparameters)'''
_FIT = '''\
def {names}_fit(model, train=None, valid=None, report=None):
    """Train; each line that {function} reports is a step of the log, and a true answer asks it to stop."""
    return model.fit({data}report=report).log'''


@dataclass(frozen=True)
class Trainer:
    """A user's function.

    Parameters
    ----------
    function : callable
        ``function(config, report)``, or with ``train`` and ``valid`` besides.
    space : SearchSpace
    rounds, step : str
        The hyperparameter that counts the reports of a training, and what one is.
    reads_data : bool
        Whether it takes ``train`` and ``valid``: pairs of what the data cell's preprocessing gives, and the target.
    """

    function: Callable[..., Any]
    space: SearchSpace
    rounds: str
    step: str
    reads_data: bool


class OwnTrainer(Family):
    """The family of one function of the user's."""

    spellings = ()
    features = "scaled"
    module = "automl_gpt_magic"

    def __init__(self, trainer: Trainer) -> None:
        self.space, self.rounds, self.step = trainer.space, trainer.rounds, trainer.step
        self.reads_data = trainer.reads_data
        self.inputs = ("tabular", "image", "text") if trainer.reads_data else _ANY_INPUT
        self.structure = f"your own function {trainer.function.__name__}"
        self.function = trainer.function

    def estimator(self, card: DataCard) -> str:
        return self.function.__name__

    def objective(self, card: DataCard) -> str:
        return f"what {self.function.__name__} minimises"

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        data = "the prepared training and validation part" if self.reads_data else "data of its own"
        return (Step(f"your own function {self.function.__name__}", f"it trains on {data} and reports its log"),)

    def imports(self, card: DataCard) -> Sequence[str]:
        function = self.function
        home = sys.modules.get(function.__module__ or "__main__")
        there = function.__module__ != "__main__" and getattr(home, function.__name__, None) is function
        own = [f"from {function.__module__} import {function.__name__}"] if there else []
        return (
            f"# {function.__name__} is your own function, as it stood at version {digest_of_function(function)}.",
            "from automl_gpt_magic import OwnModel",
            *own,
        )

    def build(self, names: str, card: DataCard) -> str:
        return _BUILD.format(names=names, function=self.function.__name__)

    def fit(self, names: str, card: DataCard) -> str:
        data = "train, valid, " if self.reads_data else ""
        return _FIT.format(names=names, function=self.function.__name__, data=data)

    def saving(self, names: str, card: DataCard) -> None:
        return None
