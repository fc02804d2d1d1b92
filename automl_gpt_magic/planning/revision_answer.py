"""An LLM's answer to a request, taken apart and checked: what it understood, and how it would revise the plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import ParameterError
from ..records.answer import CodeReport
from ..records.request import Understood, Wish
from ..records.revision import LLMRevision
from .context import Context, build_check, prepare_check
from .reading import Reader, better, items, mapping, words
from .revision_wishes import Question, model_called, quoted, read_wish, slot
from .unmask import with_names

REVISION_KEYS = (
    *("understood", "not_understood", "hyperparameters", "model", "data_code", "model_code", "expected", "said"),
)
_MOST_WISHES = 8
_LONGEST_LEFT = 200
_DATA_CODE, _MODEL_CODE = "preprocessing code", "model code"


def check_revision(found: Mapping[str, Any], question: Question, context: Context) -> LLMRevision:
    """Return what of an answer stands; ``found`` is its JSON object, of which anything may be missing or wrong.

    Parameters
    ----------
    found : mapping
        With the keys of the prompt's schema.
    question : Question
    context : Context
    """
    found = with_names(found, context.mask) if context.mask else found
    reader = _Reader(context, question)
    understood = reader.understood(found.get("understood"), found.get("not_understood"))
    model = reader.model(found.get("model"))
    values, data_code, model_code = reader.revised(found, _other_model(understood, model, context))
    return LLMRevision(
        understood,
        values,
        model,
        data_code,
        model_code,
        words(found.get("said")),
        reader.expected(found.get("expected")),
        tuple(reader.refused),
    )


def merge_revisions(first: LLMRevision, second: LLMRevision) -> LLMRevision:
    """Return the corrected answer, with the first one's valid parts where the second has none."""
    if not (second.is_something or second.refused):
        return first
    wishes = {slot(wish): wish for wish in (*first.understood.wishes, *second.understood.wishes)}
    merged = replace(
        second,
        understood=Understood(tuple(wishes.values()), second.understood.left),
        values={**first.values, **second.values},
        model=second.model or first.model,
        data_code=better(first.data_code, second.data_code),
        model_code=better(first.model_code, second.model_code),
        said=second.said or first.said,
        expected=first.expected if second.expected is None else second.expected,
    )
    return replace(merged, refused=tuple(one for one in second.refused if not _stands(one.part, merged)))


def _stands(part: str, merged: LLMRevision) -> bool:
    """Return whether the first answer had right what the second has wrong."""
    codes = {_DATA_CODE: "data", _MODEL_CODE: "model"}
    return codes[part] in merged.code if part in codes else part in merged.values


def _other_model(understood: Understood, model: str, context: Context) -> str:
    """Return the model that the plan would have instead; empty where it keeps its own."""
    asked = next((wish.name for wish in understood.wishes if wish.want == "model"), model)
    return asked if asked and asked != context.models[0] else ""


class _Reader(Reader):
    """Reads an answer to a request."""

    def __init__(self, context: Context, question: Question) -> None:
        super().__init__(context)
        self._question, self._kept = question, dict(question.kept)
        self._standing = dict(question.standing)

    def understood(self, given: Any, not_understood: Any) -> Understood:
        """Return the wishes, and what is left: also the words of a wish that is refused."""
        wishes: dict[tuple[str, ...], Wish] = {}
        left = [words(one, _LONGEST_LEFT) for one in items(not_understood)[:_MOST_WISHES] if words(one)]
        for entry in map(mapping, items(given)):
            try:
                self._add(wishes, entry)
            except (ValueError, ParameterError) as error:
                text = quoted(entry.get("text"), self._question.text)
                self.refuse(str(entry.get("want") or "wish"), text, str(error), "nothing")
                left.append(text)
        for wish in wishes.values():
            self._decide(wish)
        return Understood(tuple(wishes.values()), tuple(dict.fromkeys(left)))

    def _add(self, wishes: dict[tuple[str, ...], Wish], entry: Mapping[str, Any]) -> None:
        wish = read_wish(entry, self._question, self.context)
        if wishes.get(slot(wish), wish) != wish:
            raise ValueError("another wish asks for something else of the same")
        if len(wishes) == _MOST_WISHES:
            raise ValueError(f"there are more than {_MOST_WISHES} wishes; ask for the rest afterwards")
        wishes.setdefault(slot(wish), wish)

    def _decide(self, wish: Wish) -> None:
        """Hold the LLM's own values to what the request itself says of them."""
        if wish.want == "free" and wish.name not in self.context.fixed:
            self._kept.pop(wish.name, None)
        elif wish.want == "lock":
            self._kept.setdefault(wish.name, "the request keeps it")
        elif wish.want == "set":
            self._kept[wish.name], self._standing[wish.name] = "the request sets it", wish.value

    def model(self, given: Any) -> str:
        """Return the model that it proposes; empty for none, or the plan's own."""
        if not given:
            return ""
        try:
            name = model_called(given, self._question, self.context)
        except ValueError as error:
            self.refuse("model", given, str(error), self.context.models[0])
            return ""
        return "" if name == self.context.models[0] else name

    def revised(
        self, found: Mapping[str, Any], other_model: str
    ) -> tuple[dict[str, tuple[Any, str]], CodeReport | None, CodeReport | None]:
        """Return values, preprocessing code and model code."""
        data_code = self.code(_DATA_CODE, found.get("data_code"), prepare_check(self.context), "the cell as it is")
        entries, source = self._changed(found.get("hyperparameters")), found.get("model_code")
        if other_model:
            if entries or words(source):
                given = f"{len(entries)} hyperparameters" if entries else "model code"
                self.refuse("revision", given, f"{other_model} is planned anew", "what is known of it")
            return {}, data_code, None
        values, reasons = self.values(entries, "what stands")
        model_code = self.code(_MODEL_CODE, source, build_check(self.context), "the cell as it is")
        return {name: (value, reasons[name]) for name, value in values.items()}, data_code, model_code

    def _changed(self, given: Any) -> list[Any]:
        """Return the entries but for those that only repeat what was decided."""
        entries = [mapping(entry) for entry in items(given)]
        decided = [(name, self._standing.get(name)) for name in self._kept]
        return [entry for entry in entries if (entry.get("name"), entry.get("value")) not in decided]

    def checked(self, name: Any, value: Any, before: Mapping[str, Any]) -> Any:
        known = self.context.space[name].name
        if known in self._kept:
            raise ParameterError(self._kept[known])
        return super().checked(name, value, before)

    def expected(self, given: Any) -> float | None:
        """Return the loss that it expects; None where it gives none."""
        if given is None:
            return None
        if isinstance(given, bool) or not isinstance(given, (int, float)) or not math.isfinite(given):
            self.refuse("expected", given, "it is no number", "the forecast")
            return None
        return float(given)
