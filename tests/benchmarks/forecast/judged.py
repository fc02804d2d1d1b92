"""What a worker process does for one dataset: forecast its runs as if they were new, and compare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.experience.scales import scales
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import DataCard, Label
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.space import SearchSpace

from ..transfer.nested import without
from . import arms

Floats = NDArray[np.float64]

CARD, DATA = "ours, card only", "ours, data at hand"
UNRECORDED = {CARD: "ours, card only, values never recorded", DATA: "ours, data at hand, values never recorded"}
PREFIXES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.5)
N_CONFIGURATIONS = 24
_PARTS = 8  # a configuration is forecast from a bank without an eighth of them, itself among these
_LEAST_STEPS = 12  # the shortest planned training is so many times shorter than the longest

_lent: dict[str, Any] = {}


class Judged(NamedTuple):
    """One prediction of one run: its last value, and how far the steps still to come are off on average.

    Losses are relative to that of knowing nothing. ``quantiles`` are those of the last value; None for a line alone.
    """

    prefix: float
    arm: str
    configuration: int
    final: float
    actual: float
    whole: float
    quantiles: tuple[float, ...] | None


@dataclass(frozen=True)
class Outcome:
    """All predictions for one dataset."""

    key: str
    source: str
    task: str
    n_rows: int
    judged: list[Judged]


def lend(family: str, bank: Bank, calibrated: Sequence[Bank]) -> None:
    """Keep in this process the bank, and for each of its datasets a calibrated one that never saw it."""
    _lent.update(family=family, bank=bank, calibrated=calibrated)


def judge(index: int) -> Outcome:
    """Forecast a recorded dataset's runs from the others."""
    bank: Bank = _lent["bank"]
    dataset = bank.datasets[index]
    rest = without(bank, index, _lent["calibrated"][index])
    judged = list(_judged(bank, rest, index))
    return Outcome(dataset["key"], dataset["family"], dataset["task"], dataset["n_rows"], judged)


def _judged(bank: Bank, rest: Bank, index: int) -> Iterator[Judged]:
    dataset, space = bank.datasets[index], family_named(_lent["family"]).space
    card = card_of(dataset)
    scale = scales(card, None)[0]
    # Of its own for each dataset: what all share would not be in the intervals over datasets.
    chance = np.random.default_rng(index)
    numbers = chance.permutation(len(bank.configurations))[:N_CONFIGURATIONS]
    marks = bank.landmarks[index].astype("float64") if bank.landmarks.shape[1] else None
    advised = _advised(card, space, marks)
    ours = advised(rest)
    parts = np.array_split(numbers, np.ceil(_PARTS * len(numbers) / len(bank.configurations)))
    new = {int(one): advice for some in parts for advice in [advised(_less(rest, some))] for one in some if one}
    offered = bank.rounds[bank.rounds >= bank.rounds[-1] / _LEAST_STEPS]
    for number in numbers:
        last = int(chance.choice(offered))
        configuration = {**dict(zip(bank.parameters, bank.configurations[number], strict=True)), bank.step_name: last}
        configuration = {name: space[name].check(float(value)) for name, value in configuration.items()}
        yield from _of_run(bank, rest, index, int(number), configuration, ours, scale)
        if number:
            yield from _of_new(bank, index, int(number), configuration, new[int(number)], scale)


def _advised(card: DataCard, space: SearchSpace, marks: Floats | None) -> Callable[[Bank], dict[str, Advice]]:
    """Return what advises from a bank, by what is known of the dataset."""
    known = {CARD: None} if marks is None else {CARD: None, DATA: marks}
    return lambda bank: {arm: Advice(card, None, space, {}, bank=bank, landmarks=one) for arm, one in known.items()}


def _less(bank: Bank, numbers: NDArray[np.int64]) -> Bank:
    """Return the bank without these configurations; the first, the default, stays."""
    kept = np.setdiff1d(np.arange(len(bank.configurations)), numbers[numbers > 0])
    parts = {name: getattr(bank, name)[:, kept] for name in ("valid", "train", "error", "seconds")}
    return replace(bank, configurations=bank.configurations[kept], **parts)


def _of_new(
    bank: Bank, index: int, number: int, configuration: Mapping[str, Any], new: Mapping[str, Advice], scale: float
) -> Iterator[Judged]:
    """Forecast a configuration that the bank does not hold either."""
    rounds, curve = bank.rounds, bank.valid[index, number].astype("float64")
    steps = np.flatnonzero(rounds <= configuration[bank.step_name])
    for arm, advice in new.items():
        predicted = _loss(advice.forecast(configuration).curves)
        line = np.interp(rounds[steps], predicted.steps, predicted.value) / scale
        yield _compared(0.0, UNRECORDED[arm], number, curve, steps, line, None)


def _of_run(
    bank: Bank,
    rest: Bank,
    index: int,
    number: int,
    configuration: Mapping[str, Any],
    ours: Mapping[str, Advice],
    scale: float,
) -> Iterator[Judged]:
    end = int(np.searchsorted(bank.rounds, configuration[bank.step_name]))
    curve, rounds = bank.valid[index, number].astype("float64"), bank.rounds
    simple = arms.before(rest, bank.datasets[index], number)
    forecasts = {arm: _loss(advice.forecast(configuration).curves) for arm, advice in ours.items()}
    for prefix in PREFIXES:
        done = max(1, round(prefix * rounds[end])) if prefix else 0
        later = np.flatnonzero((rounds > done) & (rounds <= rounds[end]))
        if not len(later):
            continue
        lines = simple if not done else {**simple, **arms.after(rounds, curve, done)}
        for arm, line in lines.items():
            yield _compared(prefix, arm, number, curve, later, line[later], None)
        for arm, advice in ours.items():
            predicted = forecasts[arm]
            if done:
                known = rounds <= done
                begun = Curve(predicted.metric, rounds[known], scale * curve[known], source="measured")
                predicted = _loss(advice.continued(configuration, {begun.metric: begun}).forecast.curves)
            assert predicted.quantiles is not None
            line = np.interp(rounds[later], predicted.steps, predicted.value) / scale
            last = tuple(float(part) / scale for part in predicted.quantiles[:, -1])
            yield _compared(prefix, arm, number, curve, later, line, last)


def _compared(
    prefix: float,
    arm: str,
    number: int,
    curve: Floats,
    later: NDArray[np.int64],
    line: Floats,
    quantiles: tuple[float, ...] | None,
) -> Judged:
    whole = float(np.abs(line - curve[later]).mean())
    return Judged(prefix, arm, number, float(line[-1]), float(curve[later[-1]]), whole, quantiles)


def _loss(curves: Mapping[str, Curve]) -> Curve:
    return next(iter(curves.values()))


def card_of(dataset: Mapping[str, Any]) -> DataCard:
    """Return the data card of a recorded dataset, as a user would write it."""
    size = dataset.get("image_size")
    return DataCard(
        dataset["name"],
        dataset.get("input_type", "tabular"),
        task=dataset["task"],
        description=dataset["description"],
        label_space=tuple(Label(name) for name in dataset["label_space"]),
        n_rows=dataset["n_rows"],
        n_features=dataset["n_features"],
        n_categorical=dataset["n_categorical"],
        class_balance=dataset["class_balance"],
        missing_fraction=dataset["missing_fraction"],
        image_size=tuple(size) if size else None,
        n_channels=dataset.get("n_channels"),
    )
