"""Does a request for a faster model give one? ``python -m tests.benchmarks.faster`` asks on ten recorded tables.

Each is planned, trained and measured; then "make it faster" is asked and taken, and the new plan trained and measured
likewise. Latency is the median of a call with 1,000 prepared rows, by the model alone, and that of one row with its
preprocessing; the loss is that of the validation part. Both models are measured in turns, three times.
"""

from __future__ import annotations

import contextlib
import io
import statistics
from typing import Any

from automl_gpt_magic.cards import read_request
from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.quantities import predicted_by
from automl_gpt_magic.planning.revise import revise
from automl_gpt_magic.planning.standing import Standing
from automl_gpt_magic.recording.datasets import recorded_dataset
from automl_gpt_magic.records.plan import Plan
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.situations import replanner
from automl_gpt_magic.training.cost import Measuring, measured_cost

REQUEST = "make it faster"
CASES = (
    ("XGBoost", "magic"),
    ("XGBoost", "spambase"),
    ("XGBoost", "satimage"),
    ("XGBoost", "diamonds"),
    ("XGBoost", "phoneme"),
    ("LightGBM", "magic"),
    ("LightGBM", "phoneme"),
    ("LightGBM", "diamonds"),
    ("MLP", "spambase"),
    ("MLP", "phoneme"),
)
_MOST_ROWS = 6_000
_REPEATS = 3


def main() -> None:
    n_faster, worse = 0, []
    print(f"{'':<24}{'1,000 rows':>22}{'one row':>22}{'loss':>22}")
    for family, key in CASES:
        before, after = _trained(family, key)
        calls, ones = ([statistics.median(one[at] for one in each) for each in (before[0], after[0])] for at in (0, 1))
        n_faster += calls[1] < calls[0]
        worse.append((after[1] - before[1]) / before[1])
        print(
            f"{family + ' ' + key:<24}{_ms(calls):>22}{_ms(ones):>22}{f'{before[1]:.4f} -> {after[1]:.4f}':>22}",
            flush=True,
        )
    print(f"faster={n_faster}/{len(CASES)} loss_median={statistics.median(worse):+.3f} loss_worst={max(worse):+.3f}")


def _ms(pair: list[float]) -> str:
    return f"{1e3 * pair[0]:.2f} -> {1e3 * pair[1]:.2f} ms"


def _trained(family: str, key: str) -> tuple[tuple[list[tuple[float, float]], float], ...]:
    """Return of the plan as it is, and as it was asked for: times of a large and a small call, and the loss."""
    before = _planned(family, key)
    revision = revise(
        before, read_request(REQUEST), replan=replanner(AutoML()), predicting=predicted_by, suggested=None
    )
    frame = _frame(key)
    spaces = [_run(standing.plan, frame) for standing in (before, revision.after)]
    times: list[list[tuple[float, float]]] = [[], []]
    for _ in range(_REPEATS):
        for at, (names, space, _) in enumerate(spaces):
            cost = measured_cost(names, space, Measuring())
            large, small = cost.model_latency(1000), cost.latency(1)
            assert large is not None and small is not None
            times[at].append((large.p50, small.p50))
    return tuple((one, loss) for one, (_, _, loss) in zip(times, spaces, strict=True))


def _frame(key: str) -> Any:
    frame = recorded_dataset(key).load()
    return frame.sample(_MOST_ROWS, random_state=0) if len(frame) > _MOST_ROWS else frame


def _planned(family: str, key: str) -> Standing:
    dataset = recorded_dataset(key)
    fields = {name: value for name, value in dataset.card.items() if name in ("name", "task", "description")}
    cards = {"data": {**fields, "target": dataset.target}, "model": {"name": family}}
    settings = AutoML()
    settings.store = ""
    return Standing(survey(cards, None, frame=_frame(key), settings=settings))


def _run(plan: Plan, frame: Any) -> tuple[str, dict[str, Any], float]:
    """Run a plan's cells; return its prefix, what they defined, and the validation loss."""
    space: dict[str, Any] = {"frame": frame, "__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for stage in ("data", "model", "training"):
            exec(plan.code[stage], space)
    log = space[f"{plan.names}_log"]
    loss = [part for part in log.values() if isinstance(part, dict)][-1]
    metric = "rmse" if "rmse" in loss else next(name for name in loss if "log" in name)
    return plan.names, space, float(min(loss[metric]))


if __name__ == "__main__":
    main()
