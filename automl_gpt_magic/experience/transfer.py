"""From similar datasets to one configuration and its predicted curve.

Everything is a mixture of the neighbours' recorded logs. The *effect* of a configuration is mixed with weights over
each neighbour's own spread, so that no dataset decides because its losses vary most; the *level* is mixed with the
similarity weights alone. The recommended configuration is the best of the candidates on exactly the curve that is
drawn, so the plot never contradicts the recommendation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.space import SearchSpace
from .bank import Bank
from .surrogate import Surrogate

Floats = NDArray[np.float64]

ROUND_CHOICES = (50, 75, 100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600)
_LEAST_SPREAD = 0.02  # of the log loss ratio; below it the configuration hardly matters


@dataclass(frozen=True)
class TransferSettings:
    """What `recording` fits by leaving one dataset out; see the calibration in the bank's json file."""

    n_neighbours: int = 8
    sharpness: float = 8.0
    text_share: float = 0.25
    lengths: tuple[float, ...] = (0.35, 0.6, 0.8, 1.2, 1.2, 1.0, 1.0, 0.8)
    noise: float = 0.02


@dataclass(frozen=True, eq=False)
class Prediction:
    """Relative curves of one configuration, each of shape (T,): natural log of loss ratios, and an error ratio."""

    valid: Floats
    train: Floats
    error: Floats


class Transfer:
    """The neighbours of one new dataset, and what follows from them.

    Parameters
    ----------
    bank : Bank
        Runs for the new dataset's task, D datasets.
    space : SearchSpace
    similarity : (D,) array
    settings : TransferSettings
    uniform : bool
        Take all datasets alike (the prior) instead of the nearest.
    """

    def __init__(
        self,
        bank: Bank,
        space: SearchSpace,
        similarity: Floats,
        settings: TransferSettings,
        *,
        uniform: bool = False,
    ) -> None:
        self._bank, self._space = bank, space
        self.order, self.weights = _neighbour_weights(similarity, settings, uniform)
        self._chosen_at = np.searchsorted(bank.rounds, ROUND_CHOICES)
        self._surrogate = Surrogate(bank, space, settings.lengths, settings.noise)
        self._valid = _Centred(bank.valid[self.order])
        self._train = _Centred(bank.train[self.order])
        self._error = _Centred(bank.error[self.order])
        self._effect = _effect_weights(self.weights, bank.valid[self.order][:, :, self._chosen_at])
        self._level = 1.0

    def recommend(self, fixed: Mapping[str, Any], most_rounds: int | None = None) -> dict[str, Any]:
        """Return the candidate with the best predicted loss, ``fixed`` values kept, and set the curves' level by it.

        Candidates are the recorded configurations, each with every choice of rounds (at most ``most_rounds``).
        """
        candidates = [{**self._recorded(index), **fixed} for index in range(len(self._bank.configurations))]
        rounds = self._round_choices(fixed, most_rounds)
        losses = np.einsum("d,dct->ct", self._effect, self._valid.at(self._surrogate.weights(candidates), rounds))
        best, at = np.unravel_index(np.argmin(losses), losses.shape)
        chosen = {**candidates[best], "n_estimators": int(self._bank.rounds[rounds[at]])}
        configuration = self._in_order({**chosen, **fixed})
        self._level = self._fit_level(configuration)
        return configuration

    def predict(self, configuration: Mapping[str, Any]) -> Prediction:
        """Return the relative curves for any configuration of the space, over all kept rounds."""
        weights = self._surrogate.weights([configuration])
        every = np.arange(len(self._bank.rounds))
        mixed = [
            self._level * np.einsum("d,dt->t", self._effect, curves.at(weights, every)[:, 0])
            for curves in (self._valid, self._train)
        ]
        error = np.einsum("d,dt->t", self.weights, self._error.at(weights, every)[:, 0])
        return Prediction(mixed[0], mixed[1], np.clip(error, 0.0, 1.5))

    def _fit_level(self, configuration: Mapping[str, Any]) -> float:
        """Return the factor that moves the effect's mixture to the level that the similarity weights give."""
        at = np.array(
            [np.searchsorted(self._bank.rounds, configuration["n_estimators"]).clip(max=len(self._bank.rounds) - 1)]
        )
        ends = self._valid.at(self._surrogate.weights([configuration]), at)[:, 0, 0]
        by_effect, by_similarity = self._effect @ ends, self.weights @ ends
        if by_effect >= -0.01 or by_similarity >= -0.01:
            return 1.0  # nothing is learned on the neighbours: there is no level to move
        return float(np.clip(by_similarity / by_effect, 0.25, 4.0))

    def _round_choices(self, fixed: Mapping[str, Any], most_rounds: int | None) -> NDArray[np.int64]:
        if "n_estimators" in fixed:
            return np.array(
                [min(np.searchsorted(self._bank.rounds, fixed["n_estimators"]), len(self._bank.rounds) - 1)]
            )
        allowed = [at for at in self._chosen_at if most_rounds is None or self._bank.rounds[at] <= most_rounds]
        return np.array(allowed or self._chosen_at[:1])

    def _recorded(self, index: int) -> dict[str, Any]:
        row = zip(self._bank.parameters, self._bank.configurations[index], strict=True)
        return {name: self._space[name].check(float(value)) for name, value in row}

    def _in_order(self, configuration: Mapping[str, Any]) -> dict[str, Any]:
        return {p.name: configuration.get(p.name, p.default) for p in self._space.parameters}

    def top_configurations(self, position: int, count: int = 8) -> list[dict[str, Any]]:
        """Return the ``count`` best recorded configurations of the neighbour at ``position`` in `order`."""
        losses = self._bank.valid[self.order[position]][:, self._chosen_at]
        best = np.argsort(losses.min(axis=1))[:count]
        rounds = self._bank.rounds[self._chosen_at[losses.argmin(axis=1)]]
        return [{**self._recorded(int(index)), "n_estimators": int(rounds[index])} for index in best]


