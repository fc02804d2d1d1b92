"""A file of runs, to take them elsewhere: lines of JSON, of which the first says what it is. Every field is checked."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    FiniteFloat,
    JsonValue,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)

from ..errors import ExperienceError, one_line
from ..records.run import Run
from .predictions import LEVELS
from .rows import content_of, run_of_content

# 3 may hold what a model costs; 2 holds whole predicted curves; 1 held their last values. All are read.
SCHEMA_VERSION = 3
FORMAT = "automl_gpt_magic experience"
_LONGEST_LINE = 1 << 24
_LONGEST_MESSAGE = 200
_MOST_STEPS = 1_000_000


def lines_of(runs: Iterable[Run]) -> tuple[list[str], int]:
    """Return the lines of a file, and how many runs are not in it because they hold numbers that are not finite."""
    every = [_line_of(run) for run in runs]
    whole = [line for line in every if line is not None]
    about = {"format": FORMAT, "schema_version": SCHEMA_VERSION, "runs": len(whole)}
    about["package"] = metadata.version("automl_gpt_magic")
    return [json.dumps(about), *whole], len(every) - len(whole)


def is_run_file(path: Path) -> bool:
    """Return whether a file is one of runs, of whatever version."""
    with path.open("rb") as file:
        try:
            about = json.loads(file.readline(_LONGEST_LINE))
        except (ValueError, RecursionError):
            return False
    return isinstance(about, dict) and about.get("format") == FORMAT


def runs_of(path: Path) -> list[Run]:
    """Read a file of runs, the whole of it.

    Raises
    ------
    ExperienceError
        If a line is torn or holds what no run can; with its number.
    OSError
        If the file cannot be read.
    """
    if path.exists() and not path.is_file():
        raise ExperienceError(one_line(f"{path} is no file; name the file that %automl experience export wrote"))
    with path.open("rb") as file:
        lines = _numbered(path, iter(lambda: file.readline(_LONGEST_LINE + 1), b""))
        announced = _announced(path, next(lines, (1, b"")))
        runs = [_run_of(path, number, line) for number, line in lines if line.strip()]
    if len(runs) != announced:
        raise ExperienceError(
            one_line(f"{path} announces {announced} runs in line 1 and holds {len(runs)}: it is torn; export it again")
        )
    return runs


def _numbered(path: Path, lines: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST_LINE:
            raise _wrong(path, number, f"is longer than {_LONGEST_LINE >> 20} MiB; leave this run out")
        yield number, line


def _announced(path: Path, numbered: tuple[int, bytes]) -> int:
    """Return how many runs a file says it holds."""
    number, line = numbered
    about = _parsed(path, number, line) if line.strip() else None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise _wrong(path, number, "does not begin a file of runs; name one that %automl experience export wrote")
    version, announced = about.get("schema_version"), about.get("runs")
    if type(version) is int and version > SCHEMA_VERSION:
        raise _wrong(
            path, number, f"has schema {version}, this version reads {SCHEMA_VERSION}; update automl_gpt_magic"
        )
    if type(version) is not int or version < 1 or type(announced) is not int:
        raise _wrong(path, number, "has no schema_version and number of runs that are known; export the file again")
    return announced


def _run_of(path: Path, number: int, line: bytes) -> Run:
    held = _parsed(path, number, line)
    try:
        return run_of_content(_Line.model_validate(held).model_dump())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        what = f"{where}: {first['msg']}" if where else first["msg"]
        raise _wrong(path, number, f"{what[:_LONGEST_MESSAGE]}; correct this field, or leave this run out") from None


def _parsed(path: Path, number: int, line: bytes) -> Any:
    try:
        return json.loads(
            line.decode("utf-8-sig"), parse_constant=_number, parse_float=_number, object_pairs_hook=_without_doubles
        )
    except _NotFiniteError as error:
        raise _wrong(path, number, f"holds {error}, which is no measured number; leave this run out") from None
    except (ValueError, RecursionError) as error:
        said = str(error)[:_LONGEST_MESSAGE]
        raise _wrong(path, number, f"is torn or no JSON ({said}); export the file again") from None


def _line_of(run: Run) -> str | None:
    try:
        return json.dumps(content_of(run), allow_nan=False)
    except ValueError:
        return None


class _NotFiniteError(ValueError):
    """NaN, or a number that is too large."""


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _NotFiniteError(text[:40])
    return number


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise ValueError("one name stands twice")
    return held


def _wrong(path: Path, number: int, what: str) -> ExperienceError:
    return ExperienceError(one_line(f"{path}, line {number}: {what}. Nothing was imported."))


def _is_date(text: str) -> str:
    datetime.fromisoformat(text)
    return text


_Name = Annotated[str, StringConstraints(max_length=1000)]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{0,64}$")]
_Step = Annotated[int, Field(ge=0, le=2**31)]
_Steps = Annotated[list[_Step], Field(min_length=1, max_length=_MOST_STEPS)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Curve(_Strict):
    steps: _Steps
    value: list[FiniteFloat]
    training: list[FiniteFloat] | None
    kept: Annotated[int, Field(ge=0)] | None

    @model_validator(mode="after")
    def _fits(self) -> _Curve:
        n = len(self.steps)
        if len(self.value) != n or (self.training is not None and len(self.training) != n):
            raise ValueError("steps, value and training have different lengths")
        _require_ascending(self.steps)
        if self.kept is not None and self.kept >= n:
            raise ValueError("kept is no place in steps")
        return self


def _require_ascending(steps: list[int]) -> None:
    if any(left >= right for left, right in pairwise(steps)):
        raise ValueError("steps do not ascend")


def _holds_value(interval: tuple[float, float, float]) -> tuple[float, float, float]:
    value, lower, upper = interval
    if lower > upper:
        raise ValueError(f"the interval of {value:g} is upside down")
    return interval


_Ends = Annotated[tuple[FiniteFloat, FiniteFloat, FiniteFloat], Field(strict=False), AfterValidator(_holds_value)]


class _Predicted(_Strict):
    steps: _Steps
    value: list[FiniteFloat]
    training: list[FiniteFloat] | None
    quantiles: dict[str, list[FiniteFloat]] | None

    @model_validator(mode="after")
    def _fits(self) -> _Predicted:
        levels = [] if self.quantiles is None else [self.quantiles.get(level, []) for level in LEVELS]
        if self.quantiles is not None and self.quantiles.keys() != set(LEVELS):
            raise ValueError(f"quantiles are not those at {', '.join(LEVELS)}")
        if {len(part) for part in (self.value, self.training, *levels) if part is not None} != {len(self.steps)}:
            raise ValueError("steps, value, training and quantiles have different lengths")
        _require_ascending(self.steps)
        if any(low > high for one, other in pairwise(levels) for low, high in zip(one, other, strict=True)):
            raise ValueError("quantiles are upside down")
        return self


def _form(kept: Any) -> str:
    return "curve" if isinstance(kept, (dict, _Predicted)) else "last value"


_Forecast = Annotated[Annotated[_Predicted, Tag("curve")] | Annotated[_Ends, Tag("last value")], Discriminator(_form)]
_Log = Annotated[Annotated[_Predicted, Tag("curve")] | Annotated[FiniteFloat, Tag("last value")], Discriminator(_form)]


_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Bytes = Annotated[int, Field(ge=0)] | None


class _Latency(_Strict):
    batch: Annotated[int, Field(ge=1, le=2**31)]
    p50: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    p95: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    n_calls: Annotated[int, Field(ge=1, le=2**31)]


_Latencies = Annotated[list[_Latency], Field(max_length=100)]


class _Cost(_Strict):
    machine: _Name
    latencies: _Latencies
    model_latencies: _Latencies
    model_bytes: _Bytes
    memory_bytes: _Bytes
    training_seconds: _Seconds | None
    with_preprocessing: bool


class _Line(_Strict):
    """One run as `content_of` writes it."""

    date: Annotated[str, StringConstraints(max_length=40), AfterValidator(_is_date)]
    dataset: _Name
    fingerprint: _Digest
    task: _Word
    family: _Word
    configuration: dict[_Name, JsonValue]
    metric: _Word
    curves: dict[_Word, _Curve]
    step: _Name
    predicted: dict[_Word, _Forecast]
    seconds: _Seconds
    split: dict[_Name, JsonValue]
    code: _Digest
    versions: dict[_Name, _Name]
    llm: _Name
    origin: Literal["cell", "train", "tune"]
    preprocessing: _Digest
    status: Literal["finished", "stopped early"]
    environment: dict[_Name, JsonValue]
    llm_predicted: dict[_Word, _Log]
    corrected_by: Annotated[int, Field(ge=0, le=2**31 - 1)]
    cost: _Cost | None = None

    @model_validator(mode="after")
    def _is_judged(self) -> _Line:
        if self.metric not in self.curves:
            raise ValueError(f"there is no curve of its metric, {self.metric}")
        return self
