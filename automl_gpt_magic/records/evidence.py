"""What measured runs say about a new dataset."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .curve import Array, Curve
from .metric import loss_of

# From a whole configuration to what its training will do.
Forecasting = Callable[[Mapping[str, Any]], "Forecast"]
# From the configuration that is being trained and the curves that it measured so far to what it will still do.
Continuing = Callable[[Mapping[str, Any], Mapping[str, Curve]], "Continuation"]
# From n whole configurations to the loss predicted after the last step of each, (n,).
Losses = Callable[[Sequence[Mapping[str, Any]]], Array]


@dataclass(frozen=True)
class Neighbour:
    """A recorded dataset that resembles the new one; ``weight`` is its share of 1 in the transfer.

    ``log`` is the measured curve of its ``best`` configuration.
    """

    key: str
    name: str
    weight: float
    similarity: float
    why: str
    best: Mapping[str, Any]
    best_loss: float
    default_loss: float
    n_runs: int
    log: Curve | None = None


@dataclass(frozen=True)
class OwnRuns:
    """Finished trainings on the very rows of the plan.

    Attributes
    ----------
    n_runs : int
    taken : int or None
        The number of the run whose configuration is the evidence's; None where the transferred one stands.
    level : mapping of metric to factor
        What was measured, as a multiple of what had been forecast: of the loss, or of what an accuracy lacks to 1.
    """

    n_runs: int
    taken: int | None
    level: Mapping[str, float]


@dataclass(frozen=True)
class OwnDataset:
    """Other data that the user trained on: rows that are not the plan's.

    Attributes
    ----------
    name : str
    same_table : bool
        Whether they are other rows of the plan's table: the same cell prepared them.
    n_runs : int
    date : str
        Of the newest run; ISO 8601, UTC.
    best : mapping
        The configuration with the lowest measured loss.
    metric, value : str, float
        That loss.
    imported : bool
        Whether it was read from a file.
    taken : bool
        Whether the evidence's configuration was measured here.
    """

    name: str
    same_table: bool
    n_runs: int
    date: str
    best: Mapping[str, Any]
    metric: str
    value: float
    imported: bool = False
    taken: bool = False


@dataclass(frozen=True)
class Tried:
    """A candidate that was trained on a sample of the new dataset's rows.

    ``loss`` is what was measured there, and ``predicted`` what the forecast says of all rows, over the first one's.
    """

    configuration: Mapping[str, Any]
    loss: float
    predicted: float


@dataclass(frozen=True)
class Evidence:
    """The configuration that measured runs speak for, and where it comes from.

    ``near`` says whether the nearest neighbour reaches ``threshold``; if not, ``configuration`` is the
    best on average over all ``n_datasets`` and is marked ``prior``. ``reasons`` has one per value.
    ``text_compared`` is False where no text encoder was at hand, with the cause in ``note``. ``own`` is what the
    user's own runs on the same rows changed; None where there are none. ``own_datasets`` are those with own runs on
    other rows, the nearest and newest first. ``measured`` says whether short trainings on the data itself were
    compared, beside the card; ``tried`` are the candidates that were trained on a sample of it, the one predicted to
    be best first: the best by both losses is ``configuration``, unless own runs speak for another. ``nearest`` is the
    largest similarity of all datasets. Where no run was recorded, ``published`` is what others report of the model on
    other data, in a sentence; ``from_published`` says that ``configuration`` is theirs.
    """

    neighbours: tuple[Neighbour, ...]
    configuration: Mapping[str, Any]
    reasons: Mapping[str, str]
    near: bool
    threshold: float
    n_datasets: int
    n_runs: int
    text_compared: bool = True
    note: str = ""
    own: OwnRuns | None = None
    own_datasets: tuple[OwnDataset, ...] = ()
    measured: bool = False
    tried: tuple[Tried, ...] = ()
    nearest: float = 0.0
    published: str = ""
    from_published: bool = False

    @property
    def source(self) -> Literal["measured", "neighbour", "prior", "published"]:
        """Where `configuration` comes from."""
        if self.own is not None and self.own.taken is not None:
            return "measured"
        if any(dataset.taken for dataset in self.own_datasets):
            return "neighbour"
        if self.from_published:
            return "published"
        return "neighbour" if self.near else "prior"


@dataclass(frozen=True, eq=False)
class Forecast:
    """Predicted curves by metric, and the predicted training time in seconds; nan where no run tells it.

    ``note`` says why the forecast is wider than usual, or why there is none; empty where nothing is to be said.
    ``memory`` is the peak of the training's process in bytes, beyond what it held before its data was loaded; nan where
    it is not known. ``memory_band`` holds it in 80% of trainings.
    """

    curves: Mapping[str, Curve]
    seconds: float
    note: str = ""
    memory: float = math.nan
    memory_band: tuple[float, float] = (math.nan, math.nan)

    @property
    def loss(self) -> Curve:
        """The predicted curve of what training minimises, by which configurations are compared; else the first."""
        return self.curves[loss_of(self.curves) or next(iter(self.curves))]


@dataclass(frozen=True, eq=False)
class Continuation:
    """What a training that has begun will still do.

    Attributes
    ----------
    forecast : Forecast
        Curves from the last measured step, where they are what was measured, to the last planned one. A metric of
        which no value was measured, or one that is not finite, has none; the note says so.
    default : mapping of metric to float
        What the library's default configuration comes to on this data, as far as it is known by now.
    """

    forecast: Forecast
    default: Mapping[str, float]