class _Centred:
    """Curves of D neighbours under C configurations, split into their mean and the configurations' effects."""

    def __init__(self, curves: NDArray[np.float32]) -> None:
        self._mean = curves.mean(axis=1, dtype="float64")
        self._effects = curves - self._mean[:, None, :].astype("float32")

    def at(self, weights: Floats, rounds: NDArray[np.int64]) -> Floats:
        """Return values of shape (D, n, len(rounds)) for n surrogate weight vectors."""
        effects = np.einsum("nc,dct->dnt", weights, self._effects[:, :, rounds])
        return np.asarray(self._mean[:, None, rounds] + effects)


def _neighbour_weights(
    similarity: Floats, settings: TransferSettings, uniform: bool
) -> tuple[NDArray[np.int64], Floats]:
    if uniform:
        return np.argsort(-similarity), np.full(len(similarity), 1 / len(similarity))
    order = np.argsort(-similarity)[: settings.n_neighbours]
    weights = np.exp(settings.sharpness * (similarity[order] - similarity[order[0]]))
    return order, weights / weights.sum()


def _effect_weights(weights: Floats, losses: NDArray[np.float32]) -> Floats:
    """Divide each neighbour's weight by the spread of its recorded losses, shape (D, C, choices of rounds)."""
    spread = losses.mean(axis=(1, 2), dtype="float64") - losses.min(axis=(1, 2))
    scaled = weights / np.maximum(spread, _LEAST_SPREAD)
    return np.asarray(scaled / scaled.sum())


def regret(bank: Bank, dataset: int, configuration: Mapping[str, Any]) -> float:
    """Return how far a recorded configuration is from its dataset's best, as a share of the mean one's distance.

    0 is the best of everything recorded, 1 the mean.
    """
    at = np.searchsorted(bank.rounds, ROUND_CHOICES)
    losses = bank.valid[dataset][:, at].astype("float64")
    row = [configuration[name] for name in bank.parameters]
    index = int(np.flatnonzero(np.isclose(bank.configurations, row).all(axis=1))[0])
    here = bank.valid[dataset, index, np.searchsorted(bank.rounds, configuration["n_estimators"])]
    return float((here - losses.min()) / max(losses.mean() - losses.min(), _LEAST_SPREAD))
