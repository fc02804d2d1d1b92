"""From similar datasets to one configuration and its predicted curve.

Everything is a mixture of recorded logs, each loss as its ratio to knowing nothing. The *effect* of a configuration is
mixed with weights over each dataset's own spread, so that none decides because its losses vary most; the *level* is
mixed with the similarity weights alone. The recommended configuration is the best of the candidates on exactly the
curve that is drawn, so the plot never contradicts the recommendation.
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
_LEAST_SPREAD = 0.02  # of the loss ratio; below it the configuration hardly matters


@dataclass(frozen=True)
class TransferSettings:
    """What `recording` fits by leaving one dataset out; see the calibration in the bank's json file.

    ``prior_share`` of the say in a configuration's effect goes to all datasets alike, the rest to the neighbours.
    """

    n_neighbours: int = 8
    sharpness: float = 8.0
    text_share: float = 0.25
    prior_share: float = 0.5
    lengths: tuple[float, ...] = (0.35, 0.6, 0.8, 1.2, 1.2, 1.0, 1.0, 0.8)
    noise: float = 0.02


@dataclass(frozen=True, eq=False)
class Prediction:
    """Relative curves of one configuration, each of shape (T,): 1 is knowing nothing, 0 everything."""

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
        alike = np.zeros(len(similarity))
        alike[self.order] = self.weights
        effect = _effect_weights(alike, bank.valid[:, :, self._chosen_at], settings.prior_share)
        self._by_effect = _Mixture(bank.valid, effect)
        self._by_likeness = _Mixture(bank.valid, alike)
        self._train = _Mixture(bank.train, effect)
        self._error = _Mixture(bank.error, alike)
        self._stretch = 1.0

    def recommend(self, fixed: Mapping[str, Any], most_rounds: int | None = None) -> dict[str, Any]:
        """Return the candidate with the best predicted loss, ``fixed`` values kept, and set the curves' level by it.

        Candidates are the recorded configurations, each with every choice of rounds (at most ``most_rounds``).
        """
        candidates = [{**self._recorded(index), **fixed} for index in range(len(self._bank.configurations))]
        rounds = self._round_choices(fixed, most_rounds)
        losses = self._by_effect.at(self._surrogate.weights(candidates), rounds)
        best, at = np.unravel_index(np.argmin(losses), losses.shape)
        chosen = {**candidates[best], "n_estimators": int(self._bank.rounds[rounds[at]])}
        configuration = self._in_order({**chosen, **fixed})
        self._stretch = self._fit_level(configuration)
        return configuration

    def predict(self, configuration: Mapping[str, Any]) -> Prediction:
        """Return the relative curves for any configuration of the space, over all kept rounds."""
        weights, every = self._surrogate.weights([configuration]), np.arange(len(self._bank.rounds))
        valid, train, error = (mixture.at(weights, every)[0] for mixture in (self._by_effect, self._train, self._error))
        return Prediction(self._at_level(valid), self._at_level(train), np.clip(error, 0.0, 1.5))

    def _at_level(self, ratios: Floats) -> Floats:
        """Stretch what is learned, 1 - ratio, to the fitted level; the order of configurations stays."""
        return np.maximum(1 - self._stretch * (1 - ratios), 1e-4)

    def _fit_level(self, configuration: Mapping[str, Any]) -> float:
        """Return the factor between what is learned by the likeness mixture and by the effect mixture."""
        weights, at = self._surrogate.weights([configuration]), self._nearest_round(configuration["n_estimators"])
        by_effect, by_likeness = (1 - mixture.at(weights, at)[0, 0] for mixture in (self._by_effect, self._by_likeness))
        if min(by_effect, by_likeness) <= 0.01:
            return 1.0  # nothing is learned on the neighbours: there is no level to move
        return float(np.clip(by_likeness / by_effect, 0.25, 4.0))

    def _nearest_round(self, n_estimators: int) -> NDArray[np.int64]:
        return np.array([min(np.searchsorted(self._bank.rounds, n_estimators), len(self._bank.rounds) - 1)])

    def _round_choices(self, fixed: Mapping[str, Any], most_rounds: int | None) -> NDArray[np.int64]:
        if "n_estimators" in fixed:
            return self._nearest_round(fixed["n_estimators"])
        if most_rounds is None:
            return self._chosen_at
        allowed = self._chosen_at[self._bank.rounds[self._chosen_at] <= most_rounds]
        return allowed if len(allowed) else self._nearest_round(most_rounds)

    def _recorded(self, index: int) -> dict[str, Any]:
        row = zip(self._bank.parameters, self._bank.configurations[index], strict=True)
        return {name: self._space[name].check(float(value)) for name, value in row}

    def _in_order(self, configuration: Mapping[str, Any]) -> dict[str, Any]:
        return {p.name: configuration.get(p.name, p.default) for p in self._space.parameters}

    def top_configurations(self, position: int, count: int = 8) -> list[dict[str, Any]]:
        """Return the ``count`` best recorded configurations of the neighbour at ``position`` in `order`."""
        return [
            {**self._recorded(index), "n_estimators": int(self._bank.rounds[last])}
            for index, last in self.top_runs(position, count)
        ]

    def top_runs(self, position: int, count: int) -> list[tuple[int, int]]:
        """Return the same as indices: of the configuration, and of its last round in the bank's rounds."""
        losses = self._bank.valid[self.order[position]][:, self._chosen_at]
        best = np.argsort(losses.min(axis=1))[:count]
        return [(int(index), int(self._chosen_at[losses[index].argmin()])) for index in best]


class _Mixture:
    """The weighted sum of D datasets' curves (D, C, T), as its mean over configurations and their effects on it."""

    def __init__(self, curves: NDArray[np.float32], weights: Floats) -> None:
        mixed = np.tensordot(weights, curves, axes=1)
        self._mean = mixed.mean(axis=0)
        self._effects = mixed - self._mean

    def at(self, weights: Floats, rounds: NDArray[np.int64]) -> Floats:
        """Return values of shape (n, len(rounds)) for n surrogate weight vectors (n, C)."""
        return np.asarray(self._mean[rounds] + weights @ self._effects[:, rounds])


def _neighbour_weights(
    similarity: Floats, settings: TransferSettings, uniform: bool
) -> tuple[NDArray[np.int64], Floats]:
    if uniform:
        return np.argsort(-similarity), np.full(len(similarity), 1 / len(similarity))
    order = np.argsort(-similarity)[: settings.n_neighbours]
    weights = np.exp(settings.sharpness * (similarity[order] - similarity[order[0]]))
    return order, weights / weights.sum()


def _effect_weights(alike: Floats, losses: NDArray[np.float32], prior_share: float) -> Floats:
    """Divide each dataset's weight by the spread of its recorded losses, shape (D, C, choices of rounds)."""
    spread = losses.mean(axis=(1, 2), dtype="float64") - losses.min(axis=(1, 2))
    scaled = ((1 - prior_share) * alike + prior_share / len(alike)) / np.maximum(spread, _LEAST_SPREAD)
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
