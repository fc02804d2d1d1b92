"""A tuned search: what is asked for, its trials, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import TrainingError
from .space import SearchSpace

TrialStands = Literal["running", "finished", "pruned", "failed"]
DEFAULT_TRIALS, DEFAULT_WORKERS = 40, 2
StudyStands = Literal["running", "finished", "cancelled", "failed"]


@dataclass(frozen=True)
class StudyJob:
    """What to search.

    Parameters
    ----------
    names : str
        The plan's prefix: the cells define ``{names}_train``, ``_valid``, ``_target``, ``_preprocessing``, ``_build``.
    dataset : str
        The data card's name; the study's name begins with it.
    data, model : str
        Source of the two cells; no ``data`` where the model has data of its own.
    tables : mapping
        The notebook's variables that the cells read.
    folder : str
        Where relative paths are looked up.
    space : SearchSpace
    fixed : mapping
        Values of the model card; no trial has others.
    starts : sequence of (label, configuration)
        Tried first, exactly as given but for what is fixed.
    metric : str
        ``log_loss``, ``accuracy``, ``rmse``, ``mae``, or a metric by the library's own name.
    lower_is_better : bool
    seed : int
    rounds : str
        The hyperparameter that counts the steps of a training; empty where a training is one step.
    """

    names: str
    dataset: str
    data: str
    model: str
    tables: Mapping[str, Any]
    folder: str
    space: SearchSpace
    fixed: Mapping[str, Any]
    starts: Sequence[tuple[str, Mapping[str, Any]]]
    metric: str
    lower_is_better: bool = True
    seed: int = 0
    rounds: str = ""

    @property
    def rounds_fixed(self) -> bool:
        """Whether a trial counts with the value of its last step, and not with that of its best."""
        return not self.rounds or self.rounds in self.fixed


@dataclass(frozen=True)
class StudyLimits:
    """How far to search.

    Parameters
    ----------
    n_trials : int
        Finished and pruned trials of the study, those of earlier sessions included.
    seconds : float or None
        The most that this session of the study may take.
    n_workers : int
    trial_seconds : float or None
        The most that one training may take; it then ends with the rounds it has.
    cluster : str
        Address of the scheduler of a Dask cluster, whose workers train; empty for processes of this machine.
    """

    n_trials: int
    seconds: float | None = None
    n_workers: int = 1
    trial_seconds: float | None = None
    cluster: str = ""


@dataclass(frozen=True)
class Trial:
    """One configuration and what training it gave.

    Attributes
    ----------
    number : int
        Counted from 0 over all sessions of the study.
    label : str
        Where the configuration comes from; ``search`` for the sampler.
    state : {"running", "finished", "pruned", "failed"}
    configuration : mapping
        Once a value is there, with the number of rounds that was best, unless that is fixed.
    value : float or None
        Best validation value over the rounds; with a fixed number of rounds, the value of the last.
    best_round : int or None
    seconds : float or None
    error : str
        Why it failed or was stopped, in one line.
    curve : tuple of (round, value)
        Some points of the validation curve, the best and the last among them.
    """

    number: int
    label: str
    state: TrialStands
    configuration: Mapping[str, Any]
    value: float | None = None
    best_round: int | None = None
    seconds: float | None = None
    error: str = ""
    curve: tuple[tuple[int, float], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class StudyState:
    """A study so far.

    Attributes
    ----------
    name : str
        Its name in the storage; empty until the data cell has run.
    metric : str
    lower_is_better : bool
    stands : {"running", "finished", "cancelled", "failed"}
    said : str
        The same in one line, for a person.
    n_trials : int
        How many are planned.
    trials : tuple of Trial
        By number, those of earlier sessions included.
    elapsed : float
        Seconds of this session.
    rounds : str
        The hyperparameter that counts the steps; empty where a training is one step.
    rows_digest : str
        The fingerprint of the rows that the data cell made; empty until it has run.
    """

    name: str
    metric: str
    lower_is_better: bool
    stands: StudyStands
    said: str
    n_trials: int
    trials: tuple[Trial, ...]
    elapsed: float
    rounds: str = ""
    rows_digest: str = ""

    @property
    def best(self) -> Trial | None:
        """The best finished trial; where none is, the best of the pruned ones that have a value."""
        return best_of(self.trials, self.lower_is_better, self.rounds)

    @property
    def n_ended(self) -> int:
        """How many trials count toward the planned number."""
        return sum(trial.state in ("finished", "pruned") for trial in self.trials)

    def chosen(self) -> Trial:
        """Return the best trial.

        Raises
        ------
        TrainingError
            If there is none.
        """
        best = self.best
        if best is None:
            errors = [trial.error for trial in self.trials if trial.error]
            why = f"the last said: {errors[-1]}" if errors else "give it more time or more trials"
            raise TrainingError(f"no trial of the study has finished; {why}")
        return best


def best_of(trials: Sequence[Trial], lower_is_better: bool, rounds: str) -> Trial | None:
    """Return the trial with the best value, the earliest of equals; None where none has a value.

    A pruned trial's value is that of its configuration only if the configuration ends at the best round.
    """
    sign = 1 if lower_is_better else -1
    for state in ("finished", "pruned"):
        measured = [(sign * trial.value, trial) for trial in trials if trial.state == state and trial.value is not None]
        valid = [
            pair for pair in measured if state == "finished" or pair[1].configuration.get(rounds) == pair[1].best_round
        ]
        if valid:
            return min(valid, key=lambda pair: pair[0])[1]
    return None


def describe(state: StudyState) -> str:
    """Return in one line how a study stands."""
    if state.stands == "running" and not state.name:
        return "Preparing the data."
    best = state.best
    found = f"; best {state.metric} {best.value:.4g} in trial {best.number} ({best.label})" if best else ""
    cancelled = "Cancelled. " if state.stands == "cancelled" else ""
    if state.n_ended > state.n_trials:
        return f"{cancelled}{state.n_ended} trials have ended, more than the {state.n_trials} asked for{found}."
    return f"{cancelled}{state.n_ended} of {state.n_trials} trials have ended in {state.elapsed:.0f} s{found}."
