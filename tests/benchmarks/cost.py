"""Measured latency: does it repeat? Predicted size: how far is it off?

``.venv/bin/python tests/benchmarks/cost.py`` measures three trained models ten times each, and trains 30 configurations
of three families of trees on public tables to compare their files with what was predicted of them; ``repeats`` or
``size`` does one of both. Nothing else should use the machine meanwhile.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from automl_gpt_magic.costing import measuring_of  # noqa: E402
from automl_gpt_magic.pipeline import survey  # noqa: E402
from automl_gpt_magic.planning.build import build_plan  # noqa: E402
from automl_gpt_magic.planning.costs import work_of  # noqa: E402
from automl_gpt_magic.planning.families import family_named  # noqa: E402
from automl_gpt_magic.recording.configurations import Recorded, shared_configurations  # noqa: E402
from automl_gpt_magic.recording.datasets import recorded_dataset  # noqa: E402
from automl_gpt_magic.recording.record import prepare  # noqa: E402
from automl_gpt_magic.records.cost import Cost  # noqa: E402
from automl_gpt_magic.records.plan import Plan  # noqa: E402
from automl_gpt_magic.settings import AutoML  # noqa: E402
from automl_gpt_magic.training import measured_cost  # noqa: E402
from automl_gpt_magic.training.cells import run_cells  # noqa: E402

_MEASUREMENTS = 10
_ROWS = 3_000
_REPEATED = (("magic", "XGBoost"), ("magic", "LightGBM"), ("segment", "MLP"))
_SIZED = ("XGBoost", "LightGBM", "HistGradientBoosting")
# None of the tables that the prediction was fitted to.
_SIZED_ON = ("spambase", "banana", "penbased", "contraceptive", "diamonds", "food_budget", "page_blocks", "vowel")
_SIZED_ON += ("wine_red_4", "ontario_wages")
_BATCH = 1_000


@dataclass(frozen=True)
class Case:
    """A table, and a model card for it."""

    cards: dict[str, Any]
    tables: dict[str, Any]


def case(key: str, model: str) -> Case:
    """Return the case of a public dataset."""
    dataset = recorded_dataset(key)
    frame = dataset.load()
    frame = frame.sample(min(_ROWS, len(frame)), random_state=0)
    data = {"name": dataset.card["name"], "task": dataset.card["task"], "target": dataset.target, "frame": "frame"}
    return Case({"data": data, "model": model}, {"frame": frame})


def trained(plan: Plan, tables: Mapping[str, Any]) -> dict[str, Any]:
    """Run a plan's cells and return what they leave."""
    cells = [(stage, source) for stage, source in plan.code.items() if stage != "test"]
    with contextlib.redirect_stdout(io.StringIO()):
        return run_cells(cells, tables)


def planned(one: Case, settings: AutoML) -> Plan:
    return build_plan(survey(one.cards, one.tables, settings=settings), {})


def repeats(settings: AutoML) -> str:
    """Return how far a measured p50 is from the median of its repetitions: in the middle, in 90% and at most."""
    off: list[float] = []
    for key, model in _REPEATED:
        one = case(key, model)
        plan = planned(one, settings)
        left = trained(plan, one.tables)
        costs = [measured_cost(plan.names, left, measuring_of(plan)) for _ in range(_MEASUREMENTS)]
        several = np.array([_medians(cost) for cost in costs])
        from_median = np.abs(several / np.median(several, axis=0) - 1)
        print(
            f"  {key} {model}: whole and alone, at 1 and {_BATCH:,} rows: {from_median.max(axis=0).round(3)}",
            flush=True,
        )
        off += list(from_median.ravel())
    middle, most = np.quantile(off, [0.5, 0.9])
    return f"latency_spread_50={middle:.3f} latency_spread_90={most:.3f} latency_spread={max(off):.3f}"


def _medians(cost: Cost) -> list[float]:
    return [latency.p50 for latency in (*cost.latencies, *cost.model_latencies)]


def size() -> str:
    """Return by what factor predicted sizes are off, in the middle and for 90%, and how many are within 2."""
    factors = [factor for family in _SIZED for factor in _factors(family)]
    within = sum(factor <= 2 for factor in factors)
    middle, most = np.quantile(factors, [0.5, 0.9])
    return f"size_error={middle:.2f} size_error_90={most:.2f} size_within_2={within}/{len(factors)}"


def _factors(name: str) -> Iterator[float]:
    family = family_named(name)
    configurations = shared_configurations(Recorded(name, 1, 0, len(_SIZED_ON)))[2:]
    rounds = np.geomspace(20, 400, len(_SIZED_ON)).round().astype(int)
    for key, configuration, count in zip(_SIZED_ON, configurations, rounds, strict=True):
        dataset = recorded_dataset(key)
        with contextlib.redirect_stdout(io.StringIO()):
            prepared = prepare(dataset, dataset.load(), family, _ROWS)
        values = {**configuration, family.rounds: int(count)}
        model = prepared.cells["run_build"](values).fit(*prepared.parts[0])
        predicted = work_of(family, _of_part(prepared), prepared.table, values)
        assert predicted is not None
        yield math.exp(abs(math.log(predicted.n_bytes / _saved(family, prepared.card, model))))


def _of_part(prepared: Any) -> Any:
    return replace(prepared.card, n_rows=len(prepared.parts[0][1]))


def _saved(family: Any, card: Any, model: Any) -> int:
    saving = family.saving("run", card)
    with tempfile.TemporaryDirectory() as folder:
        exec(f"{saving.imports}\n{saving.save}", {"run_model": [model], "run_folder": Path(folder)})
        return sum(file.stat().st_size for file in Path(folder).iterdir())


def main() -> None:
    settings = AutoML()
    settings.store = ""
    wanted = sys.argv[1:] or ["repeats", "size"]
    parts = {"repeats": lambda: repeats(settings), "size": size}
    print(" ".join([parts[name]() for name in wanted]))


if __name__ == "__main__":
    main()
