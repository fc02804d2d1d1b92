"""The model cell: how a model of the planned family is built and trained."""

from __future__ import annotations

from collections.abc import Sequence

from ...records.card import DataCard
from ..families.family import Family
from .source import comment, proposed


def model_cell(family: Family, names: str, card: DataCard, build: str = "", warnings: Sequence[str] = ()) -> str:
    """Return the source that defines ``{names}_build`` and ``{names}_fit``, as `Family` says.

    ``build`` is a language model's checked source of the first; ``warnings`` are what a person should know of it.
    """
    head = [comment(f"Model: {family.name} for {card.name} ({card.task})."), *family.imports(card)]
    built = proposed(build, warnings, "it returns an untrained model") if build else family.build(names, card)
    return "\n\n\n".join(["\n".join(head), built, family.fit(names, card)])
