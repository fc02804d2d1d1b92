"""The stage's front: cards in, evidence and forecasts out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ExperienceError
from ..records.card import REGRESSION, DataCard
from ..records.curve import Curve
from ..records.evidence import Continuation, Evidence, Forecast, Neighbour, Tried
from ..records.space import SearchSpace, StepLimit
from ..records.table import TableProfile
from .bank import Bank, load_bank, slug
from .contamination import Known, known_datasets
from .encoder import DEFAULT_ENCODER
from .forecaster import Forecaster
from .landmarks import measured_loss
from .level import level_by_card, level_by_landmarks
from .scales import scales
from .similarity import TEXT_IN_LIKENESS, card_fields, card_numbers, describe_likeness, similarities
from .texts import comparable
from .transfer import Transfer, TransferSettings
from .tryout import Tryout
from .weights import forest_weights, level_weights, mixed

Floats = NDArray[np.float64]

_LEAST_LOSS = 1e-6
_N_CANDIDATES = 6  # that are tried; the library's default among them would gain nothing
_PREDICTED_COUNTS = 0.25  # as much as what is measured on a sample; from 0 to 1 the recorded tables hardly differ


class Advice:
    """What the recorded runs say about one dataset: `evidence`, and `forecast` for any configuration.

    Parameters
    ----------
    card : DataCard
        With its numbers filled in where a table is at hand.
    table : TableProfile or None
    space : SearchSpace
    fixed : mapping
        Values that the user's model card sets; the recommendation keeps them.
    seconds : float or None
        The most that training may take, if the request says so.
    most_steps : StepLimit or None
        The most steps that it may take, likewise.
    cache : Path or None
        Folder of embeddings.
    encoder : str
        What the cards' texts are compared by; empty for numbers only.
    landmarks : array or None
        Measured on the data, if it is at hand; see `measure_landmarks`.
    tryout : Tryout or None
        The data on which a few candidates are tried, likewise.
    leave_out_known : bool
        Plan without the recorded datasets that look like this one.
    bank : Bank or None
        Stands for the shipped one.

    Raises
    ------
    ExperienceError
        If the bank cannot be read or holds nothing for this task.
    """

    def __init__(
        self,
        card: DataCard,
        table: TableProfile | None,
        space: SearchSpace,
        fixed: Mapping[str, Any],
        *,
        seconds: float | None = None,
        most_steps: StepLimit | None = None,
        cache: Path | None = None,
        encoder: str = DEFAULT_ENCODER,
        landmarks: Floats | None = None,
        tryout: Tryout | None = None,
        leave_out_known: bool = False,
        bank: Bank | None = None,
    ) -> None:
        self._card, self._space = card, space
        every = bank or load_bank(slug(space.family))
        bank = every.for_task(card.task)
        scale = table.target_scale if table and card.task == REGRESSION else None
        self.known = known_datasets(card, bank.datasets, target_scale=scale)
        if leave_out_known:
            every, bank = _without(every, self.known), _without(bank, self.known)
        if not bank.datasets:
            raise ExperienceError(f"no recorded runs for {card.task or 'an unnamed task'}; name the task on the card")
        calibration = bank.calibration
        if "data" not in bank.forests:
            landmarks = None
        known_by = "card" if landmarks is None else "data"
        settings = TransferSettings(**calibration["transfer"][known_by])
        text, self._bank, self._note = comparable(card, bank, cache, encoder)
        self._similarity = similarities(card_numbers(card), text, self._bank, TEXT_IN_LIKENESS)
        abstention = calibration["abstention"][known_by]
        self._threshold = float(abstention["with_text" if text is not None else "without_text"]["threshold"])
        self._near = bool(self._similarity.max() >= self._threshold)
        loss = None if landmarks is None else measured_loss(landmarks)
        weights = np.full(len(bank.datasets), 1 / len(bank.datasets))
        if self._near:
            weights = mixed(forest_weights(self._bank, card, text, landmarks), self._bank, text, settings)
        else:
            settings = TransferSettings(**calibration["transfer"]["prior"])
        # What was measured on the data tells the level, however far it is from all that was recorded.
        if landmarks is not None:
            level = level_by_landmarks(every, landmarks, card_fields(card))
        elif self._near:
            level = level_by_card(every, level_weights(every, card, text))
        else:
            level = level_by_card(bank, weights)
        self._arm = known_by if self._near else "prior" if loss is None else "prior_data"
        self._transfer = Transfer(self._bank, space, weights, settings, level, loss, card.n_features)
        units = scales(card, table)
        self._forecaster = Forecaster(self._bank, self._arm, self._transfer, level, units, card, space)
        self._cut_by = ""
        candidates = self._candidates(fixed, seconds, most_steps, _N_CANDIDATES if tryout else 1)
        self._tried = self._try_out(candidates, tryout) if tryout else ()
        self._recommended = min(self._tried, key=_promise).configuration if self._tried else candidates[0]
        self.evidence = self._evidence(fixed, text is not None)

    def forecast(self, configuration: Mapping[str, Any]) -> Forecast:
        """Predict the curves and the training time of ``configuration``, up to its last step."""
        return self._forecaster.forecast(configuration)

    def resources(self, configuration: Mapping[str, Any]) -> Forecast:
        """Predict the training time and the memory of ``configuration`` without its curves, which is faster."""
        return self._forecaster.resources(configuration)

    def losses(self, configurations: Sequence[Mapping[str, Any]]) -> Floats:
        """Return the predicted loss after each configuration's last step, shape (n,): that of `forecast`, faster.

        It is the log loss or the RMSE, in the same unit.
        """
        return self._forecaster.losses(configurations)

    def continued(self, configuration: Mapping[str, Any], measured: Mapping[str, Curve]) -> Continuation:
        """Predict what a training that has begun will still do.

        Parameters
        ----------
        configuration : mapping
            What is trained, its planned steps among it.
        measured : mapping of metric to Curve
            What was measured so far, at any number of steps.
        """
        return self._forecaster.continued(configuration, measured)

    def _candidates(
        self, fixed: Mapping[str, Any], seconds: float | None, most_steps: StepLimit | None, count: int
    ) -> list[dict[str, Any]]:
        """Return what is promising within the request's limits, the best predicted first."""
        candidates = self._transfer.candidates(fixed, None, count)
        if most_steps is not None:
            if not most_steps.allows(candidates[0]):
                self._cut_by = most_steps.reason
                candidates = self._transfer.candidates(fixed, most_steps.most, count)
            candidates = [most_steps.cut(one) for one in candidates]
        taken = self._forecaster.seconds(candidates[0]) if seconds is not None else 0.0
        if seconds is not None and taken > seconds:
            self._cut_by = "what the request's limit on training time allows"
            a_step = taken / candidates[0][self._bank.step_name]
            candidates = self._transfer.candidates(fixed, max(1, int(seconds / a_step)), count)
            candidates = [most_steps.cut(one) for one in candidates] if most_steps else candidates
        quick = (one for one in candidates[1:] if seconds is None or self._forecaster.seconds(one) <= seconds)
        return [candidates[0], *quick]

    def _try_out(self, candidates: Sequence[Mapping[str, Any]], tryout: Tryout) -> tuple[Tried, ...]:
        """Return the candidates that were tried, with their losses over the first one's, measured and predicted."""
        measured = tryout.losses(self._space.family, candidates)
        tried = candidates[: len(measured)]
        losses = zip(_over_first(measured), _over_first(self._transfer.losses(tried)), strict=True) if tried else ()
        return tuple(Tried(one, *map(float, both)) for one, both in zip(tried, losses, strict=True))

    def _evidence(self, fixed: Mapping[str, Any], text_compared: bool) -> Evidence:
        neighbours = tuple(self._neighbour(position) for position in range(len(self._transfer.order)))
        recorded = (*self._bank.parameters, self._bank.step_name)
        top = [self._transfer.top_configurations(position) for position in range(len(self._transfer.order))]
        reasons = {name: self._reason(name, top) for name in recorded if name not in fixed}
        return Evidence(
            neighbours,
            self._recommended,
            reasons,
            self._near,
            self._threshold,
            len(self._bank.datasets),
            self._bank.n_runs,
            text_compared,
            self._note,
            measured=self._arm == "data",
            tried=self._tried,
            nearest=float(self._similarity.max()),
        )

    def _neighbour(self, position: int) -> Neighbour:
        index = int(self._transfer.order[position])
        recorded = self._bank.datasets[index]
        n_steps = self._space[self._bank.step_name].default
        last_default = min(int(np.searchsorted(self._bank.rounds, n_steps)), len(self._bank.rounds) - 1)
        return Neighbour(
            recorded["key"],
            recorded["name"],
            float(self._transfer.weights[position]),
            float(self._similarity[index]),
            describe_likeness(self._card, recorded),
            self._transfer.top_configurations(position, 1)[0],
            float(recorded["loss_scale"] * self._bank.valid[index].min()),
            float(recorded["loss_scale"] * self._bank.valid[index, 0, last_default]),
            len(self._bank.configurations),
            self._measured(index, *self._transfer.top_runs(position, 1)[0]),
        )

    def _measured(self, index: int, configuration: int, last: int) -> Curve:
        """Return the recorded curve of one run, up to the round at the position ``last``."""
        scale = float(self._bank.datasets[index]["loss_scale"])
        kept = slice(last + 1)
        valid, train = (
            scale * part[index, configuration, kept].astype("float64") for part in (self._bank.valid, self._bank.train)
        )
        loss = "rmse" if self._card.task == REGRESSION else "log_loss"
        return Curve(loss, self._bank.rounds[: last + 1], valid, training=train, source="measured")

    def _reason(self, name: str, top: Sequence[Sequence[Mapping[str, Any]]]) -> str:
        """Count the neighbours whose best configurations, of each in ``top``, have ``name`` around the chosen value."""
        chosen = self._recommended[name]
        if self._cut_by and name == self._bank.step_name:
            return self._cut_by
        agreeing, values = 0, []
        for configurations in top:
            best = [configuration[name] for configuration in configurations]
            low, high = np.quantile(best, [0.25, 0.75])
            agreeing += bool(low <= chosen <= high)
            values += best
        low, high = np.quantile(values, [0.25, 0.75])
        whose = "neighbours" if self._near else "recorded datasets"
        return f"inside the best half of {agreeing} of {len(top)} {whose}; together they prefer {low:.3g} to {high:.3g}"


def _over_first(losses: Floats) -> Floats:
    losses = np.maximum(losses, _LEAST_LOSS)
    return np.asarray(losses / losses[0])


def _promise(tried: Tried) -> float:
    """Return what candidates are compared by: a sample alone would prefer what suits few rows."""
    return math.log(tried.loss) + _PREDICTED_COUNTS * math.log(tried.predicted)


def _without(bank: Bank, known: Sequence[Known]) -> Bank:
    """Return the bank without these datasets and what is drawn from the same source."""
    gone = {one.family for one in known}
    parts = {part for one in bank.datasets if one["family"] in gone for part in one.get("drawn_from", ())}
    others = (one["family"] not in gone and parts.isdisjoint(one.get("drawn_from", ())) for one in bank.datasets)
    return bank.subset(np.flatnonzero(list(others)))
