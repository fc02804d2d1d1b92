"""The training and test cells, the same for every family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...records.card import DETECTION, RETRIEVAL, DataCard
from ...records.table import TableProfile
from ..families.family import STOPPING, Family
from ..metric_code import Parts, expression, functions
from . import images
from .source import comment, dictionary
from .source_rows import labelled_rows


def training_cell(family: Family, names: str, card: DataCard, values: Mapping[str, Any], revision: str) -> str:
    """Return the source that trains, measures on the validation part, and refits on every row where the family does.

    It defines ``{names}_hyperparameters`` (the one dict literal that the table edits), ``_log`` (what ``_fit``
    returns), ``_seconds``, ``_valid_scores`` and ``_model`` (a pipeline from raw rows to predictions).
    """
    blocks = [
        _head(names, card, refits=family.refits),
        f"{names}_hyperparameters = {dictionary(values)}",
        fit_code(family, names, revision),
        _scores_function(names, card),
        _refit(family, names, STOPPING.name in values) if family.refits else not_refitted(names),
    ]
    return "\n\n".join(blocks)


def test_cell(names: str, card: DataCard, table: TableProfile) -> str:
    """Return the source that scores the refitted model on the card's separate test table."""
    if card.input_type == "image":
        rows = images.test_rows(names, card)
    else:
        rows = f"{names}_test = {labelled_rows(card.split.test_frame, card.split.test_path, table)}"
    return "\n".join(
        [
            comment(f"Test: score {card.name} once, after all choices are made; the test rows are read nowhere else."),
            rows,
            f"{names}_test_scores = {names}_scores({names}_model, {names}_test, {names}_target({names}_test))",
            f"print('test:', {{name: round(score, 4) for name, score in {names}_test_scores.items()}})",
        ]
    )


def hyperparameters_name(names: str) -> str:
    """Return the variable whose dict literal holds the configuration."""
    return f"{names}_hyperparameters"


def metric_import(names: str, card: DataCard) -> str:
    """Return the import line of the card's metrics; empty where numpy is enough."""
    called = [] if measures_itself(card) else functions(score(names, card, metric) for metric in card.metrics)
    return f"from sklearn.metrics import {', '.join(called)}" if called else ""


def not_refitted(names: str) -> str:
    """Return the statement that makes ``{names}_model`` of what was trained on the training part."""
    return (
        f"{names}_model = make_pipeline({names}_preprocessing, {names}_candidate)"
        "  # trained on the training part, not refitted"
    )


def _head(names: str, card: DataCard, *, refits: bool) -> str:
    then = f"measure on the validation part of {card.name}" + (", then refit on every row" if refits else "")
    return "\n".join(
        [
            comment(f"Training: {then}."),
            "from time import perf_counter",
            "",
            *(["from sklearn.base import clone"] if refits else []),
            *filter(None, [metric_import(names, card)]),
            "from sklearn.pipeline import make_pipeline",
        ]
    )


def fit_code(family: Family, names: str, revision: str, *, parts: bool = True) -> str:
    """Return the statements that train and define ``{names}_candidate``, ``_parts``, ``_log`` and ``_seconds``."""

    def part(which: str) -> str:
        return f"({names}_preprocessing.transform({names}_{which}), {names}_target({names}_{which}))"

    watched = f"{names}_fit, {names!r}, {revision!r}, {names}_hyperparameters, {family.rounds!r}"
    return "\n".join(
        [
            f"{names}_candidate = {names}_build({names}_hyperparameters)",
            *([f"{names}_parts = [", f"    {part('train')},", f"    {part('valid')},", "]"] if parts else []),
            f"import automl_gpt_magic; {names}_fit = automl_gpt_magic.watch({watched})"
            "  # optional: draws the curve in the panel",
            f"{names}_seconds = -perf_counter()",
            f"{names}_log = {names}_fit({names}_candidate{f', *{names}_parts' if parts else ''})",
            f"{names}_seconds += perf_counter()",
        ]
    )


def measures_itself(card: DataCard) -> bool:
    """Tell whether the task's models have ``measure(x, y)``, which returns its metrics by name: no scorer does."""
    return card.task in (DETECTION, RETRIEVAL)


def _scores_function(names: str, card: DataCard) -> str:
    lines = ["", f"def {names}_scores(model, x, y):"]
    if measures_itself(card):
        asked = ", ".join(map(repr, card.metrics))
        lines += ["    scores = model.measure(x, y)", f"    return {{name: scores[name] for name in [{asked}]}}"]
    else:
        lines += ["    return {"]
        lines += [f"        {metric!r}: float({score(names, card, metric)})," for metric in card.metrics]
        lines += ["    }"]
    lines += ["", ""]
    lines += [
        f"{names}_valid_scores = {names}_scores({names}_candidate, *{names}_parts[1])",
        f"print('validation:', {{name: round(score, 4) for name, score in {names}_valid_scores.items()}},"
        f" f'in {{{names}_seconds:.1f}} s')",
    ]
    return "\n".join(lines)


def score(names: str, card: DataCard, metric: str) -> str:
    """Return the expression for a metric of ``model`` on ``x`` and ``y``."""
    parts = Parts("y", "model.predict_proba(x)", "model.predict(x)", f"len({names}_classes)")
    return expression(metric, card, parts)


def _refit(family: Family, names: str, stops_early: bool) -> str:
    final, lines = f"{names}_hyperparameters", []
    if stops_early:
        final = f"{names}_final"
        lines = [
            f"*_, {names}_losses = [part for part in {names}_log.values() if isinstance(part, dict)][-1].values()",
            f"{names}_steps = {names}_log.get('step', range(1, 1 + len({names}_losses)))",
            f"{names}_best = {names}_steps[int(np.argmin({names}_losses))]",
            f"{names}_final = {{**{names}_hyperparameters, {family.rounds!r}: {names}_best}}",
            f"del {names}_final[{STOPPING.name!r}]  # the refit has no validation part to stop by",
        ]
    return "\n".join(
        [
            *lines,
            f"{names}_model = make_pipeline(",
            f"    clone({names}_preprocessing), {names}_build({final})",
            f").fit({names}_rows, {names}_target({names}_rows))",
            f"print(f'refitted on all {{len({names}_rows):,}} rows: {names}_model')",
        ]
    )
