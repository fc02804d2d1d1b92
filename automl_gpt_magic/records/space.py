"""Search spaces: what each hyperparameter may be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..errors import ParameterError, did_you_mean

# The hyperparameter, in every family that is trained in steps, with which the best step is kept and not the last.
EARLY_STOPPING = "early_stopping_rounds"
_LONGEST = 500  # letters of a text


@dataclass(frozen=True)
class Parameter:
    """One hyperparameter: its type, range or choices, scale and the library's own default.

    The default is always allowed, also where it lies outside a logarithmic range (such as 0). Beside its choices an
    ``open`` one takes any text, such as a name or a folder.
    """

    name: str
    kind: Literal["int", "float", "choice"]
    default: Any
    low: float = -math.inf
    high: float = math.inf
    log: bool = False
    choices: tuple[Any, ...] = ()
    meaning: str = ""
    open: bool = False

    def check(self, value: Any) -> Any:
        """Return ``value`` in this parameter's type.

        Raises
        ------
        ParameterError
            If the value has the wrong type, is not finite, or lies outside range or choices.
        """
        if self.kind == "choice":
            return self._choice(value)
        number = self._number(value)
        if number == self.default or self.low <= number <= self.high:
            return number
        side, bound = ("below", self.low) if number < self.low else ("above", self.high)
        raise ParameterError(f"{self.name} {number:g} is {side} {bound:g}. Write {self.low:g} to {self.high:g}.")

    def _choice(self, value: Any) -> Any:
        if value in self.choices:
            return self.choices[self.choices.index(value)]  # 4 for a 4.0
        if self.open and isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST and value.isprintable():
            return value.strip()
        raise ParameterError(f"{self.name} {value!r} is unknown: {did_you_mean(value, map(str, self.choices))}.")

    def _number(self, value: Any) -> int | float:
        wanted = "a whole number" if self.kind == "int" else "a number"
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e300 < value < 1e300:
            raise ParameterError(f"{self.name} {value!r} is not {wanted}. Write {self.range_text()}.")
        if self.kind == "int" and value != int(value):
            raise ParameterError(f"{self.name} {value!r} is not a whole number. Write {self.range_text()}.")
        return int(value) if self.kind == "int" else float(value)

    def range_text(self) -> str:
        """Return the range as a person writes it: ``0.005 – 0.5, log`` or ``2 choices``."""
        if self.kind == "choice":
            return f"{len(self.choices)} choices" + (", or another" if self.open else "")
        if math.isinf(self.low) and math.isinf(self.high):
            return "any"
        return f"{self.low:g} – {self.high:g}" + (", log" if self.log else "")


@dataclass(frozen=True)
class SearchSpace:
    """The hyperparameters of one model family, in the order the table shows them."""

    family: str
    parameters: tuple[Parameter, ...]

    def __getitem__(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise ParameterError(
            f"{self.family} has no hyperparameter {name!r}: {did_you_mean(name, [p.name for p in self.parameters])}"
        )

    def __contains__(self, name: object) -> bool:
        return any(parameter.name == name for parameter in self.parameters)

    @property
    def default(self) -> dict[str, Any]:
        """The library's own default configuration, which is always the control."""
        return {parameter.name: parameter.default for parameter in self.parameters}


@dataclass(frozen=True)
class StepLimit:
    """The most steps that a request allows a training of one model.

    Attributes
    ----------
    parameter : str
        The hyperparameter that counts them.
    most : int
        At least 1.
    counted : str
        What the request calls them: ``trees`` or ``epochs``.
    """

    parameter: str
    most: int
    counted: str

    def __str__(self) -> str:
        return f"{self.most} {self.counted if self.most > 1 else self.counted.removesuffix('s')}"

    @property
    def reason(self) -> str:
        """Why a configuration has no more steps."""
        return f"what the request's limit on {self.counted} allows"

    def allows(self, configuration: Mapping[str, Any]) -> bool:
        return bool(configuration[self.parameter] <= self.most)

    def cut(self, configuration: Mapping[str, Any]) -> dict[str, Any]:
        """Return a configuration with no more steps than allowed."""
        return {**configuration, self.parameter: min(configuration[self.parameter], self.most)}

    def narrow(self, space: SearchSpace) -> SearchSpace:
        """Return a search space with no more steps than allowed."""
        counts = space[self.parameter]
        fewer = replace(counts, default=min(counts.default, self.most), high=min(counts.high, self.most))
        return replace(space, parameters=tuple(fewer if one is counts else one for one in space.parameters))
