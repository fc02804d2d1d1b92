"""What the user wrote: data card, model cards and request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..errors import CardError, one_line
from .request import Constraint, tightest

BINARY, MULTICLASS, REGRESSION = "binary classification", "multiclass classification", "regression"
DETECTION, RETRIEVAL = "object detection", "passage retrieval"

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Position:
    """1-based line and column of a field in the text it came from."""

    line: int
    column: int


@dataclass(frozen=True)
class Label:
    """One class of the label space."""

    name: str
    description: str = ""


@dataclass(frozen=True)
class Split:
    """How rows are divided: a validation share and, optionally, a separate test table.

    Without ``group`` and ``time`` the share is drawn at random, by the seed. ``group`` names a column none of whose
    values is in both parts; ``time`` one by which the last rows are the validation part.
    """

    validation: float = 0.2
    seed: int = 0
    group: str | None = None
    time: str | None = None
    test_frame: str | None = None
    test_path: str | None = None


@dataclass(frozen=True)
class DataCard:
    """A dataset as the paper's data card describes it; numbers are None until known.

    ``missing_fraction`` and the values of ``class_balance`` are shares of 1; ``image_size`` is height and width in
    pixels, to which the images of a folder are resized; ``frame`` names a DataFrame of the notebook, ``path`` a csv,
    parquet or npz file or a folder of images, ``dataset`` one of scikit-learn's (``sklearn/iris``) or Hugging Face's
    (``huggingface/owner/name``).
    """

    name: str
    input_type: str = "tabular"
    output_type: str = ""
    task: str = ""
    description: str = ""
    label_space: tuple[Label, ...] = ()
    metrics: tuple[str, ...] = ()
    n_rows: int | None = None
    n_features: int | None = None
    n_numeric: int | None = None
    n_categorical: int | None = None
    class_balance: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    missing_fraction: float | None = None
    image_size: tuple[int, int] | None = None
    n_channels: int | None = None
    n_tokens: int | None = None
    frame: str | None = None
    path: str | None = None
    dataset: str | None = None
    target: str | None = None
    split: Split = Split()
    licence: str = ""
    source: str = ""

    @property
    def is_classification(self) -> bool:
        return self.task in (BINARY, MULTICLASS)


@dataclass(frozen=True)
class ModelCard:
    """A candidate model; ``hyperparameters`` are values that the user fixes."""

    name: str
    structure: str = ""
    description: str = ""
    hyperparameters: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    source: str = ""


@dataclass(frozen=True)
class Request:
    """What the user asks for beyond the cards."""

    text: str = ""
    metrics: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()

    def most(self, quantity: str) -> float | None:
        """Return the largest allowed value of a quantity, in the unit of `UNITS`; None where nothing limits it."""
        return tightest(self.constraints, quantity)


@dataclass(frozen=True)
class Cards:
    """Everything one cell describes, with the position of each field for later errors."""

    data: DataCard
    models: tuple[ModelCard, ...] = ()
    request: Request = Request()
    positions: Mapping[str, Position] = field(default_factory=lambda: _NOTHING)

    def error(self, field: str, message: str) -> CardError:
        """Return the error for a field, with its place in the text the cards came from."""
        position = self.position(field)
        line, column = (position.line, position.column) if position else (None, None)
        return CardError(one_line(message), field=one_line(field), line=line, column=column)

    def position(self, path: str) -> Position | None:
        """Return where ``path`` (such as ``data.target``) or its nearest parent stands."""
        while path and path not in self.positions:
            path = path.rpartition(".")[0]
        return self.positions.get(path)
