"""The cells about a classifier's probabilities: whether they come true, and from which one on to act."""

from __future__ import annotations

from string import Template

from ...records.card import BINARY, DataCard
from ...records.table import TableProfile
from .next_steps_folds import n_folds, splits_function, splitter
from .source import comment
from .tabular import kept_classes

_CALIBRATION = Template('''\
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
$imports
$splits

def ${n}_reliability(probabilities, came_true):
    """Return what was predicted and what came true, in ten groups of rows of rising probability."""
    groups = np.array_split(np.argsort(probabilities, kind='stable'), min(10, len(came_true)))
    means = [(len(rows), probabilities[rows].mean(), came_true[rows].mean()) for rows in groups]
    return pd.DataFrame(means, columns=['rows', 'predicted', 'came true'])


def ${n}_errors(probabilities, y):
    """Return log loss, Brier score and expected calibration error$average."""
    came_true = (y[:, None] == np.arange(len(${n}_classes)))[:, ${n}_shown]
    curves = [${n}_reliability(probabilities[:, k], y == k) for k in ${n}_shown]
    gaps = [np.average((curve['predicted'] - curve['came true']).abs(), weights=curve['rows']) for curve in curves]
    return {
        'log loss': log_loss(y, probabilities, labels=range(len(${n}_classes))),
        'Brier score': float(np.mean(np.sum((probabilities[:, ${n}_shown] - came_true) ** 2, axis=1))),
        'calibration error': float(np.mean(gaps)),
    }


def ${n}_draw_reliability(found, y):
    """Draw the share that came true over the predicted probability$lines."""
    figure, axes = plt.subplots(1, len(found), figsize=(4 * len(found), 4), squeeze=False, layout='constrained')
    for axis, (name, probabilities) in zip(axes[0], found.items()):
        axis.plot([0, 1], [0, 1], color='gray', linestyle='--')
        for k in ${n}_shown[:10]:
            curve = ${n}_reliability(probabilities[:, k], y == k)
            axis.plot(curve['predicted'], curve['came true'], marker='o', label=str(${n}_classes[k]))
        axis.set(title=name, xlabel='predicted probability', ylabel='share that came true')
    axes[0, 0].legend()
    plt.show()


${n}_shown = $shown
${n}_trained = make_pipeline(${n}_preprocessing, ${n}_candidate)  # it has not seen the validation rows
${n}_found = {'as trained': ${n}_trained.predict_proba(${n}_valid)}
${calibrated}print(f'on {len(${n}_valid):,} validation rows; with few rows, part of the calibration error is chance')
${n}_valid_y = ${n}_target(${n}_valid)
print(pd.DataFrame({name: ${n}_errors(p, ${n}_valid_y) for name, p in ${n}_found.items()}).T.round(4).to_string())
${n}_draw_reliability(${n}_found, ${n}_valid_y)''')
_CALIBRATED = Template("""\
# Calibrated on the training part, where every row's probability comes from a training without it; then measured on
# rows that neither has seen. With thousands of rows, method='isotonic' may do better.
${n}_calibrated = CalibratedClassifierCV(
    clone(${n}_model), method='sigmoid', cv=${n}_splits(${n}_train, repeats=1), ensemble=$ensemble
).fit(${n}_train, ${n}_target(${n}_train))
${n}_found['calibrated'] = ${n}_calibrated.predict_proba(${n}_valid)
""")
_THRESHOLD = Template('''\
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline

$positive
${n}_false_positive = 1.0  # the cost of each row that is called so and is not: yours to change
${n}_false_negative = 5.0  # the cost of each row that is so and is not called it: yours to change


def ${n}_cost(called, y):
    """Return the mean cost of a row."""
    return ${n}_false_positive * np.mean(called & (y == 0)) + ${n}_false_negative * np.mean(~called & (y == 1))


def ${n}_costs(probabilities, y):
    """Return the mean cost of a row for each threshold from 0 to a little over 1, where no row is called positive."""
    thresholds = np.linspace(0, 1.005, 202)
    return pd.Series([${n}_cost(probabilities >= threshold, y) for threshold in thresholds], index=thresholds)


def ${n}_cheapest(probabilities, y):
    """Return the threshold of least cost; of equal ones, the nearest to that of true probabilities."""
    costs = ${n}_costs(probabilities, y)
    cheapest = costs.index[costs <= costs.min() + 1e-12]
    ideal = ${n}_false_positive / (${n}_false_positive + ${n}_false_negative)
    return float(cheapest[np.abs(cheapest - ideal).argmin()])


def ${n}_called_by_others(probabilities, y):
    """Call each fifth of the rows by the threshold that the other four fifths choose: an honest estimate."""
    fifth, called = np.random.default_rng(0).permutation(len(y)) % 5, np.zeros(len(y), dtype=bool)
    for number in range(5):
        own = fifth == number
        called[own] = probabilities[own] >= ${n}_cheapest(probabilities[~own], y[~own])
    return called


def ${n}_decide(rows):
    """Return the class that ${n}_model gives each row by ${n}_threshold."""
    called = ${n}_model.predict_proba(rows)[:, 1] >= ${n}_threshold
    return pd.Series(pd.Index(${n}_classes)[called.astype(int)], index=rows.index)


${n}_trained = make_pipeline(${n}_preprocessing, ${n}_candidate)  # it has not seen the validation rows
${n}_p, ${n}_y = ${n}_trained.predict_proba(${n}_valid)[:, 1], ${n}_target(${n}_valid)
${n}_called = ${n}_called_by_others(${n}_p, ${n}_y)
${n}_threshold = ${n}_cheapest(${n}_p, ${n}_y)
print(f'threshold {${n}_threshold:.3f}, chosen on all {len(${n}_y):,} validation rows')
print(f'cost of a row: {${n}_cost(${n}_called, ${n}_y):.4f}, cross-validated: each fifth by the choice of the others')
print(f'               {${n}_cost(${n}_p >= 0.5, ${n}_y):.4f} at 0.5')
print(pd.crosstab(
    pd.Series(pd.Index(${n}_classes)[${n}_y], name='is'),
    pd.Series(pd.Index(${n}_classes)[${n}_called.astype(int)], name='called, cross-validated'),
))

${n}_figure, ${n}_axes = plt.subplots(figsize=(6, 3.5), layout='constrained')
${n}_costs(${n}_p, ${n}_y).plot(ax=${n}_axes, xlabel='threshold', ylabel='cost of a row')
${n}_axes.axvline(${n}_threshold, color='tab:orange', linestyle='--', label=f'cheapest, {${n}_threshold:.3f}')
${n}_axes.axvline(0.5, color='gray', linestyle=':', label='0.5')
${n}_axes.legend()
plt.show()''')


