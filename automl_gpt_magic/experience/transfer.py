"""From similar datasets to one configuration and its predicted curve.

Everything is a mixture of recorded logs, with the weights that a forest gives the recorded datasets. The *effect* of a
configuration is mixed on each dataset's own scale, on which 0 is the best that was recorded and 1 the mean, so that
none decides because its losses vary most; beyond the mean, the logarithm is mixed, so that none decides because a few
configurations went badly wrong. To it comes the logarithm of the loss over that of the library's default: where nearly
everything can be learned, half the loss is a small part of the scale, and still half the loss. Effects are turned into
losses, and all curves together are moved to the *level* that is mixed apart (`level`), by the same after every step at
which a recommended training may end: the recommended configuration is the best of the candidates on exactly the curve
that is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..records.space import SearchSpace
from .bank import Bank
from .level import Level, compressed, expanded
from .surrogate import Surrogate

Floats = NDArray[np.float64]

_COLUMNS = "colsample_bytree"
_LEAST_COLUMNS = 2  # a recommended tree sees, where there are as many: one column has no interactions
_LEAST_SPREAD = 0.002  # of the loss ratio; below it the configuration hardly matters
_BEYOND = 0.2  # how much a step beyond the mean counts, in units of the logarithm
_LEAST_LOSS = 1e-4
_MOST_ERROR = 1.5
_LOSSES = np.geomspace(_LEAST_LOSS, 60, 2_000)  # steps of 0.7%, between which is interpolated


@dataclass(frozen=True)
class TransferSettings:
    """What `recording` fits by leaving one dataset out; see the calibration in the bank's json file.

    Attributes
    ----------
    n_neighbours : int
        How many of the recorded datasets count, those with the largest weights.
    text_share, prior_share : float
        How much of the weights goes by the cards' texts, and how much to all datasets alike; the rest by the forest.
    shares : sequence of float
        How much each parameter matters between recorded configurations.
    noise : float
        Variance of a recorded value over that of the signal.
    """

    n_neighbours: int
    text_share: float
    prior_share: float
    shares: tuple[float, ...]
    noise: float = 0.005


@dataclass(frozen=True, eq=False)
class Prediction:
    """Relative curves of one configuration, each of shape (T,): 1 is knowing nothing, 0 everything.

    ``signs``, (3, T), tell how sure they are: how far the level's datasets lie apart, how large the loss is, and how
    far from the configurations' mean.
    """

    valid: Floats
    train: Floats
    error: Floats
    signs: Floats


@dataclass(frozen=True, eq=False)
class Scale:
    """What effects are in losses on each of D datasets, shape (D,).

    ``best`` is the best loss, ``spread`` the mean one's distance to it, ``default`` the loss of the library's default.
    """

    best: Floats
    spread: Floats
    default: Floats


class Transfer:
    """The neighbours of one new dataset, and what follows from them.

    Parameters
    ----------
    bank : Bank
        Runs for the new dataset's task, D datasets.
    space : SearchSpace
    weights : (D,) array
        Shares of 1.
    settings : TransferSettings
    level : Level
        Of the new dataset.
    landmark : float or None
        The last of the new dataset's `landmarks`.
    n_features : int or None
        Of the new dataset: a recommended share of them is one of whole columns.
    """

    def __init__(
        self,
        bank: Bank,
        space: SearchSpace,
        weights: Floats,
        settings: TransferSettings,
        level: Level,
        landmark: float | None = None,
        n_features: int | None = None,
    ) -> None:
        self._space, self._n_features = space, n_features
        self.order = np.argsort(-weights, kind="stable")[: settings.n_neighbours]
        self.weights = weights[self.order] / weights[self.order].sum()
        self._bank = near = bank.subset(self.order)
        self._chosen_at = bank.offered
        self._surrogate = Surrogate(bank, space, settings.shares, settings.noise)
        self._scale = scale = scale_of(near)
        self._effect = _Mixture(_effect(near.valid, scale), self.weights)
        parts = (scale.best, scale.spread, scale.default)
        recorded = np.exp(self.weights @ np.log(scale.best))
        best = recorded if landmark is None else _best(near, scale, self.weights, landmark)
        own = Scale(*(np.exp([self.weights @ np.log(part / scale.best)]) * best for part in parts))
        self._effects_of_losses = _effect(_LOSSES[None, :, None], own).ravel()
        self._level = level

    def recommend(self, fixed: Mapping[str, Any], most_rounds: int | None = None) -> dict[str, Any]:
        """Return the candidate with the best predicted loss, ``fixed`` values kept.

        Candidates are the recorded configurations, each with every choice of rounds (at most ``most_rounds``).
        """
        return self.candidates(fixed, most_rounds, 1)[0]

    def candidates(self, fixed: Mapping[str, Any], most_rounds: int | None, count: int) -> list[dict[str, Any]]:
        """Return up to ``count`` candidates, the best predicted one first, each next to hedge against those before.

        The next is the one with which the best of them is expected to be best, where the new dataset is like one of
        the recorded ones, with the chance that their weights say (greedy submodular maximisation: Nemhauser, Wolsey
        and Fisher 1978; portfolios of configurations: Xu, Hoos and Leyton-Brown 2010).
        """
        recorded = (self._recorded(index) for index in range(len(self._bank.configurations)))
        configurations = [{**self._of_whole_columns(one, _LEAST_COLUMNS), **fixed} for one in recorded]
        rounds = self._round_choices(fixed, most_rounds)
        weights = self._surrogate.weights(configurations)
        chosen = [int(np.argmin(self._effect.at(weights, rounds)))]
        if count > 1:
            chosen = _hedged(chosen[0], self._effects_on_each(weights, rounds), self.weights, count)
        found = []
        for one, at in (divmod(place, len(rounds)) for place in chosen):
            steps = {self._bank.step_name: int(self._bank.rounds[rounds[at]])}
            found.append(self._in_order({**configurations[one], **steps, **fixed}))
        return [one for place, one in enumerate(found) if one not in found[:place]]

    def _effects_on_each(self, weights: Floats, rounds: NDArray[np.int64]) -> Floats:
        """Return the effects of n configurations' weight vectors (n, C) on each dataset, (D, n * len(rounds))."""
        effects = _effect(self._bank.valid[:, :, rounds], self._scale)
        mean = effects.mean(axis=1, keepdims=True)
        each = mean + np.einsum("nc,dcr->dnr", weights, effects - mean, optimize=True)
        return np.asarray(each.reshape(len(effects), -1))

    def predict(self, configuration: Mapping[str, Any]) -> Prediction:
        """Return the relative curves for any configuration of the space, over all kept rounds."""
        weights = self._surrogate.weights([self._of_whole_columns(configuration)])
        every = np.arange(len(self._bank.rounds))
        effect, gap, error = (mixture.at(weights, every)[0] for mixture in (self._effect, self._gap, self._error))
        height = compressed(self._losses(effect)) + self._move
        valid = expanded(height)
        signs = np.array([self._level.spread, valid, height - self._level.middle])
        return Prediction(valid, expanded(height - gap), np.minimum(expanded(height + error), _MOST_ERROR), signs)

    @cached_property
    def _gap(self) -> _Mixture:
        return _Mixture(compressed(self._bank.valid) - compressed(self._bank.train), self.weights)

    @cached_property
    def _error(self) -> _Mixture:
        return _Mixture(compressed(self._bank.error) - compressed(self._bank.valid), self.weights)

    @cached_property
    def _move(self) -> Floats:
        """From the mean of all configurations' curves to the level, (T,)."""
        mean = compressed(self._losses(self._effect.every)).mean(axis=0)
        return _steady(self._level.middle - mean, self._bank)

    def _losses(self, effects: Floats) -> Floats:
        """Return what effects are in losses, before they are moved to the level."""
        return np.asarray(np.interp(effects, self._effects_of_losses, _LOSSES))

    def losses(self, configurations: Sequence[Mapping[str, Any]]) -> Floats:
        """Return the relative loss after the last step of each of n configurations, (n,)."""
        last = [self._nearest_round(one[self._bank.step_name])[0] for one in configurations]
        weights = self._surrogate.weights([self._of_whole_columns(one) for one in configurations])
        after = np.array(last, dtype="int64")
        return expanded(compressed(self._losses(self._effect.after(weights, after))) + self._move[after])

    def _round_choices(self, fixed: Mapping[str, Any], most_rounds: int | None) -> NDArray[np.int64]:
        if self._bank.step_name in fixed:
            return self._nearest_round(fixed[self._bank.step_name])
        if most_rounds is None:
            return self._chosen_at
        allowed = self._chosen_at[self._bank.rounds[self._chosen_at] <= most_rounds]
        return allowed if len(allowed) else self._nearest_round(most_rounds)

    def _nearest_round(self, n_steps: int) -> NDArray[np.int64]:
        return np.array([min(np.searchsorted(self._bank.rounds, n_steps), len(self._bank.rounds) - 1)])

    def _recorded(self, index: int) -> dict[str, Any]:
        row = zip(self._bank.parameters, self._bank.configurations[index], strict=True)
        return {name: self._space[name].check(float(value)) for name, value in row}

    def _of_whole_columns(self, configuration: Mapping[str, Any], least: int = 1) -> dict[str, Any]:
        """Return the configuration with the nearest share that is a number of whole columns, ``least`` if there are.

        XGBoost rounds down: of two columns, 0.9 would be one.
        """
        share, n = configuration.get(_COLUMNS), self._n_features
        if share is None or not n:
            return {**configuration}
        n_columns = max(round(share * n), math.ceil(self._space[_COLUMNS].low * n), min(least, n))
        return {**configuration, _COLUMNS: min(1.0, math.ceil(n_columns / n * 1e4) / 1e4)}

    def _in_order(self, configuration: Mapping[str, Any]) -> dict[str, Any]:
        return {p.name: configuration.get(p.name, p.default) for p in self._space.parameters}

    def top_configurations(self, position: int, count: int = 8) -> list[dict[str, Any]]:
        """Return the ``count`` best recorded configurations of the neighbour at ``position`` in `order`."""
        return [
            {**self._recorded(index), self._bank.step_name: int(self._bank.rounds[last])}
            for index, last in self.top_runs(position, count)
        ]

    def top_runs(self, position: int, count: int) -> list[tuple[int, int]]:
        """Return the same as indices: of the configuration, and of its last round in the bank's rounds."""
        losses = self._bank.valid[position][:, self._chosen_at]
        best = np.argsort(losses.min(axis=1))[:count]
        return [(int(index), int(self._chosen_at[losses[index].argmin()])) for index in best]


