"""Take an LLM's JSON apart, of which anything may be missing or wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import ParameterError, one_line
from ..records.answer import CodeReport, Refused
from .context import Context
from .unmask import check_with_names

LONGEST = 600


@dataclass
class Reader:
    """Counts what is given and notes what is refused.

    Parameters
    ----------
    context : Context
    """

    context: Context
    refused: list[Refused] = field(default_factory=list)
    given: int = 0
    lost: int = 0

    def refuse(self, part: str, given: Any, reason: str, instead: str) -> None:
        """Note a part that is not taken, and what stands in its place."""
        self.lost += 1
        self.refused.append(Refused(short(part), short(given), short(reason, 300), instead))

    def code(
        self, part: str, given: Any, check: Callable[[str], CodeReport], instead: str = "the recipe's code"
    ) -> CodeReport | None:
        """Return what reading a piece of code shows; None where there is none."""
        if not isinstance(given, str) or not given.strip() or not self.context.columns:
            return None
        self.given += 1
        report = check_with_names(given, check, self.context.mask)
        if report.errors:
            self.refuse(part, given, report.errors[0], instead)
        return report

    def values(self, given: Any, instead: str = "what recorded runs say") -> tuple[dict[str, Any], dict[str, str]]:
        """Return the valid values of a list, and their reasons."""
        values: dict[str, Any] = {}
        reasons: dict[str, str] = {}
        for entry in map(mapping, items(given)):
            name, value = entry.get("name"), entry.get("value")
            self.given += 1
            try:
                values[str(name)] = self.checked(name, value, values)
                reasons[str(name)] = words(entry.get("reason")) or "the LLM gave no reason"
            except ParameterError as error:
                self.refuse(str(name), value, str(error), instead)
        return values, reasons

    def checked(self, name: Any, value: Any, before: Mapping[str, Any]) -> Any:
        """Return a value in its type.

        Raises
        ------
        ParameterError
            If it is outside the space, fixed, or there are two of it.
        """
        parameter = self.context.space[name]
        if name in self.context.fixed:
            raise ParameterError(f"{name} is fixed by the model card.")
        if name in before:
            raise ParameterError(f"{name} is given twice in one configuration.")
        return parameter.check(value)


def better(first: CodeReport | None, second: CodeReport | None) -> CodeReport | None:
    """Return the second report on the same piece of code, but where only the first one has no errors."""
    if first is None or second is None:
        return second or first
    return first if second.errors and not first.errors else second


def mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def items(given: Any) -> Sequence[Any]:
    return given if isinstance(given, list) else []


def words(given: Any, longest: int = LONGEST) -> str:
    """Return an LLM's words on one line, cut."""
    return short(given, longest) if isinstance(given, str) else ""


def short(given: Any, longest: int = 80) -> str:
    """Return anything on one line, cut."""
    text = one_line(" ".join(str(given)[: 4 * longest].split()))
    return text if len(text) <= longest else text[: longest - 1] + "…"
