"""The cell that trains and scores on many splits instead of one, by class, group or time as the data is split."""

from __future__ import annotations

from string import Template

from ...records.card import DataCard
from ...records.table import TableProfile
from .source import comment

_FOLDS, _REPEATS = 5, 3

_CLASSES = Template('''\
def ${n}_splits(rows, repeats):
    """Return the places of the rows to train on and to score: $k folds of equal class shares, `repeats` times."""
    folds = RepeatedStratifiedKFold(n_splits=$k, n_repeats=repeats, random_state=0)
    return list(folds.split(rows, ${n}_target(rows)))''')
_NUMBERS = Template('''\
def ${n}_splits(rows, repeats):
    """Return the places of the rows to train on and to score: $k folds, `repeats` times."""
    return list(RepeatedKFold(n_splits=$k, n_repeats=repeats, random_state=0).split(rows))''')
_GROUPS_OF_CLASSES = Template('''\
def ${n}_splits(rows, repeats):
    """Return the places of the rows to train on and to score: $k folds, no group in both, `repeats` times."""
    groups, target = rows[$column].factorize(use_na_sentinel=False)[0], ${n}_target(rows)
    folds = [StratifiedGroupKFold(n_splits=$k, shuffle=True, random_state=seed) for seed in range(repeats)]
    return ${n}_complete([split for each in folds for split in each.split(rows, target, groups)], target)''')
_GROUPS = Template('''\
def ${n}_splits(rows, repeats):
    """Return the places of the rows to train on and to score: no group in both, $k times `repeats` draws."""
    groups = rows[$column].factorize(use_na_sentinel=False)[0]
    draws = GroupShuffleSplit(n_splits=$k * repeats, test_size=1 / $k, random_state=0)
    return list(draws.split(rows, groups=groups))''')
_TIMES = Template('''\
def ${n}_splits(rows):
    """Return the places of the rows to train on, and of those after them to score; equal times stay together."""
    times = $when.rank(method='dense').to_numpy() - 1
    folds = TimeSeriesSplit(n_splits=$k).split(np.arange(int(np.nanmax(times)) + 1))
    splits = [(np.flatnonzero(np.isin(times, early)), np.flatnonzero(np.isin(times, late))) for early, late in folds]
    return $splits''')
_COMPLETE = Template('''\


def ${n}_complete(splits, target):
    """Return the splits that have every class among the rows to train on, and rows to score."""
    wanted = len(${n}_classes)
    kept = [split for split in splits if len(split[1]) and len(np.unique(target[split[0]])) == wanted]
    if not kept:
        raise ValueError('no split has every class among the rows to train on')
    return kept''')
_CELL = Template('''\
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import $splitter


$splits


def ${n}_cross_validate(splits):
    """Train anew on each split, preprocessing included, and return the scores of the rows that were left out."""
    scores = []
    for fitted, scored in splits:
        train, left_out = ${n}_rows.iloc[fitted], ${n}_rows.iloc[scored]
        model = clone(${n}_model).fit(train, ${n}_target(train))
        scores.append(${n}_scores(model, left_out, ${n}_target(left_out)))
    return pd.DataFrame(scores)


def ${n}_draw_folds(folds, one_split):
    """Draw each metric's scores, and the one split's beside them."""
    figure, axes = plt.subplots(1, folds.shape[1], figsize=(3 * folds.shape[1], 3), squeeze=False, layout='constrained')
    for axis, metric in zip(axes[0], folds):
        axis.boxplot(folds[metric].dropna(), widths=0.5, showfliers=False)
        axis.plot(np.linspace(0.85, 1.15, len(folds)), folds[metric], 'o', alpha=0.5)
        axis.axhline(one_split[metric], color='tab:orange', linestyle='--', label='the one split')
        axis.set_title(metric)
        axis.set_xticks([])
    axes[0, 0].legend()
    plt.show()


${n}_folds = ${n}_cross_validate(${n}_splits(${n}_rows$repeats))
print(f'{len(${n}_folds)} trainings, each scored on rows that it did not see; the deviation is their spread')
print(pd.DataFrame({'mean': ${n}_folds.mean(), 'deviation': ${n}_folds.std(), 'one split': ${n}_valid_scores}).round(4))
${n}_draw_folds(${n}_folds, ${n}_valid_scores)
import automl_gpt_magic; automl_gpt_magic.spread($name, ${n}_hyperparameters, ${n}_folds.to_dict('list'))  # optional: \
shows the spread in the panel''')


def can_be_folded(card: DataCard, table: TableProfile) -> bool:
    """Return whether there is enough to make at least two splits of."""
    return n_folds(card, table) > 1


def n_folds(card: DataCard, table: TableProfile, share: float = 1.0) -> int:
    """Return how many folds a share of the rows can be split into."""
    distinct = table.split_by.n_unique if table.split_by else 0
    if card.split.time:
        most = distinct - 1
    elif card.split.group:
        most = int(distinct * share)
    else:
        most = int(max(table.class_counts, default=table.n_rows) * share)
    return min(_FOLDS, most)


def cross_validation_cell(names: str, card: DataCard, table: TableProfile) -> str:
    """Return the source of repeated cross-validation, or of a walk through time where the card splits by it."""
    k = n_folds(card, table)
    how = f"{k} windows, each scored on what came after" if card.split.time else f"{k} folds, {_REPEATS} times"
    body = _CELL.substitute(
        n=names,
        name=repr(names),
        splitter=splitter(card),
        splits=splits_function(names, card, table, k),
        repeats="" if card.split.time else f", repeats={_REPEATS}",
    )
    return f"{comment(f'Cross-validation: {card.name}, {how}; every one is a training.')}\n{body}"


def splitter(card: DataCard) -> str:
    """Return the class of scikit-learn that `splits_function` needs."""
    if card.split.time:
        return "TimeSeriesSplit"
    if card.split.group:
        return "StratifiedGroupKFold" if card.is_classification else "GroupShuffleSplit"
    return "RepeatedStratifiedKFold" if card.is_classification else "RepeatedKFold"


def splits_function(names: str, card: DataCard, table: TableProfile, k: int) -> str:
    """Return the source of ``{names}_splits(rows, repeats)``; by time it takes rows alone."""
    complete = _COMPLETE.substitute(n=names) if card.is_classification else ""
    if card.split.time:
        column = f"rows[{card.split.time!r}]"
        is_number = table.split_by is not None and table.split_by.kind == "numeric"
        when = column if is_number else f"pd.to_datetime({column}, utc=True)"
        splits = f"{names}_complete(splits, {names}_target(rows))" if complete else "splits"
        return _TIMES.substitute(n=names, k=k, when=when, splits=splits) + complete
    if card.split.group:
        template = _GROUPS_OF_CLASSES if complete else _GROUPS
        return template.substitute(n=names, k=k, column=repr(card.split.group)) + complete
    return (_CLASSES if card.is_classification else _NUMBERS).substitute(n=names, k=k)
