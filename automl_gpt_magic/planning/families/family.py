"""What a model family is: its search space, and the plain code that builds and trains one of its models."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Literal

from ...records.architecture import Architecture
from ...records.card import BINARY, MULTICLASS, REGRESSION, DataCard
from ...records.plan import Step
from ...records.request import Goal
from ...records.space import EARLY_STOPPING, Parameter, SearchSpace
from ...records.table import TableProfile
from .lever import Lever
from .saving import Saving, with_skops

Features = Literal["trees", "scaled", "text", "images", "boxes", "passages"]
TABULAR_TASKS = (BINARY, MULTICLASS, REGRESSION)
STOPPING = Parameter(
    EARLY_STOPPING, "int", 10, 1, 1000, meaning="steps without a better validation loss that end the training"
)


class Family(ABC):
    """One family. A new one is a file of its own beside this one, and a line in ``catalogue``.

    Attributes
    ----------
    space : SearchSpace
        ``space.family`` is the family's name.
    extras : sequence of Parameter
        What else a model card may fix; such values are the user's and are not searched.
    spellings : sequence of str
        A model card belongs to the family if one of these regular expressions is found in its name, squeezed to
        lower-case letters and digits.
    structure : str
        In words, for a card that does not say it.
    step : str
        What one step of the training log is, such as ``boosting round``.
    rounds : str
        The hyperparameter that counts the steps; empty where a training is one step.
    features : {"trees", "scaled", "text", "images", "boxes", "passages"}
        What its models read: ordinal codes with missing values, scaled numbers without, text, images, images with
        boxes, or questions with passages.
    inputs, tasks : sequence of str
        The data cards it is for.
    module, extra : str
        The library that its code imports, and the extra of this package that brings it; an empty extra is for
        libraries that are always there.
    trusted : sequence of str
        The types of scikit-learn in a trained model that skops does not know as harmless.
    counts_columns : bool
        Whether `architecture` needs the number of encoded columns, ``TableProfile.encoded``.
    refits : bool
        Whether the training cell trains once more, on every row.
    large_calls : bool
        Whether a call with a thousand rows is usual, and so timed beside one with one row.
    """

    space: SearchSpace
    extras: ClassVar[Sequence[Parameter]] = ()
    spellings: ClassVar[Sequence[str]]
    structure: str
    step: str = "iteration"
    rounds: str = ""
    features: ClassVar[Features] = "trees"
    inputs: Sequence[str] = ("tabular",)
    tasks: ClassVar[Sequence[str]] = TABULAR_TASKS
    module: ClassVar[str] = "sklearn"
    extra: ClassVar[str] = ""
    trusted: ClassVar[Sequence[str]] = ()
    counts_columns: ClassVar[bool] = False
    refits: ClassVar[bool] = True
    large_calls: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return self.space.family

    @property
    def takes_prepared(self) -> bool:
        """Whether code of a language model's may come before what the models read: on tables and texts."""
        return self.features in ("trees", "scaled", "text")

    @abstractmethod
    def estimator(self, card: DataCard) -> str:
        """Return the class that `build` makes an object of."""

    def open_estimator(self, card: DataCard, fixed: Collection[str]) -> str:
        """Return the class that a language model's own ``build`` may return; empty where only the recipe builds.

        ``fixed`` are the hyperparameters that the model card sets.
        """
        return ""

    @abstractmethod
    def objective(self, card: DataCard) -> str:
        """Return the loss that is minimised, in the library's own name."""

    @abstractmethod
    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        """Describe the model with these hyperparameters."""

    def architecture(
        self, card: DataCard, table: TableProfile | None, values: Mapping[str, Any]
    ) -> Architecture | None:
        """Return the layers that `build` makes of these hyperparameters; None for a model without, or without rows."""
        return None

    @abstractmethod
    def imports(self, card: DataCard) -> Sequence[str]:
        """Return the import lines that `fit` needs, and those that `build` needs."""

    @abstractmethod
    def build(self, names: str, card: DataCard) -> str:
        """Return the source of ``{names}_build(hyperparameters)``, which returns an untrained model.

        The model has scikit-learn's ``fit``, ``predict`` and, for a classification, ``predict_proba``.
        """

    @abstractmethod
    def fit(self, names: str, card: DataCard) -> str:
        """Return the source of ``{names}_fit(model, train, valid, report=None)``, which returns the log.

        ``train`` and ``valid`` are pairs of matrix and target. After every step it calls ``report(log)``; a true
        answer ends the training. A log maps each part, the training part first, to lists by metric, the loss last;
        ``step`` holds a list of the steps where not every one is measured.
        """

    def levers(self, goal: Goal, values: Mapping[str, Any]) -> Sequence[Lever]:
        """Return the values that serve a goal by construction, beside those that stand; none where runs tell it."""
        return ()

    def saving(self, names: str, card: DataCard) -> Saving | None:
        """Return how a trained model is saved; None where it has no format but pickle."""
        return with_skops(names, self.trusted)
