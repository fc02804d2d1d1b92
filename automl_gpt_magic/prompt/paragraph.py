"""The fixed-format prompt paragraph of AutoML-GPT (Zhang et al. 2023, section 3), with measured evidence.

The wording is data, in ``wording.txt``; this file only fills it in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ..records.card import DataCard, ModelCard
from ..records.digest import digest_of
from ..records.evidence import Evidence, Neighbour
from ..records.prompt import Message, Prompt
from ..records.space import SearchSpace
from .masking import mask_of, masked
from .phrases import configuration_text, log_text, shortened
from .schema import answer_schema, outline
from .size import Size, sizes
from .subject import Subject
from .wording import say, sections

_wording = partial(sections, "wording.txt")
_say = partial(say, "wording.txt")
_LONGEST_NAME = 60


def compose(subject: Subject, *, most_tokens: int, n_candidates: int, mask_names: bool = False) -> Prompt:
    """Return the prompt: the stable system part, then model cards, data card, request, evidence, control and form.

    It has more than ``most_tokens`` only where everything is cut that may be. With ``mask_names`` neutral words stand
    for the user's names, and the prompt carries which.
    """
    hashes, mask = _hashes(subject), None
    if mask_names:
        mask = mask_of(subject)
        subject, hashes = masked(subject, mask), {**hashes, "mask_names": "on"}
    asked = [parameter.name for parameter in subject.space.parameters if parameter.name not in _fixed(subject)]
    schema = answer_schema(subject.space, asked, [model.name for model in subject.models], n_candidates)
    shown = outline(answer_schema(subject.space, asked, ["name of a model card"], n_candidates))
    for size, cut in sizes():
        user = "\n\n".join(filter(None, _parts(subject, size, shown, n_candidates)))
        messages = (Message("system", _say("system")), Message("user", user))
        prompt = Prompt(messages, schema, version(), hashes, cut, mask)
        if prompt.tokens <= most_tokens:
            break
    return prompt


def version() -> str:
    """Return the version of the wording and of the answer's form."""
    return digest_of(_wording(), answer_schema(SearchSpace("", ()), [], ["card"], 1))


def repair(prompt: Prompt, answer: str, refused: Iterable[str]) -> Prompt:
    """Return the prompt that sends an answer back with what was refused in it."""
    return continued(prompt, prompt.messages, answer, _say("repair", refused=_lines(refused)))


def improve(prompt: Prompt, answer: str, predictions: Iterable[str]) -> Prompt:
    """Return the prompt of a further round, with the logs that measured runs predict for its candidates."""
    return continued(prompt, prompt.messages[:2], answer, _say("improve", predictions=_lines(predictions)))


def continued(prompt: Prompt, messages: Sequence[Message], answer: str, words: str) -> Prompt:
    """Return the prompt whose messages are these, the LLM's answer to them, and further words of the user's side."""
    return replace(prompt, messages=(*messages, Message("assistant", answer), Message("user", words)))


def _lines(facts: Iterable[str]) -> str:
    return "\n".join(f"- {fact}" for fact in facts)


def _hashes(subject: Subject) -> dict[str, str]:
    """Return what a replayed answer must agree in, by the name that a user knows it by."""
    cards = subject.cards
    return {
        "data card": digest_of({**_fields(cards.data), "metrics": cards.data.metrics}),
        "model cards": digest_of([_fields(model) for model in cards.models]),
        "columns": digest_of(_column_names(subject)),
        "request": digest_of(cards.request.text, cards.request.metrics, cards.request.constraints),
    }


def _fields(record: DataCard | ModelCard) -> dict[str, Any]:
    """Return a card as plain values."""
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in ((field, getattr(record, field)) for field in record.__dataclass_fields__)
    }


def _parts(subject: Subject, size: Size, schema: str, n_candidates: int) -> list[str]:
    cards = subject.cards
    return [
        *(_model_part(model, size) for model in subject.models[: size.models]),
        _data_part(cards.data, size),
        _columns_part(subject, size),
        _say("request", metrics=", ".join(cards.data.metrics), text=shortened(cards.request.text, size.request)),
        _evidence_part(subject.evidence, size),
        _control_part(subject),
        _recipe_part(subject),
        _say(
            "answer",
            space=_space_text(subject.space, _fixed(subject)),
            n_candidates=n_candidates,
            step=subject.round,
            metric=_metric(subject),
            schema=schema,
        ),
    ]


def _fixed(subject: Subject) -> Mapping[str, Any]:
    return subject.models[0].hyperparameters


def _metric(subject: Subject) -> str:
    return subject.forecast.loss.metric