def effects(bank: Bank) -> Floats:
    """Return how good each configuration is after each choice of rounds, (D, C, choices), as `Transfer` mixes it."""
    return _effect(bank.valid[:, :, bank.offered], scale_of(bank))


def scale_of(bank: Bank) -> Scale:
    """Return each dataset's scale of effects, from the configurations after every choice of rounds."""
    losses = bank.valid[:, :, bank.offered].astype("float64")
    best = losses.min(axis=(1, 2))
    # A configuration that went badly wrong says nothing of what a usual one loses.
    mean = np.minimum(losses, np.quantile(losses, 0.9, axis=(1, 2), keepdims=True)).mean(axis=(1, 2))
    default = bank.valid[:, 0, bank.offered].astype("float64").min(axis=1)
    return Scale(*(np.maximum(part, _LEAST_LOSS) for part in (best, np.maximum(mean - best, _LEAST_SPREAD), default)))


class _Mixture:
    """The weighted sum of D datasets' curves (D, C, T), as its mean over configurations and their effects on it."""

    def __init__(self, curves: NDArray[Any], weights: Floats) -> None:
        self.every = np.tensordot(weights, curves, axes=1)
        self._mean = self.every.mean(axis=0)
        self._effects = self.every - self._mean

    def at(self, weights: Floats, rounds: NDArray[np.int64]) -> Floats:
        """Return values of shape (n, len(rounds)) for n surrogate weight vectors (n, C)."""
        return np.asarray(self._mean[rounds] + weights @ self._effects[:, rounds])

    def after(self, weights: Floats, last: NDArray[np.int64]) -> Floats:
        """Return one value for each of n weight vectors (n, C), after its own ``last`` place, shape (n,)."""
        return np.asarray(self._mean[last] + np.einsum("nc,nc->n", weights, self._effects[:, last].T))


