"""A study in Optuna's own storage: which configuration is next, and what each gave.

The file is opened with Optuna alone: ``optuna.load_study(study_name=..., storage="sqlite:///...")``. A trial's
``params`` are what the sampler sees, inside its ranges; its user attribute ``configuration`` is what was trained.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StoreError, one_line
from ..records.digest import digest_of
from ..records.space import Parameter
from ..records.study import StudyJob, Trial, TrialStands
from .cells import functions_read
from .study_file import closed, lock_path, locked, opened, unusable

if TYPE_CHECKING:
    import optuna

SEARCH = "search"
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Asked:
    """A trial that is to be trained."""

    number: int
    label: str
    configuration: Mapping[str, Any]


class Ledger:
    """One study, opened and resumed; used by one thread. It is locked until `close`.

    Parameters
    ----------
    job : StudyJob
    n_workers : int
    path : Path
        The SQLite file; made where there is none.
    rows : str
        Digest of the rows that are trained on.

    Raises
    ------
    StoreError
        If the file cannot be used, or the study runs elsewhere.
    """

    def __init__(self, job: StudyJob, n_workers: int, path: Path, rows: str) -> None:
        self._job, self._path = job, path
        self.name = study_name(job, rows)
        self._lock = locked(path, self.name)
        self._distributions = _distributions(job)
        self._asked: dict[int, optuna.Trial] = {}
        self._reported: set[tuple[int, int]] = set()
        try:
            self._study, self._storage = opened(path, self.name, lower_is_better=job.lower_is_better)
            with self._writing():
                self._study.sampler = self._sampler(n_workers)
                self._resume()
        except BaseException:
            self._unlock()
            raise

    def trials(self) -> list[Trial]:
        """Return the trials of all sessions but those that wait for their turn."""
        with self._writing():
            found = self._study.get_trials(deepcopy=False)
        return [_record(trial) for trial in found if trial.state.name != "WAITING"]

    def ask(self) -> Asked:
        """Begin the next trial: what waits first, then what the sampler suggests."""
        with self._writing():
            trial = self._study.ask(self._distributions)
            configuration, label = trial.user_attrs.get("configuration"), trial.user_attrs.get("label", SEARCH)
            if configuration is None:
                configuration = {**self._job.space.default, **trial.params, **self._job.fixed}
                trial.set_user_attr("label", label)
                trial.set_user_attr("configuration", configuration)
        self._asked[trial.number] = trial
        return Asked(trial.number, label, configuration)

    def report(self, number: int, step: int, value: float) -> bool:
        """Write how a trial stands, and tell whether it is worse than half of those that got so far."""
        if (number, step) in self._reported:
            return False
        self._reported.add((number, step))
        with self._writing():
            self._asked[number].report(value, step)
            return bool(self._asked[number].should_prune())

    def end(self, trial: Trial) -> None:
        """Write the end of a trial, whatever it was; its state comes last, so that no half-written one counts."""
        from optuna.trial import TrialState

        state = {"finished": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}[trial.state]
        kept = {name: getattr(trial, name) for name in ("seconds", "best_round", "curve", "error")}
        if trial.value is not None:
            kept["configuration"] = dict(trial.configuration)
        if trial.state == "pruned" and trial.value is not None and trial.curve:
            self.report(trial.number, trial.curve[-1][0], trial.value)  # Optuna takes the last report as the value
        asked = self._asked.pop(trial.number)
        with self._writing():
            for name, value in kept.items():
                if value not in (None, "", ()):
                    asked.set_user_attr(name, value)
            self._study.tell(asked, trial.value if trial.state == "finished" else None, state)

    def interrupt(self, number: int, why: str) -> None:
        """Write a trial off that came to no end, and have its configuration tried again when the study goes on."""
        asked = self._asked.pop(number)
        with self._writing():
            self._try_again(number, asked.user_attrs)
            asked.set_user_attr("error", why)
            self._fail(number)

    def close(self) -> None:
        """Let go of file and lock."""
        closed(self._path, self._storage)
        self._unlock()

    def _resume(self) -> None:
        """Write off what was running when an earlier session died, and queue what is to be tried first."""
        for trial in self._study.get_trials(deepcopy=False):
            if trial.state.name == "RUNNING":
                self._try_again(trial.number, trial.user_attrs)
                self._fail(trial.number)
        known = [trial.user_attrs.get("configuration") for trial in self._study.get_trials(deepcopy=False)]
        known += [trial.user_attrs.get("start") for trial in self._study.get_trials(deepcopy=False)]
        for label, given in self._job.starts:
            configuration = {**self._job.space.default, **_plain(given), **self._job.fixed}
            if configuration not in known:
                known.append(configuration)
                self._enqueue(configuration, {"label": label, "start": configuration})

    def _try_again(self, number: int, attributes: Mapping[str, Any]) -> None:
        """Queue the configuration of a trial once more, unless that was done before an earlier session died."""
        configuration = attributes.get("start", attributes.get("configuration"))
        again = [trial.user_attrs.get("again_of") for trial in self._study.get_trials(deepcopy=False)]
        if configuration is not None and number not in again:
            kept = {name: attributes[name] for name in ("label", "start") if name in attributes}
            self._enqueue(configuration, {**kept, "again_of": number})

    def _enqueue(self, configuration: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
        inside = {name: _inside(self._job.space[name], configuration[name]) for name in self._distributions}
        fixed = {name: value for name, value in inside.items() if value is not None}
        self._study.enqueue_trial(fixed, {**attributes, "configuration": dict(configuration)})

    def _fail(self, number: int) -> None:
        from optuna.trial import TrialState

        self._study.tell(number, state=TrialState.FAIL)

    def _sampler(self, n_workers: int) -> Any:
        import optuna

        # Another seed in each session: the same one would suggest again what the earlier session drew first.
        seed = (self._job.seed + 1_000_003 * len(self._study.get_trials(deepcopy=False))) % 2**32
        return optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=n_workers > 1)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn what the database raises into one line."""
        import optuna

        try:
            yield
        except (StoreError, ValueError, KeyError, TypeError):
            raise
        except optuna.exceptions.StorageInternalError as error:
            raise unusable(self._path, error.__cause__ or error) from error
        except Exception as error:
            raise unusable(self._path, error) from error

    def _unlock(self) -> None:
        self._lock.close()
        with contextlib.suppress(OSError):
            lock_path(self._path, self.name).unlink()