def _model_part(model: ModelCard, size: Size) -> str:
    return _say(
        "model",
        name=model.name,
        structure=shortened(model.structure or "not given", 300),
        description=shortened(model.description, size.model_description),
        hyperparameters=configuration_text(model.hyperparameters) or "none",
    )


def _data_part(card: DataCard, size: Size) -> str:
    labels = [label.name + (f" ({label.description})" if label.description else "") for label in card.label_space]
    return _say(
        "data",
        name=card.name,
        input_type=card.input_type,
        task=card.task,
        labels=_listed(labels, size.labels) or "not given",
        metric=card.metrics[0] if card.metrics else "not given",
        description=shortened(card.description, size.description),
        numbers=_numbers_text(card, size),
    )


def _column_names(subject: Subject) -> list[str]:
    if subject.table is None:
        return []
    return [str(subject.table.target), *(f"{column.name} {column.kind}" for column in subject.table.columns)]


def _columns_part(subject: Subject, size: Size) -> str:
    if subject.table is None or not size.columns:
        return ""
    columns = [f"{str(column.name)[:_LONGEST_NAME]} ({column.kind})" for column in subject.table.columns]
    return _say("columns", columns=_listed(columns, size.columns), target=subject.table.target)


def _listed(items: Sequence[str], most: int) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _numbers_text(card: DataCard, size: Size) -> str:
    shares = ", ".join(f"{share:.3f}" for share in list(card.class_balance.values())[: size.labels])
    known = [
        (card.n_rows, f"{card.n_rows} rows"),
        (card.n_features, f"{card.n_features} features"),
        (card.n_categorical, f"{card.n_categorical} of them categorical"),
        (card.class_balance or None, f"class shares {shares}"),
        (card.missing_fraction, f"{card.missing_fraction or 0:.1%} of the values missing"),
    ]
    return ", ".join(text for number, text in known if number is not None) or "no stated sizes"


def _evidence_part(evidence: Evidence, size: Size) -> str:
    if not evidence.n_runs:
        return evidence.note
    if not evidence.near:
        return _say(
            "far",
            similarity=f"{evidence.neighbours[0].similarity:.2f}",
            threshold=f"{evidence.threshold:.2f}",
            n_datasets=evidence.n_datasets,
            configuration=configuration_text(_transferred(evidence)),
        )
    shown = evidence.neighbours[: size.neighbours]
    likeness = " and ".join(f"{near.weight:.0%} like {near.name} ({near.why})" for near in shown)
    return "\n".join([_say("near", likeness=likeness), *(_neighbour(near, size) for near in shown)])


def _neighbour(near: Neighbour, size: Size) -> str:
    logged = near.log is not None and size.checkpoints > 0
    log = _say("neighbour_log", log=log_text(near.log, size.checkpoints)) if near.log is not None and logged else ""
    return _say("neighbour", name=near.name, best=configuration_text(near.best), log=log)


def _control_part(subject: Subject) -> str:
    metric = _metric(subject)
    if not subject.evidence.n_runs:
        default, log = configuration_text(subject.space.default), log_text(subject.default.curves[metric])
        return _say("uninformed_control", default=default, default_log=log)
    return _say(
        "control",
        n_runs=subject.evidence.n_runs,
        configuration=configuration_text(_transferred(subject.evidence)),
        log=log_text(subject.forecast.curves[metric]),
        default=configuration_text(subject.space.default),
        default_log=log_text(subject.default.curves[metric]),
    )


def _recipe_part(subject: Subject) -> str:
    if subject.table is None:
        return ""
    estimator, steps = subject.estimator, "; ".join(step.technique for step in subject.steps)
    arguments = "**hyperparameters" + (" and an eval_metric" if estimator.startswith("XGB") else "")
    model = estimator or subject.space.family
    parts = [
        _say("recipe", steps=steps, model=model, objective=subject.objective),
        _say("prepare") if subject.prepared else "Leave the preprocessing code empty.",
        _say("build", estimator=estimator, arguments=arguments) if estimator else "Leave the model code empty.",
    ]
    return " ".join(parts)


def _transferred(evidence: Evidence) -> dict[str, Any]:
    """Return the values that come from recorded runs, without those that the card fixes."""
    return {name: evidence.configuration[name] for name in evidence.reasons}


def _space_text(space: SearchSpace, fixed: Mapping[str, Any]) -> str:
    asked = [parameter for parameter in space.parameters if parameter.name not in fixed]
    return "; ".join(
        f"{p.name} {'|'.join(map(str, p.choices)) if p.kind == 'choice' else p.range_text()}" for p in asked
    )