def _effect(losses: NDArray[Any], scale: Scale) -> Floats:
    """Return the effects of losses (D, C, T); they rise with the losses."""
    best, spread, default = (part[:, None, None] for part in (scale.best, scale.spread, scale.default))
    relative = (losses - best) / spread
    squashed = np.where(relative > 1, 1 + _BEYOND * np.log(np.maximum(relative, 1)), relative)
    return np.asarray(squashed + np.clip(np.log(np.maximum(losses, _LEAST_LOSS) / default), -1, 1))


def _hedged(first: int, effects: Floats, weights: Floats, count: int) -> list[int]:
    """Return ``count`` places among n effects on each of D datasets, (D, n), the next lowering the best one's most."""
    chosen, best = [first], effects[:, first]
    while len(chosen) < count:
        chosen.append(int(np.argmin(weights @ np.minimum(best[:, None], effects))))
        best = np.minimum(best, effects[:, chosen[-1]])
    return chosen


def _steady(move: Floats, bank: Bank) -> Floats:
    """Return moves, (T,), that are all alike from the first step on at which a recommended training may end."""
    first = bank.offered[0]
    alike = move[first:].mean()
    share = np.log(bank.rounds[: first + 1]) / max(np.log(bank.rounds[first]), 1e-9)  # nowhere a jump
    return np.concatenate([move[:first] + share[:first] * (alike - move[first]), np.full(len(move) - first, alike)])


def _best(near: Bank, scale: Scale, weights: Floats, landmark: float) -> float:
    """Return the best loss to expect where the default's best round has the loss ``landmark``."""
    gained = np.log(scale.best) - np.log(np.maximum(near.landmarks[:, -1], _LEAST_LOSS))
    return float(max(landmark, _LEAST_LOSS) * np.exp(weights @ gained))
