"""The training cell for a user's own function: it measures itself, and what it returns is not refitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...records.card import DataCard
from ...records.metric import METRICS
from ..families.own import OwnTrainer
from .source import comment, dictionary
from .training import fit_code, metric_import, not_refitted, score


def training_cell(family: OwnTrainer, names: str, card: DataCard, values: Mapping[str, Any], revision: str) -> str:
    """Return the source that trains, and scores what the function returned where that can predict.

    It defines what every training cell does. Without prepared data, ``{names}_valid_scores`` are the last that the
    function reported, and ``{names}_model`` is what it returned.
    """
    blocks = [
        _head(family, names, card),
        f"{names}_hyperparameters = {dictionary(values)}",
        fit_code(family, names, revision, parts=family.reads_data),
        *([_scores_function(names, card)] if family.reads_data else []),
        _scores(names, read=family.reads_data),
        _model(names, read=family.reads_data),
    ]
    return "\n\n".join(blocks)


def _head(family: OwnTrainer, names: str, card: DataCard) -> str:
    lines = [
        comment(f"Training: {family.estimator(card)} trains and measures itself, for {card.name}."),
        "from time import perf_counter",
    ]
    if family.reads_data:
        uses_numpy = any("np." in score(names, card, metric) for metric in card.metrics)
        numpy = ["import numpy as np"] if uses_numpy else []
        needed = [*numpy, metric_import(names, card), "from sklearn.pipeline import make_pipeline"]
        lines += ["", *filter(None, needed)]
    return "\n".join(lines)


def _scores_function(names: str, card: DataCard) -> str:
    of_probabilities = [metric for metric in card.metrics if METRICS[metric].of_probabilities]
    of_predictions = [metric for metric in card.metrics if not METRICS[metric].of_probabilities]
    return "\n".join(
        [
            "",
            f"def {names}_scores(model, x, y):",
            '    """Score what the model can predict."""',
            "    scores = {}",
            *_measured("predict_proba", of_probabilities, names, card),
            *_measured("predict", of_predictions, names, card),
            "    return scores",
            "",
        ]
    )


def _measured(method: str, metrics: list[str], names: str, card: DataCard) -> list[str]:
    lines = [f"        scores[{metric!r}] = float({score(names, card, metric)})" for metric in metrics]
    return [f"    if hasattr(model, {method!r}):", *lines] if lines else []


def _scores(names: str, *, read: bool) -> str:
    reported = f"{{name: values[-1] for name, values in {names}_log['validation'].items()}}"
    lines = [f"{names}_valid_scores = {reported}  # as reported"]
    if read:
        lines.append(f"{names}_valid_scores.update({names}_scores({names}_candidate, *{names}_parts[1]))")
    lines.append(
        f"print('validation:', {{name: round(score, 4) for name, score in {names}_valid_scores.items()}},"
        f" f'in {{{names}_seconds:.1f}} s')"
    )
    return "\n".join(lines)


def _model(names: str, *, read: bool) -> str:
    if not read:
        return f"{names}_model = {names}_candidate.trained"
    return not_refitted(names)
