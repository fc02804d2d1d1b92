"""What is said of a family that no run was recorded of, but whose model others published results with.

The configuration is that of the published recipe nearest to the card, for the hyperparameters that it names. The
predicted log of the published metric ends at the published result. Its band stands on two feet:

* On the dataset of the recipe, the 80% and 95% intervals are those for one more result drawn like the published ones of
  the same task, dataset and metric: the anchor ± t · s · √(1 + 1/n), with s their standard deviation and t Student's
  quantile for n - 1 degrees of freedom. They differ by model and recipe, and so the band says how far off another way
  of training is; it knows nothing of a bug, or of weights that are not pretrained.
* On another dataset, or on a small sample of the same one, nothing published tells how the result carries over. The 80%
  interval then goes from 0 to the best that there is, and the anchor is only its middle.

How the metric rises to its end is how the accuracy of recorded vision transformers rose, by the share of the training
that was done: the median of the recorded image datasets, and in the band the 80% of them in the middle.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import nan, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ParameterError
from ..records.card import DETECTION, RETRIEVAL, DataCard
from ..records.curve import Curve, quantiles_within
from ..records.evidence import Evidence, Forecast
from ..records.metric import METRICS, label_of, metric_named
from ..records.space import SearchSpace, StepLimit
from .bank import load_bank
from .published import Recipe, is_of, load_recipes, recipes_for

Floats = NDArray[np.float64]

_SHOWN_STEPS = 40
_SHAPE = "vit"
_DEFAULT = 0
_QUANTILES = (0.1, 0.5, 0.9)
_UPPER = 0.9
# The training part of every published benchmark of these tasks holds more: a card of its name over fewer rows is a
# sample of it.
_FEWEST_ROWS = 10_000
_DROP = re.compile(r"divided by 10 after epochs? (\d+)")
_PERCENT = 100


def anchoring(card: DataCard, model_name: str) -> Recipe | None:
    """Return the published recipe of a model that is nearest to the card, with a result in a metric of its task.

    None where there is none, and for tasks whose runs were recorded, of other families at least.
    """
    if card.task not in (DETECTION, RETRIEVAL):
        return None
    fitting = recipes_for(card, model_name, limit=len(load_recipes()))
    return next((one for one in fitting if is_of(one, model_name) and _metric_of(one, card.task)), None)


class Anchored:
    """The same as `Advice` without a run of the family, from a published recipe.

    Parameters
    ----------
    card : DataCard
    recipe : Recipe
        As `anchoring` returns it.
    space : SearchSpace
    fixed : mapping
        Values that the user's model card sets.
    rounds : str
        The hyperparameter that counts the steps of a training.
    most_steps : StepLimit or None
        The most steps that a training may take, if the request says so.
    """

    def __init__(
        self,
        card: DataCard,
        recipe: Recipe,
        space: SearchSpace,
        fixed: Mapping[str, Any],
        rounds: str,
        *,
        most_steps: StepLimit | None = None,
    ) -> None:
        self._recipe, self._rounds = recipe, rounds
        self._metric = _metric_of(recipe, card.task)
        self._is_its_dataset = _is_dataset_of(recipe, card)
        named = _values_in(space, recipe)
        self._published_steps = int({**space.default, **named}.get(rounds, 1))
        usual = {**space.default, **named}
        allowed = most_steps.cut(usual) if most_steps else usual
        kept = {name for name in named if name not in fixed and allowed[name] == named[name]}
        self.evidence = Evidence(
            (),
            {**allowed, **fixed},
            {name: self._reason() for name in named if name in kept},
            False,
            0.0,
            0,
            0,
            note=f"No run of {space.family} was recorded. {self._said()}",
            from_published=bool(kept),
        )

    def forecast(self, configuration: Mapping[str, Any]) -> Forecast:
        """Return the log of the published metric for as many steps as ``configuration`` says; its time is not known."""
        n_steps = int(configuration.get(self._rounds, 1))
        steps = np.unique(np.geomspace(1, n_steps, _SHOWN_STEPS).round().astype("int64"))
        slow, usual, quick = _rise(steps / self._published_steps)
        low, high = self._ends()
        if not self._is_its_dataset:
            quick = np.ones_like(quick)  # nor does anything published tell how soon the best is reached elsewhere
        quantiles = quantiles_within(low * slow, self._anchor * usual, high * quick)
        curve = Curve(self._metric, steps, self._anchor * usual, quantiles=np.clip(quantiles, 0, self._best))
        return Forecast({self._metric: curve}, nan, note=self._said())

    @property
    def _anchor(self) -> float:
        return _result_of(self._recipe)

    @property
    def _best(self) -> float:
        return METRICS[self._metric].highest

    def _ends(self) -> tuple[float, float]:
        """Return the ends of the 80% interval of the result."""
        if not self._is_its_dataset:
            return METRICS[self._metric].lowest, self._best
        half = half_width(published_results(self._recipe))
        return self._anchor - half, self._anchor + half

    def _reason(self) -> str:
        source = self._recipe.source
        return f"published: {source.authors} {source.year} ({source.url}), {source.where}; {self._result()}"

    def _result(self) -> str:
        recipe = self._recipe
        epochs = recipe.configuration.get("epochs")
        after = f" after {epochs} epochs" if epochs else ""
        return f"{recipe.metric} {recipe.value:g}{recipe.unit} on {recipe.dataset}{after}"

    def _said(self) -> str:
        recipe, label = self._recipe, label_of(self._metric)
        first = f"The {label} is anchored at a published result, {recipe.model}: {self._result()}."
        if self._is_its_dataset:
            n_results = len(published_results(recipe))
            return f"{first} The band is the spread of {n_results} published results on {recipe.dataset}."
        return (
            f"{first} This is another dataset or another scale, and nothing published tells how the result carries "
            "over: the band goes from nothing to the best there is. Train to know."
        )


def published_results(recipe: Recipe) -> tuple[float, ...]:
    """Return the published results of the same task, dataset and metric, as shares of 1 where they are percentages."""
    alike = (
        one
        for one in load_recipes()
        if (one.task, one.dataset, one.metric) == (recipe.task, recipe.dataset, recipe.metric)
    )
    return tuple(map(_result_of, alike))


def half_width(results: Sequence[float]) -> float:
    """Return half the 80% interval for one more result drawn like these; the whole scale where there is only one."""
    from scipy.special import stdtrit

    n_results = len(results)
    if n_results < 2:
        return 1.0
    spread = float(np.std(results, ddof=1))
    return float(stdtrit(n_results - 1, _UPPER)) * spread * sqrt(1 + 1 / n_results)


def _values_in(space: SearchSpace, recipe: Recipe) -> dict[str, Any]:
    """Return the recipe's values of the space's hyperparameters, as far as they are allowed."""
    found: dict[str, Any] = {}
    drop = _DROP.search(str(recipe.configuration.get("schedule", "")))
    named = {**({"drop_epoch": int(drop[1])} if drop else {}), **recipe.configuration}
    for name, value in named.items():
        try:
            found[name] = space[name].check(value)
        except ParameterError:  # the space has no such hyperparameter, or the value is words
            continue
    return found


def _metric_of(recipe: Recipe, task: str) -> str:
    """Return our name of the metric that a recipe's result is in; empty where it is not one of the task."""
    try:
        metric = metric_named(recipe.metric)
    except ValueError:
        return ""
    return metric.name if task in metric.tasks else ""


def _result_of(recipe: Recipe) -> float:
    return recipe.value / _PERCENT if recipe.unit == "%" else recipe.value


def _is_dataset_of(recipe: Recipe, card: DataCard) -> bool:
    """Tell whether the card is of the recipe's dataset, by its name, and not of a small sample of it."""
    theirs, named = (set(re.findall(r"[a-z]+", name.lower())) for name in (recipe.dataset, card.name))
    is_named = bool(theirs) and theirs <= named and 2 * len(theirs) >= len(named)
    return is_named and (card.n_rows is None or card.n_rows >= _FEWEST_ROWS)


def _rise(progress: Floats) -> Floats:
    """Return the share of the final result that is reached by rising shares of the training, (3, n)."""
    bank = load_bank(_SHAPE)
    reached = 1 - bank.error[:, _DEFAULT].astype("float64")
    shares = np.concatenate([np.zeros((len(reached), 1)), reached / reached[:, -1:]], axis=1)
    at = np.concatenate([[0.0], bank.rounds / bank.rounds[-1]])
    each = np.array([np.interp(progress, at, one) for one in shares])
    return np.maximum.accumulate(np.clip(np.quantile(each, _QUANTILES, axis=0), 0, 1), axis=1)
