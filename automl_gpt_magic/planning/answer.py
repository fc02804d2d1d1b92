"""An LLM's answer, taken apart and checked value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ParameterError, one_line
from ..records.answer import Answer, CodeReport, Refused, Suggestion
from ..records.curve import Curve
from ..records.mask import Mask
from ..records.space import SearchSpace
from .code_check import check_build, check_prepare, refused
from .own_log import read_log
from .unmask import check_with_names, with_names

KEYS = ("data_processing", "model", "candidates", "notes")
_LONGEST = 600
_MOST_LISTED = 12


@dataclass(frozen=True)
class Context:
    """What an answer is checked against.

    Parameters
    ----------
    space : SearchSpace
    fixed : mapping
        The values that the chosen model card sets: an answer may not change them.
    models : sequence of str
        The model cards to choose from, the planned one first.
    metric : str
        The loss that logs are of.
    names : str
        Prefix of the code's names.
    columns : sequence of str
        The feature columns; ``target`` is not among them. Empty where no table is at hand.
    prepared : bool
        Whether preprocessing code is taken.
    estimator : str
        The class that model code must build; empty where no such code is taken.
    module : str
        The library of that class.
    n_candidates : int
        The most configurations that are read.
    rounds : str
        The hyperparameter that counts the steps of a training; empty where a training is one step.
    n_rounds : int
        The steps of a configuration that names none.
    mask : Mask or None
        The words that the answer's names are written in, where those are not the names themselves.
    """

    space: SearchSpace
    fixed: Mapping[str, Any]
    models: Sequence[str]
    metric: str
    names: str
    columns: Sequence[str]
    target: str
    prepared: bool
    estimator: str
    module: str
    n_candidates: int
    rounds: str
    n_rounds: int
    mask: Mask | None = None


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
    data, model = _mapping(found.get("data_processing")), _mapping(found.get("model"))
    suggestions = tuple(reader.suggestions(found.get("candidates")))
    return Answer(
        techniques=tuple(_pairs(data.get("techniques"), "technique", "reason")),
        data_code=reader.code("preprocessing code", data.get("code"), _prepare_report(context)),
        model_card=reader.model_card(model.get("card")),
        model_reason=_text(model.get("why")),
        layers=tuple(_layers(model)),
        model_code=reader.code("model code", model.get("code"), _build_report(context)),
        suggestions=suggestions,
        notes=_text(found.get("notes"), 2 * _LONGEST),
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
        data_code=_better(first.data_code, second.data_code),
        model_card=second.model_card or first.model_card,
        model_reason=second.model_reason or first.model_reason,
        layers=second.layers or first.layers,
        model_code=_better(first.model_code, second.model_code),
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


def _better(first: CodeReport | None, second: CodeReport | None) -> CodeReport | None:
    if first is None or second is None:
        return second or first
    return first if second.errors and not first.errors else second


def _prepare_report(context: Context) -> Any:
    if not context.prepared:
        return lambda source: refused(source, "these rows are prepared by the recipe only: leave it out.")
    return lambda source: check_prepare(source, context.names, context.columns, context.target)


def _build_report(context: Context) -> Any:
    if not context.estimator:
        return lambda source: refused(source, "this model is built by the recipe only: leave it out.")
    searched = [parameter.name for parameter in context.space.parameters]
    return lambda source: check_build(source, context.names, context.estimator, context.module, searched)


@dataclass
class _Reader:
    """Counts what is given and notes what is refused."""

    context: Context
    refused: list[Refused] = field(default_factory=list)
    given: int = 0
    lost: int = 0

    def refuse(self, part: str, given: Any, reason: str, instead: str) -> None:
        self.lost += 1
        self.refused.append(Refused(_short(part), _short(given), _short(reason, 300), instead))

    def model_card(self, given: Any) -> str:
        if not given:
            return ""
        self.given += 1
        if given in self.context.models:
            return str(given)
        self.refuse("model card", given, "there is no such card to choose from", self.context.models[0])
        return ""

    def code(self, part: str, given: Any, check: Any) -> CodeReport | None:
        if not isinstance(given, str) or not given.strip() or not self.context.columns:
            return None
        self.given += 1
        report = check_with_names(given, check, self.context.mask)
        if report.errors:
            self.refuse(part, given, report.errors[0], "the recipe's code")
        return report

    def suggestions(self, given: Any) -> Iterator[Suggestion]:
        for place, entry in enumerate(_list(given)[: self.context.n_candidates]):
            candidate = _mapping(entry)
            values, reasons = self.values(candidate.get("hyperparameters"))
            if values:
                yield _Placed(values, reasons, self.log(candidate, values), place)

    def values(self, given: Any) -> tuple[dict[str, Any], dict[str, str]]:
        values: dict[str, Any] = {}
        reasons: dict[str, str] = {}
        for entry in map(_mapping, _list(given)):
            name, value = entry.get("name"), entry.get("value")
            self.given += 1
            try:
                values[str(name)] = self.checked(name, value, values)
                reasons[str(name)] = _text(entry.get("reason")) or "the LLM gave no reason"
            except ParameterError as error:
                self.refuse(str(name), value, str(error), "what recorded runs say")
        return values, reasons

    def checked(self, name: Any, value: Any, before: Mapping[str, Any]) -> Any:
        parameter = self.context.space[name]
        if name in self.context.fixed:
            raise ParameterError(f"{name} is fixed by the model card.")
        if name in before:
            raise ParameterError(f"{name} is given twice in one configuration.")
        return parameter.check(value)

    def log(self, candidate: Mapping[str, Any], values: Mapping[str, Any]) -> Curve | None:
        if not _list(candidate.get("log")):
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
    for layer in _list(model.get("layers"))[:_MOST_LISTED]:
        if _text(layer):
            yield _text(layer, 200), "layer"
    for name in ("activations", "loss"):
        if _text(model.get(name)):
            yield _text(model.get(name), 200), name


def _pairs(given: Any, what: str, why: str) -> Iterator[tuple[str, str]]:
    for entry in map(_mapping, _list(given)[:_MOST_LISTED]):
        if _text(entry.get(what)):
            yield _text(entry.get(what), 200), _text(entry.get(why))


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _list(given: Any) -> Sequence[Any]:
    return given if isinstance(given, list) else []


def _text(given: Any, longest: int = _LONGEST) -> str:
    """Return an LLM's words on one line, cut."""
    return _short(given, longest) if isinstance(given, str) else ""


def _short(given: Any, longest: int = 80) -> str:
    text = one_line(" ".join(str(given)[: 4 * longest].split()))
    return text if len(text) <= longest else text[: longest - 1] + "…"
