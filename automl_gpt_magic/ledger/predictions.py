"""The predictions that runs were made with, each scored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..records.curve import Curve
from ..records.metric import METRICS
from ..records.run import Run
from .scores import Score, score, why_not_scored

FORECAST, CORRECTED, REPEATED = "forecast", "forecast, corrected", "measured before"
OURS = (FORECAST, CORRECTED)


@dataclass(frozen=True, eq=False)
class Prediction:
    """One prediction of one metric of a run; ``left_out`` says why it has no score."""

    number: int
    run: Run
    metric: str
    source: str
    curve: Curve
    score: Score | None
    left_out: str = ""

    @property
    def relative(self) -> bool:
        """Whether its errors count as shares of what was measured: datasets differ in the target's unit."""
        return self.metric in METRICS and METRICS[self.metric].in_units

    @property
    def unit(self) -> float:
        """By what errors are divided before they are averaged over datasets; 0 where that is not possible."""
        return abs(self.score.measured) if self.score and self.relative else 1.0


def predictions(runs: Mapping[int, Run], repeated: Iterable[int] = ()) -> list[Prediction]:
    """Return what was predicted for the runs, in their order: by the forecast, and by an LLM's own log.

    A forecast that had already been corrected by runs on the same rows is a source of its own: it had an easier task.
    So is one of values that had been trained on them before, which only repeats what was measured.

    Parameters
    ----------
    runs : mapping of number to Run
    repeated : iterable of int
        The runs whose values had been trained on the same rows before.
    """
    again = set(repeated)
    return [one for number, run in runs.items() for one in _of_run(number, run, number in again)]


def source_of_llm(name: str) -> str:
    """Return what an LLM's own logs are listed under: never what a forecast is, whatever its name."""
    return f"LLM: {name}" if name else "LLM"


def _of_run(number: int, run: Run, repeated: bool) -> Iterator[Prediction]:
    ours = FORECAST if not run.corrected_by else REPEATED if repeated else CORRECTED
    for source, curves in ((ours, run.predicted), (source_of_llm(run.llm), run.llm_predicted)):
        for metric, curve in curves.items():
            measured = run.curves.get(metric)
            wrong = why_not_scored(curve, measured)
            scored = score(curve, measured) if measured is not None and not wrong else None
            yield Prediction(number, run, metric, source, curve, scored, wrong)