def calibration_cell(names: str, card: DataCard, table: TableProfile) -> str:
    """Return the source of reliability curve and errors, beside those of a calibrated model where one can be made."""
    k, binary = _calibration_folds(card, table), card.task == BINARY
    imports = ["from sklearn.metrics import log_loss", "from sklearn.pipeline import make_pipeline"]
    splits = calibrated = ""
    if k:
        imports += ["from sklearn.base import clone", "from sklearn.calibration import CalibratedClassifierCV"]
        imports += [f"from sklearn.model_selection import {splitter(card)}"]
        splits = f"\n\n{splits_function(names, card, table, k)}\n"
        # One calibrator needs every row left out once; of groups, a fold may miss a class and is passed over.
        calibrated = _CALIBRATED.substitute(n=names, ensemble=bool(card.split.group))
    body = _CALIBRATION.substitute(
        n=names,
        imports="\n".join(sorted(imports)),
        splits=splits,
        average="" if binary else ", the mean of one class against the others",
        lines="" if binary else ", a line for each class against the others",
        shown="[1]" if binary else f"list(range(len({names}_classes)))",
        calibrated=calibrated,
    )
    head = comment(f"Calibration: {card.name}. Of rows with a probability of 0.8, do 8 in 10 come true?")
    return f"{head}\n{body}"


def threshold_cell(names: str, card: DataCard, table: TableProfile) -> str:
    """Return the source that chooses the threshold of least cost, and estimates that cost on other rows."""
    negative, positive = kept_classes(table)
    body = _THRESHOLD.substitute(
        n=names, positive=comment(f"A row is called {positive!r} from the threshold on, else {negative!r}.")
    )
    head = comment(f"Threshold: {card.name}. From which probability on to act, for what the mistakes cost.")
    return f"{head}\n{body}"


def _calibration_folds(card: DataCard, table: TableProfile) -> int:
    """Return the folds of the training part for calibration; 0 where there are too few rows, or time orders them."""
    share = 1 - card.split.validation
    smallest = int(min(count for count in table.class_counts if count > 1) * share)
    k = 0 if card.split.time else min(n_folds(card, table, share), smallest)
    return k if k > 1 else 0
