"""The model and training cells for XGBoost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...records.card import BINARY, REGRESSION, DataCard
from ...records.plan import Step
from ...records.table import TableProfile
from .source import comment, dictionary
from .tabular import labelled_rows, proposed

_OBJECTIVES = {BINARY: "binary:logistic", REGRESSION: "reg:squarederror"}
# The metric that the forecast is made for comes last, as XGBoost's early stopping would take the last.
_EVALUATED = {BINARY: ["error", "logloss"], REGRESSION: ["mae", "rmse"]}
_FUNCTIONS = {"log_loss": "log_loss", "rmse": "root_mean_squared_error", "mae": "mean_absolute_error"}
_SCORES = {
    "log_loss": "log_loss({y}, {p}.predict_proba({x}), labels=range(len({n}_classes)))",
    "accuracy": "accuracy_score({y}, {p}.predict({x}))",
    "balanced_accuracy": "balanced_accuracy_score({y}, {p}.predict({x}))",
    "f1": "f1_score({y}, {p}.predict({x}), average={average!r})",
    "roc_auc": "{auc}",
    "rmse": "root_mean_squared_error({y}, {p}.predict({x}))",
    "mae": "mean_absolute_error({y}, {p}.predict({x}))",
    "r2": "r2_score({y}, {p}.predict({x}))",
}


def objective(card: DataCard) -> str:
    return _OBJECTIVES.get(card.task, "multi:softprob")


def estimator(card: DataCard) -> str:
    return "XGBRegressor" if card.task == REGRESSION else "XGBClassifier"


def evaluated(card: DataCard) -> list[str]:
    return _EVALUATED.get(card.task, ["merror", "mlogloss"])


def model_steps(card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
    """Describe the model that `model_cell` builds."""
    output = (
        "one probability"
        if card.task == BINARY
        else "one number"
        if card.task == REGRESSION
        else "one probability a class"
    )
    trees = f"{values['n_estimators']} trees of depth at most {values['max_depth']}"
    return (
        Step(f"{trees}, histogram splits", "each tree corrects the sum of those before it"),
        Step(f"objective {objective(card)}", f"the loss for {card.task}; output: {output}"),
    )


def model_cell(names: str, card: DataCard, build: str = "", warnings: Sequence[str] = ()) -> str:
    """Return the source that defines ``{names}_build``: hyperparameters to an untrained model.

    ``build`` is a language model's checked source of it; ``warnings`` are what a person should know of that.
    """
    head = comment(f"Model: XGBoost for {card.name} ({card.task}).")
    if build:
        return f"{head}\n{proposed(build, warnings, 'it returns an untrained model')}"
    kind = estimator(card)
    return "\n".join(
        [
            head,
            f"from xgboost import {kind}",
            "",
            "",
            f"def {names}_build(hyperparameters):",
            '    """Return an untrained model; the task fixes the objective, the training cell the rest."""',
            f"    return {kind}(",
            f"        objective={objective(card)!r},",
            f"        eval_metric={evaluated(card)!r},",
            "        tree_method='hist',",
            "        random_state=0,",
            "        **hyperparameters,",
            "    )",
        ]
    )


def training_cell(names: str, card: DataCard, values: Mapping[str, Any], revision: str) -> str:
    """Return the source that trains, measures on the validation part, and refits on every row.

    It defines ``{names}_hyperparameters`` (the one dict literal that the table edits), ``_log`` (per round, training
    part first), ``_seconds``, ``_valid_scores`` and ``_model`` (a pipeline from raw rows to predictions).
    """
    blocks = [
        _head(names, card),
        f"{names}_hyperparameters = {dictionary(values)}",
        _fit(names, revision),
        _scores_function(names, card),
        _refit(names),
    ]
    return "\n\n".join(blocks)


def test_cell(names: str, card: DataCard, table: TableProfile) -> str:
    """Return the source that scores the refitted model on the card's separate test table."""
    rows = labelled_rows(card.split.test_frame, card.split.test_path, table)
    return "\n".join(
        [
            comment(f"Test: score {card.name} once, after all choices are made; the test rows are read nowhere else."),
            f"{names}_test = {rows}",
            f"{names}_test_scores = {names}_scores({names}_model, {names}_test, {names}_target({names}_test))",
            f"print('test:', {{name: round(score, 4) for name, score in {names}_test_scores.items()}})",
        ]
    )


def hyperparameters_name(names: str) -> str:
    """Return the variable whose dict literal holds the configuration."""
    return f"{names}_hyperparameters"


def _head(names: str, card: DataCard) -> str:
    functions = sorted(_FUNCTIONS.get(metric, f"{metric}_score") for metric in card.metrics)
    return "\n".join(
        [
            comment(f"Training: measure on the validation part of {card.name}, then refit on every row."),
            "from time import perf_counter",
            "",
            "from sklearn.base import clone",
            f"from sklearn.metrics import {', '.join(functions)}",
            "from sklearn.pipeline import make_pipeline",
        ]
    )


def _fit(names: str, revision: str) -> str:
    def part(which: str) -> str:
        return f"({names}_preprocessing.transform({names}_{which}), {names}_target({names}_{which}))"

    return "\n".join(
        [
            f"{names}_candidate = {names}_build({names}_hyperparameters)",
            f"import automl_gpt_magic; automl_gpt_magic.watch({names}_candidate, {names!r}, {revision!r})"
            "  # optional: draws the curve in the panel",
            f"{names}_parts = [",
            f"    {part('train')},",
            f"    {part('valid')},",
            "]",
            f"{names}_seconds = -perf_counter()",
            f"{names}_candidate.fit(*{names}_parts[0], eval_set={names}_parts, verbose=False)",
            f"{names}_seconds += perf_counter()",
            f"{names}_log = {names}_candidate.evals_result()",
        ]
    )


def _scores_function(names: str, card: DataCard) -> str:
    lines = ["", f"def {names}_scores(model, x, y):", "    return {"]
    lines += [f"        {metric!r}: float({_score(names, card, metric)})," for metric in card.metrics]
    lines += ["    }", "", ""]
    lines += [
        f"{names}_valid_scores = {names}_scores({names}_candidate, *{names}_parts[1])",
        f"print('validation:', {{name: round(score, 4) for name, score in {names}_valid_scores.items()}},"
        f" f'in {{{names}_seconds:.1f}} s')",
    ]
    return "\n".join(lines)


def _score(names: str, card: DataCard, metric: str) -> str:
    binary = card.task == BINARY
    # One class against the others, averaged over those that are there: scikit-learn's own average needs all of them.
    one_vs_rest = "np.mean([roc_auc_score(y == c, model.predict_proba(x)[:, c]) for c in np.unique(y)])"
    auc = "roc_auc_score(y, model.predict_proba(x)[:, 1])" if binary else one_vs_rest
    average = "binary" if binary else "macro"
    return _SCORES[metric].format(y="y", p="model", x="x", n=names, auc=auc, average=average)


def _refit(names: str) -> str:
    return "\n".join(
        [
            f"{names}_model = make_pipeline(",
            f"    clone({names}_preprocessing), {names}_build({names}_hyperparameters)",
            f").fit({names}_rows, {names}_target({names}_rows))",
            f"print(f'refitted on all {{len({names}_rows):,}} rows: {names}_model')",
        ]
    )
