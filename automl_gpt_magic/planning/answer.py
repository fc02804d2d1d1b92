"""An LLM's answer, taken apart and checked value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..records.answer import Answer, Suggestion
from ..records.curve import Curve
from .context import Context, build_check, prepare_check
from .own_log import read_log
from .reading import LONGEST, Reader, better, items, mapping, words
from .unmask import with_names

KEYS = ("data_processing", "model", "candidates", "notes")
_MOST_LISTED = 12


def check_answer(found: Mapping[str, Any], context: Context) -> Answer:
    """Return what of an answer stands; ``found`` is its JSON object, of which anything may be missing or wrong.

    Parameters
    ----------
    found : mapping
        With the keys of the prompt's schema.
    context : Context
    """
    reader = _Reader(context)
    found = with_names(found, context.mask) if context.mask else found
    data, model = mapping(found.get("data_processing")), mapping(found.get("model"))
    suggestions = tuple(reader.suggestions(found.get("candidates")))
    return Answer(
        techniques=tuple(_pairs(data.get("techniques"), "technique", "reason")),
        data_code=reader.code("preprocessing code", data.get("code"), prepare_check(context)),
        model_card=reader.model_card(model.get("card")),
        model_reason=words(model.get("why")),
        layers=tuple(_layers(model)),
        model_code=reader.code("model code", model.get("code"), build_check(context)),
        suggestions=suggestions,
        notes=words(found.get("notes"), 2 * LONGEST),
        refused=tuple(reader.refused),
        given=reader.given,
        taken=reader.given - reader.lost,
    )


def merge(first: Answer, second: Answer, rounds: str) -> Answer:
    """Return the corrected answer, with the first one's valid parts where the second has none."""
    earlier, corrected = _by_place(first), _by_place(second)
    merged = replace(
        second,
        techniques=second.techniques or first.techniques,
        data_code=better(first.data_code, second.data_code),
        model_card=second.model_card or first.model_card,
        model_reason=second.model_reason or first.model_reason,
        layers=second.layers or first.layers,
        model_code=better(first.model_code, second.model_code),
        suggestions=tuple(
            _merged(earlier.get(place), corrected.get(place), rounds) for place in sorted({*earlier, *corrected})
        ),
        notes=second.notes or first.notes,
    )
    taken = _count(merged)
    refused = tuple(one for one in second.refused if not _stands(one.part, merged))
    return replace(merged, refused=refused, taken=taken, given=taken + len(refused))


@dataclass(frozen=True, eq=False)
class _Placed(Suggestion):
    """A configuration and its place in the answer's list, in which others may be wrong as a whole."""

    place: int = 0


def _by_place(answer: Answer) -> dict[int, Suggestion]:
    return {getattr(one, "place", position): one for position, one in enumerate(answer.suggestions)}


def _merged(earlier: Suggestion | None, corrected: Suggestion | None, rounds: str) -> Suggestion:
    if earlier is None or corrected is None:
        return earlier or corrected or Suggestion({}, {})
    values = {**earlier.values, **corrected.values}
    fits = values.get(rounds) == earlier.values.get(rounds)
    return Suggestion(
        values, {**earlier.reasons, **corrected.reasons}, corrected.log or (earlier.log if fits else None)
    )


def _count(answer: Answer) -> int:
    """Count the values of an answer that stand."""
    codes = [report for report in (answer.data_code, answer.model_code) if report and not report.errors]
    configured = sum(len(one.values) + (one.log is not None) for one in answer.suggestions)
    return configured + len(codes) + bool(answer.model_card)


def _stands(part: str, answer: Answer) -> bool:
    """Return whether the first answer had right what the second has wrong."""
    if part == "model card":
        return bool(answer.model_card)
    if part == "training log":
        return bool(answer.suggestions) and all(one.log is not None for one in answer.suggestions)
    codes = {"preprocessing code": answer.data_code, "model code": answer.model_code}
    if part in codes:
        report = codes[part]
        return report is not None and not report.errors
    return bool(answer.suggestions) and all(part in one.values for one in answer.suggestions)


def with_suggestions(answer: Answer, further: Answer) -> Answer:
    """Return an answer with the configurations of a further round; of that round nothing else is taken or counted."""
    parts = ("preprocessing code", "model code", "model card")
    refused = tuple(one for one in further.refused if one.part not in parts)
    taken = sum(len(one.values) + (one.log is not None) for one in further.suggestions)
    return replace(
        answer,
        suggestions=(*answer.suggestions, *further.suggestions),
        refused=(*answer.refused, *refused),
        given=answer.given + taken + len(refused),
        taken=answer.taken + taken,
    )


class _Reader(Reader):
    """Reads an answer over all four stages."""

    def model_card(self, given: Any) -> str:
        if not given:
            return ""
        self.given += 1
        if given in self.context.models:
            return str(given)
        self.refuse("model card", given, "there is no such card to choose from", self.context.models[0])
        return ""

    def suggestions(self, given: Any) -> Iterator[Suggestion]:
        for place, entry in enumerate(items(given)[: self.context.n_candidates]):
            candidate = mapping(entry)
            values, reasons = self.values(candidate.get("hyperparameters"))
            if values:
                yield _Placed(values, reasons, self.log(candidate, values), place)

    def log(self, candidate: Mapping[str, Any], values: Mapping[str, Any]) -> Curve | None:
        if not items(candidate.get("log")):
            return None
        self.given += 1
        n_rounds = int(values.get(self.context.rounds, self.context.n_rounds))
        curve, wrong = read_log(candidate["log"], candidate.get("expected"), self.context.metric, n_rounds)
        if wrong:
            self.refuse(
                "training log", f"{len(candidate['log'])} checkpoints", wrong, "the forecast from measured runs"
            )
        return curve


def _layers(model: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for layer in items(model.get("layers"))[:_MOST_LISTED]:
        if words(layer):
            yield words(layer, 200), "layer"
    for name in ("activations", "loss"):
        if words(model.get(name)):
            yield words(model.get(name), 200), name


def _pairs(given: Any, what: str, why: str) -> Iterator[tuple[str, str]]:
    for entry in map(mapping, items(given)[:_MOST_LISTED]):
        if words(entry.get(what)):
            yield words(entry.get(what), 200), words(entry.get(why))
