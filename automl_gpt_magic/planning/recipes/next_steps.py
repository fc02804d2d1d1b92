"""The cells of what people do next with a trained model: plain code around what the plan's own cells define."""

from __future__ import annotations

from string import Template

from ...records.card import BINARY, RETRIEVAL, DataCard
from ...records.curve import LOWER_IS_BETTER
from ...records.metric import label_of
from ...records.next_step import FEW_ROWS
from ...records.table import TableProfile
from ..families.family import Family
from ..families.own import OwnTrainer
from . import retrieval
from .next_steps_decisions import calibration_cell, threshold_cell
from .next_steps_folds import can_be_folded, cross_validation_cell
from .source import comment
from .training import measures_itself

_LABELLED = Template("""\
import pandas as pd

${n}_new = ${n}_valid.head()  # change this line for other rows: a table with the same columns, the target not needed
# ${n}_model was refitted on all rows, these among them: here they only show the form.
${n}_predictions = pd.DataFrame({'prediction': pd.Index(${n}_classes)[${n}_model.predict(${n}_new)]}, ${n}_new.index)
if hasattr(${n}_model, 'predict_proba'):
    ${n}_labels = [f'probability of {label}' for label in ${n}_classes]
    ${n}_predictions[${n}_labels] = ${n}_model.predict_proba(${n}_new)
${n}_predictions""")
_NUMBERS = Template("""\
import pandas as pd

${n}_new = ${n}_valid.head()  # change this line for other rows: a table with the same columns, the target not needed
# ${n}_model was refitted on all rows, these among them: here they only show the form.
${n}_predictions = pd.DataFrame({'prediction': ${n}_model.predict(${n}_new)}, index=${n}_new.index)
${n}_predictions""")
_IMPORTANCE = Template('''\
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.inspection import permutation_importance
from sklearn.pipeline import make_pipeline

${n}_trained = make_pipeline(${n}_preprocessing, ${n}_candidate)  # it has not seen the validation rows


def ${n}_goodness(model, rows, y):
    """Return the score; more is better."""
    return $sign${n}_scores(model, rows, y)[$metric]


${n}_columns = ${n}_valid.drop(columns=$others)
${n}_trained_scores = ${n}_scores(${n}_trained, ${n}_columns, ${n}_target(${n}_valid))
${n}_shuffled = permutation_importance(
    ${n}_trained, ${n}_columns, ${n}_target(${n}_valid), scoring=${n}_goodness,
    n_repeats=5, max_samples=min(len(${n}_valid), 5_000), random_state=0,
)
${n}_importance = pd.DataFrame(
    {'mean': ${n}_shuffled.importances_mean, 'deviation': ${n}_shuffled.importances_std}, index=${n}_columns.columns
).sort_values('mean', ascending=False)
print(f'$change of $label when a column is shuffled; with all columns it is {${n}_trained_scores[$quoted]:.4f}')
# Of two columns that say the same, each looks dispensable.
print(${n}_importance.head(20).round(4).to_string())

${n}_shown = ${n}_importance.head(20)[::-1]
${n}_figure, ${n}_axes = plt.subplots(figsize=(6, 1 + 0.25 * len(${n}_shown)))
${n}_axes.barh(${n}_shown.index.astype(str), ${n}_shown['mean'], xerr=${n}_shown['deviation'])
${n}_axes.set_xlabel('$change of $label when shuffled')
plt.show()''')
_RESIDUALS = Template("""\
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.pipeline import make_pipeline

${n}_trained = make_pipeline(${n}_preprocessing, ${n}_candidate)  # it has not seen the validation rows
${n}_residuals = pd.DataFrame(
    {'measured': ${n}_target(${n}_valid), 'predicted': ${n}_trained.predict(${n}_valid)}, index=${n}_valid.index
)
${n}_residuals['residual'] = ${n}_residuals['measured'] - ${n}_residuals['predicted']
print('residuals, measured - predicted:')
print(${n}_residuals['residual'].describe(percentiles=[0.05, 0.25, 0.5, 0.75, 0.95]).to_string())

${n}_figure, (${n}_left, ${n}_right) = plt.subplots(1, 2, figsize=(9, 4), layout='constrained')
${n}_left.scatter(${n}_residuals['predicted'], ${n}_residuals['measured'], s=8, alpha=0.5)
${n}_left.axline((${n}_residuals['measured'].mean(),) * 2, slope=1, color='gray', linestyle='--')
${n}_left.set(xlabel='predicted', ylabel='measured')
${n}_right.scatter(${n}_residuals['predicted'], ${n}_residuals['residual'], s=8, alpha=0.5)
${n}_right.axhline(0, color='gray', linestyle='--')
${n}_right.set(xlabel='predicted', ylabel='measured - predicted')
plt.show()""")


def next_cells(family: Family, names: str, card: DataCard, table: TableProfile) -> dict[str, str]:
    """Return the source of every step that suits the plan, by the names in `NEXT_STEPS`, the suggested one first.

    A user's own function is not trained again by these cells, as only it knows how; it can be asked to predict.
    """
    if isinstance(family, OwnTrainer):
        return {"predict": predict_cell(names, card)} if family.reads_data else {}
    if card.task == RETRIEVAL:
        return {"predict": retrieval.predict_cell(names, card)}
    code = {"predict": predict_cell(names, card)}
    if measures_itself(card):
        return code
    if can_be_folded(card, table):
        code["cross-validation"] = cross_validation_cell(names, card, table)
    if len(table.columns) > 1:
        code["importance"] = importance_cell(names, card, table)
    if card.is_classification:
        code["calibration"] = calibration_cell(names, card, table)
    else:
        code["residuals"] = residuals_cell(names, card)
    if card.task == BINARY:
        code["threshold"] = threshold_cell(names, card, table)
    if "cross-validation" in code and table.n_rows < FEW_ROWS:
        code = {"cross-validation": code["cross-validation"], **code}
    return code


def predict_cell(names: str, card: DataCard) -> str:
    """Return the source that predicts rows with the refitted pipeline."""
    head = comment(f"Predict: what the model of {card.name} says of rows.")
    return f"{head}\n{(_LABELLED if card.is_classification else _NUMBERS).substitute(n=names)}"


def importance_cell(names: str, card: DataCard, table: TableProfile) -> str:
    """Return the source that shuffles each column of the validation rows and scores what is left."""
    metric = card.metrics[0]
    lower_is_better = LOWER_IS_BETTER.get(metric, False)
    split_by = [str(table.split_by.name)] if table.split_by else []
    body = _IMPORTANCE.substitute(
        n=names,
        metric=repr(metric),
        quoted=f'"{metric}"',
        label=label_of(metric),
        sign="-" if lower_is_better else "",
        change="rise" if lower_is_better else "fall",
        others=[str(table.target), *split_by],
    )
    return f"{comment(f'Importance: the columns of {card.name}, each shuffled in the validation rows.')}\n{body}"


def residuals_cell(names: str, card: DataCard) -> str:
    """Return the source that lays predicted against measured values of the validation rows."""
    return f"{comment(f'Residuals: {card.name}, validation rows.')}\n{_RESIDUALS.substitute(n=names)}"
