"""Configurations from LLM, evidence and library, ranked by the forecast from measured runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..records.answer import Candidate, Suggestion
from ..records.curve import LOWER_IS_BETTER
from ..records.evidence import Evidence, Forecast
from ..records.space import SearchSpace, StepLimit
from .search import N_SEARCHED

# Predicted losses nearer than this share are the same to the forecast; then the LLM's reasons decide.
AS_GOOD = 0.01
# Trained on recorded datasets that had been left out, most were worse than the configuration that was recommended.
_TOO_HOPEFUL = f"not taken: the lowest of {N_SEARCHED:,} predictions is mostly luck"


@dataclass(frozen=True, eq=False)
class Choice:
    """The candidates, best first, and the one that became the plan.

    ``searched`` is what a search of the whole space on the forecast found, where it was searched: shown beside the
    candidates, it says how much the forecast sees to gain, and does not compete.
    """

    candidates: tuple[Candidate, ...]
    chosen: Candidate
    because: str
    searched: Candidate | None = None

    @property
    def shown(self) -> tuple[Candidate, ...]:
        return self.candidates if self.searched is None else (*self.candidates, self.searched)


def choose(
    suggestions: Sequence[Suggestion],
    evidence: Evidence,
    space: SearchSpace,
    fixed: Mapping[str, Any],
    forecast: Callable[[Mapping[str, Any]], Forecast],
    most_seconds: float | None,
    most_steps: StepLimit | None = None,
    searched: Mapping[str, Any] | None = None,
) -> Choice:
    """Weigh an LLM's configurations against the transferred and the default one.

    A suggestion leaves out what it does not change: the evidence stands for it. The lowest predicted loss wins; an
    LLM's configuration also where it is within `AS_GOOD` of it.

    Parameters
    ----------
    suggestions : sequence of Suggestion
    evidence : Evidence
    space : SearchSpace
    fixed : mapping
        The values of the model card, in every candidate but the library's default.
    forecast : callable
        From a whole configuration.
    most_seconds : float or None
        The request's limit on training time.
    most_steps : StepLimit or None
        Its limit on the steps of a training.
    searched : mapping or None
        The best of a search on the forecast.
    """
    measure = _Measure(forecast, most_seconds, most_steps)
    transferred = {**evidence.configuration, **fixed}
    ours = measure("measured" if evidence.source == "measured" else "transferred", evidence.source, transferred)
    default = measure("default", "default", dict(space.default))
    if any(space.default[name] != value for name, value in fixed.items()):
        default = replace(default, ruled_out="the model card fixes other values")
    theirs = [
        measure(f"LLM {position}", "llm", {**transferred, **one.values}, one)
        for position, one in enumerate(suggestions, start=1)
    ]
    ranked = sorted([*theirs, ours, default], key=lambda one: (bool(one.ruled_out), one.height))
    chosen = _winner(ranked, ours)
    found = None if searched is None else measure("search on the forecast", "search", searched)
    if found is not None and found.height < chosen.height and not found.ruled_out:
        found = replace(found, ruled_out=_TOO_HOPEFUL)
    return Choice(tuple(ranked), chosen, _because(chosen, ranked, ours), found)


@dataclass(frozen=True)
class _Measure:
    """Makes a candidate of a configuration."""

    forecast: Callable[[Mapping[str, Any]], Forecast]
    most_seconds: float | None
    most_steps: StepLimit | None

    def __call__(
        self, name: str, source: Any, values: Mapping[str, Any], suggestion: Suggestion | None = None
    ) -> Candidate:
        forecast = self.forecast(values)
        return Candidate(
            name,
            source,
            values,
            forecast.loss.final,
            forecast.seconds,
            suggestion.reasons if suggestion else {},
            suggestion.log if suggestion else None,
            self._over(values, forecast),
            not LOWER_IS_BETTER[forecast.loss.metric],
        )

    def _over(self, values: Mapping[str, Any], forecast: Forecast) -> str:
        """Say which of the request's limits a configuration is over; empty where it keeps them."""
        steps, seconds = self.most_steps, self.most_seconds
        if steps is not None and not steps.allows(values):
            return f"{steps.parameter} {values[steps.parameter]}, over the request's {steps}"
        if seconds is not None and forecast.seconds > seconds:
            return f"predicted to train {forecast.seconds:.0f} s, over the request's {seconds:g} s"
        return ""


def _winner(ranked: Sequence[Candidate], ours: Candidate) -> Candidate:
    allowed = [one for one in ranked if not one.ruled_out]
    if not allowed:
        return ours
    best = allowed[0]
    worst = best.height + AS_GOOD * abs(best.height)
    theirs = [one for one in allowed if one.source == "llm" and one.height <= worst]
    return theirs[0] if theirs else best


def _because(chosen: Candidate, ranked: Sequence[Candidate], ours: Candidate) -> str:
    theirs = [one for one in ranked if one.source == "llm"]
    if chosen.source == "llm":
        if chosen.height <= min(one.height for one in ranked if not one.ruled_out):
            if chosen.more_is_better:
                return f"No forecast is above that of {chosen.name}; it knows published results alone."
            return f"{chosen.name} has the lowest loss predicted from measured runs."
        return (
            f"{chosen.name} is within {AS_GOOD:.0%} of the lowest loss predicted from measured runs, and has reasons."
        )
    if not theirs:
        return "The LLM gave no configuration that could be used."
    best = min(theirs, key=lambda one: (bool(one.ruled_out), one.height))
    why = best.ruled_out or f"measured runs predict {best.predicted:.4g} for {best.name}"
    return f"The {chosen.name} configuration stands at {chosen.predicted:.4g}: {why}."