def study_name(job: StudyJob, rows: str) -> str:
    """Return the name of the study: two jobs share it if their trials can be compared."""
    ranges = [(p.name, p.kind, p.low, p.high, p.log, p.choices, p.default) for p in job.space.parameters]
    metric = (job.metric, job.lower_is_better)
    functions = filter(None, [functions_read(job.tables)])
    digest = digest_of(job.names, job.data, job.model, rows, ranges, dict(job.fixed), metric, *functions)
    return f"{one_line(job.dataset)[:_LONGEST_NAME]} {digest}".strip()


def _distributions(job: StudyJob) -> dict[str, Any]:
    makers: Mapping[str, Callable[[Parameter], Any]] = _makers()
    searched = [p for p in job.space.parameters if p.name not in job.fixed]
    bounded = [p for p in searched if p.kind == "choice" or abs(p.low) + abs(p.high) < float("inf")]
    return {parameter.name: makers[parameter.kind](parameter) for parameter in bounded}


def _makers() -> dict[str, Callable[[Parameter], Any]]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    return {
        "int": lambda p: IntDistribution(int(p.low), int(p.high), log=p.log),
        "float": lambda p: FloatDistribution(float(p.low), float(p.high), log=p.log),
        "choice": lambda p: CategoricalDistribution(p.choices),
    }


def _inside(parameter: Parameter, value: Any) -> Any:
    """Return the nearest value that the sampler knows; None where there is none."""
    if parameter.kind == "choice":
        return value if value in parameter.choices else None
    nearest = min(max(value, parameter.low), parameter.high)
    return int(nearest) if parameter.kind == "int" else float(nearest)


def _plain(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without numpy's types, which JSON does not know."""
    return {name: value.item() if hasattr(value, "item") else value for name, value in configuration.items()}


_STATES: Mapping[str, TrialStands] = {
    "RUNNING": "running",
    "COMPLETE": "finished",
    "PRUNED": "pruned",
    "FAIL": "failed",
}


def _record(trial: Any) -> Trial:
    kept = trial.user_attrs
    return Trial(
        number=trial.number,
        label=kept.get("label", SEARCH),
        state=_STATES[trial.state.name],
        configuration=kept.get("configuration", trial.params),
        value=trial.value,
        best_round=kept.get("best_round"),
        seconds=kept.get("seconds"),
        error=kept.get("error", "interrupted" if trial.state.name == "FAIL" else ""),
        curve=tuple((int(step), float(value)) for step, value in kept.get("curve", ())),
    )
