"""The fixed-format prompt paragraph of AutoML-GPT (Zhang et al. 2023, section 3), with measured evidence.

The wording is data, in ``wording.txt``; this file only fills it in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..records.card import Cards, DataCard, ModelCard
from ..records.curve import Curve
from ..records.evidence import Evidence, Forecast
from ..records.space import SearchSpace

# An opening bracket before the delimiter's word, whatever stands between them to deceive.
_DELIMITER = re.compile(r"<(?=[^a-z0-9<>]{0,20}card)", re.IGNORECASE)
_SHOWN_LABELS = 30
_SHOWN_NEIGHBOURS = 3


def compose(
    cards: Cards,
    model: ModelCard,
    space: SearchSpace,
    evidence: Evidence,
    forecast: Forecast,
    default: Forecast,
) -> str:
    """Return the paragraph: system part, model card, data card, request, evidence, control and answer's form."""
    parts = [
        _say("system"),
        _model_part(model),
        _data_part(cards.data),
        _say("request", metrics=", ".join(cards.data.metrics), text=cards.request.text.strip() or "none"),
        _evidence_part(evidence),
        _control_part(evidence, forecast, default),
        _say("answer", space=_space_text(space)),
    ]
    return "\n\n".join(parts)


def _model_part(model: ModelCard) -> str:
    return _say(
        "model",
        name=model.name,
        structure=model.structure or "not given",
        description=model.description.strip() or "none",
        hyperparameters=_configuration(model.hyperparameters) or "none",
    )


def _data_part(card: DataCard) -> str:
    labels = [label.name + (f" ({label.description})" if label.description else "") for label in card.label_space]
    more = f" and {len(labels) - _SHOWN_LABELS} more" if len(labels) > _SHOWN_LABELS else ""
    return _say(
        "data",
        name=card.name,
        input_type=card.input_type,
        task=card.task,
        labels=", ".join(labels[:_SHOWN_LABELS]) + more or "not given",
        metric=card.metrics[0] if card.metrics else "not given",
        description=card.description.strip() or "none",
        numbers=_numbers_text(card),
    )


def _numbers_text(card: DataCard) -> str:
    known = [
        (card.n_rows, f"{card.n_rows} rows"),
        (card.n_features, f"{card.n_features} features"),
        (card.n_categorical, f"{card.n_categorical} of them categorical"),
        (card.class_balance or None, f"class shares {_shares(card.class_balance)}"),
        (card.missing_fraction, f"{card.missing_fraction or 0:.1%} of the values missing"),
    ]
    return ", ".join(text for number, text in known if number is not None) or "no stated sizes"


def _shares(balance: Mapping[str, float]) -> str:
    return ", ".join(f"{share:.3f}" for share in list(balance.values())[:_SHOWN_LABELS])


def _evidence_part(evidence: Evidence) -> str:
    if not evidence.near:
        return _say(
            "far",
            similarity=f"{evidence.neighbours[0].similarity:.2f}",
            threshold=f"{evidence.threshold:.2f}",
            n_datasets=evidence.n_datasets,
            configuration=_configuration(_transferred(evidence)),
        )
    shown = evidence.neighbours[:_SHOWN_NEIGHBOURS]
    likeness = " and ".join(f"{near.weight:.0%} like {near.name} ({near.why})" for near in shown)
    best = "; ".join(f"{near.name}: {_configuration(near.best)}, loss {near.best_loss:.4f}" for near in shown)
    return _say("near", likeness=likeness, best=best)


def _control_part(evidence: Evidence, forecast: Forecast, default: Forecast) -> str:
    return _say(
        "control",
        n_runs=evidence.n_runs,
        configuration=_configuration(_transferred(evidence)),
        log=_log(next(iter(forecast.curves.values()))),
        default_log=_log(next(iter(default.curves.values()))),
    )


def _transferred(evidence: Evidence) -> dict[str, Any]:
    """Return the values that come from recorded runs, without those that the card fixes."""
    return {name: evidence.configuration[name] for name in evidence.reasons}


def _log(curve: Curve, count: int = 5) -> str:
    every = max(1, (len(curve.steps) - 1) // (count - 1))
    at = sorted({*range(0, len(curve.steps), every), len(curve.steps) - 1})
    return ", ".join(f"round {curve.steps[i]}: {curve.metric} {curve.value[i]:.4f}" for i in at)


def _space_text(space: SearchSpace) -> str:
    return "; ".join(f"{p.name} {p.range_text()}, default {p.default}" for p in space.parameters)


def _configuration(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _say(section: str, /, **facts: Any) -> str:
    """Fill one section; a card that writes the closing delimiter cannot leave its delimiters."""
    safe = {name: _DELIMITER.sub("‹", str(fact)) for name, fact in facts.items()}
    return _wording()[section].format(**safe)


@lru_cache(maxsize=1)
def _wording() -> dict[str, str]:
    text = (Path(__file__).parent / "wording.txt").read_text()
    blocks = (block.partition("]\n") for block in text.split("\n[") if block)
    return {name.lstrip("["): body.strip() for name, _, body in blocks}
