"""What a worker process does for one dataset: ask for our recommendations, and train what was never trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from automl_gpt_magic.experience import Sample
from automl_gpt_magic.experience.bank import Bank
from automl_gpt_magic.experience.tried_models import tried_model
from automl_gpt_magic.records.card import REGRESSION

from .nested import without
from .ours import recommend, sample_of
from .references import Row, written
from .scores import Floats, excess
from .spaces import space_of
from .trained import Prepared, prepared, row_losses, train, whole_loss

CARD_ONLY, UNTRIED, DATA_AT_HAND = "ours, card only", "ours, landmarks alone", "ours, data at hand"

_T = TypeVar("_T")

_banks: dict[str, Any] = {}


@dataclass(frozen=True)
class Ours:
    """One of our recommendations, trained.

    ``excess`` is how far its test loss is above the library default's, ``noise`` the standard error of that,
    ``seconds`` what the recommendation took.
    """

    configuration: Mapping[str, Any]
    test: float
    excess: float
    noise: float
    seconds: float


@dataclass(frozen=True)
class Measured:
    """What a worker hands back: rows of new trainings, and our recommendations."""

    digest: str
    trained: list[Row]
    ours: dict[str, Ours] = field(default_factory=dict)


def lend(bank: Bank, calibrations: Sequence[Bank]) -> None:
    """Keep in this process the bank, and for each of its datasets a calibrated one that never saw it."""
    _banks.update(bank=bank, calibrations=calibrations)


def measure(family: str, key: str, missing: Sequence[Mapping[str, Any]]) -> Measured:
    """Train the ``missing`` configurations and our recommendations on a dataset."""
    space, data = space_of(family), prepared(family, key)
    trained = [[*space.row(one), *written(train(data, one))] for one in missing]
    measured = Measured(data.digest, trained)
    rest = _rest(key)
    default = row_losses(data, space.default)[0][1]
    sample, taken = _timed(lambda: sample_of(data.at_hand, data.card, data.table))
    for arm in (CARD_ONLY, *((UNTRIED,) if tried_model(family) else ()), DATA_AT_HAND):
        configuration, seconds = _timed(partial(_recommended, arm, space.family, data, sample, rest))
        seconds += 0 if arm == CARD_ONLY else taken
        measured.ours[arm] = _ours(data, configuration, default, seconds)
    return measured


def _rest(key: str) -> Bank:
    bank: Bank = _banks["bank"]
    index = [one["key"] for one in bank.datasets].index(key)
    return without(bank, index, _banks["calibrations"][index])


def _timed(work: Callable[[], _T]) -> tuple[_T, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def _recommended(arm: str, family: str, data: Prepared, sample: Sample | None, rest: Bank) -> dict[str, Any]:
    if arm == CARD_ONLY:
        return recommend(family, data.card, None, None, rest)
    return recommend(family, data.card, data.table, sample, rest, tried=arm == DATA_AT_HAND)


def _ours(data: Prepared, configuration: Mapping[str, Any], default: Floats, seconds: float) -> Ours:
    rows = row_losses(data, configuration)[0][1]
    above, noise = excess(rows, default, squared=data.card.task == REGRESSION)
    return Ours(configuration, whole_loss(rows, data.card.task), above, noise, seconds)
