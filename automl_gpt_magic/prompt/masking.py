"""A prompt's subject without the names that would tell an LLM which dataset it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..records.card import DataCard, Label, ModelCard
from ..records.evidence import Evidence
from ..records.mask import DATASET, SPLIT_BY, TARGET, Mask
from ..records.table import TableProfile
from .subject import Subject


def mask_of(subject: Subject) -> Mask:
    """Return the tokens for a subject's names."""
    table, card = subject.table, subject.cards.data
    columns = _numbered("column", [column.name for column in table.columns] if table else [])
    classes = _numbered("class", [label.name for label in card.label_space])
    named = {DATASET: card.name, TARGET: table.target if table else card.target}
    named[SPLIT_BY] = card.split.group or card.split.time
    others = {token: str(name) for token, name in named.items() if name}
    mask = Mask(columns, classes, {}, others)
    return replace(mask, models={mask.hide(model.name): model.name for model in reversed(subject.models)})


def masked(subject: Subject, mask: Mask) -> Subject:
    """Return a subject whose names are tokens, and whose descriptions of data and classes are left out.

    What the user wrote of models and wishes stays, with the names in it hidden; so do the recorded datasets' sizes, but
    not their names, one of which might be the user's.
    """
    cards = subject.cards
    return replace(
        subject,
        cards=replace(
            cards,
            data=_data(cards.data, mask),
            models=tuple(_model(model, mask) for model in cards.models),
            request=replace(cards.request, text=mask.hide(cards.request.text)),
        ),
        table=_table(subject.table, mask) if subject.table else None,
        models=tuple(_model(model, mask) for model in subject.models),
        evidence=_evidence(subject.evidence, mask),
        steps=tuple(replace(step, technique=mask.hide(step.technique)) for step in subject.steps),
        objective=mask.hide(subject.objective),
    )


def _numbered(word: str, names: Iterable[object]) -> dict[str, str]:
    return {f"{word} {number}": str(name) for number, name in enumerate(names, 1)}


def _data(card: DataCard, mask: Mask) -> DataCard:
    return replace(card, name=DATASET, description="", label_space=tuple(map(Label, mask.classes)))


def _model(model: ModelCard, mask: Mask) -> ModelCard:
    words = (model.name, model.structure, model.description)
    name, structure, description = map(mask.hide, words)
    return replace(model, name=name, structure=structure, description=description)


def _table(table: TableProfile, mask: Mask) -> TableProfile:
    columns = tuple(replace(column, name=token) for column, token in zip(table.columns, mask.columns, strict=True))
    return replace(table, columns=columns, target=TARGET)


def _evidence(evidence: Evidence, mask: Mask) -> Evidence:
    neighbours = tuple(
        replace(near, name=f"recorded dataset {number}") for number, near in enumerate(evidence.neighbours, 1)
    )
    return replace(evidence, neighbours=neighbours, note=mask.hide(evidence.note))
