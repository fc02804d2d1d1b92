"""``python -m tests.benchmarks.assignment`` prints what choosing a model family by its forecast is worth.

On the datasets that several families were trained on, each is left out with its near-copies and forecast as if it were
new, by forests that have not seen it; the settings and bands of the shipped calibration, a few numbers fitted to all
datasets, stand. Every family recommends a configuration; what was really measured of the recorded one nearest to it
is what following a rule comes to. A regret of 0.05 is a loss 5% above that of the best family. Tables of more than
4,000 rows were cut to 6,000 for the trees and to 4,000 for the network.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.bank import Bank, load_bank, slug
from automl_gpt_magic.experience.scales import scales
from automl_gpt_magic.planning.families import family_named

from .forecast.judged import card_of
from .transfer.nested import without
from .transfer.references import spawned
from .transfer.scores import interval

FAMILIES = ("XGBoost", "LightGBM", "PyTorch MLP")
ARMS = ("card only", "data at hand")
_LEAST_LOSS = 1e-3  # of knowing nothing; below it a ratio says nothing
_CLEARLY = 0.05


@dataclass(frozen=True)
class Told:
    """One family on one dataset, relative to knowing nothing: what is predicted, and what was measured.

    ``best`` is the lowest recorded loss of any configuration, ``seconds`` the predicted training time.
    """

    predicted: float
    lower: float
    upper: float
    measured: float
    best: float
    seconds: float


@dataclass(frozen=True)
class Case:
    """One dataset, known in one way; ``source`` is shared by near-copies."""

    key: str
    source: str
    by_family: Mapping[str, Told]


Rule = Callable[[Case], str]


def main() -> None:
    options = _options()
    banks = {family: load_bank(slug(family)) for family in FAMILIES}
    held = {family: {one["key"] for one in bank.datasets} for family, bank in banks.items()}
    keys = [key for key in held[FAMILIES[0]] if sum(key in keys for keys in held.values()) > 1]
    with spawned(options.processes) as pool:
        jobs = [pool.submit(told, family, key) for family in FAMILIES for key in sorted(keys) if key in held[family]]
        found = [job.result() for job in jobs]
    summary = []
    for arm in ARMS:
        for families in (FAMILIES[:2], FAMILIES):
            cases = _cases(found, arm, families)
            summary.append(_print_board(arm, families, cases))
    print(*summary)


def told(family: str, key: str) -> tuple[str, str, str, dict[str, Told]]:
    """Return family, dataset, its source, and what is told of it by each arm."""
    bank = load_bank(slug(family))
    index = next(place for place, one in enumerate(bank.datasets) if one["key"] == key)
    rest, landmarks = without(bank, index, bank), bank.landmarks[index].astype("float64")
    arms = {arm: _told(family, bank, rest, index, known) for arm, known in zip(ARMS, (None, landmarks), strict=True)}
    return family, key, bank.datasets[index]["family"], arms


def _told(family: str, bank: Bank, rest: Bank, index: int, landmarks: Any) -> Told:
    card = card_of(bank.datasets[index])
    advice = Advice(card, None, family_named(family).space, {}, bank=rest, landmarks=landmarks)
    chosen = advice.evidence.configuration
    forecast, scale = advice.forecast(chosen), scales(card, None)[0]
    curve = next(iter(forecast.curves.values()))
    assert curve.lower is not None and curve.upper is not None
    losses = bank.valid[index].astype("float64")
    return Told(
        predicted=curve.final / scale,
        lower=float(curve.lower[-1]) / scale,
        upper=float(curve.upper[-1]) / scale,
        measured=_measured(bank, losses, chosen),
        best=float(losses[:, bank.offered].min()),
        seconds=forecast.seconds,
    )


def _measured(bank: Bank, losses: Any, chosen: Mapping[str, Any]) -> float:
    """Return the recorded loss of the configuration nearest to a recommended one, after as many steps."""
    low, high = bank.configurations.min(axis=0), bank.configurations.max(axis=0)
    wanted = np.array([float(chosen[name]) for name in bank.parameters])
    steps = (bank.configurations - wanted) / np.where(high > low, high - low, 1.0)
    last = min(int(np.searchsorted(bank.rounds, chosen[bank.step_name])), len(bank.rounds) - 1)
    return float(losses[int((steps**2).sum(axis=1).argmin()), last])


def _cases(found: Sequence[tuple[str, str, str, dict[str, Told]]], arm: str, families: Sequence[str]) -> list[Case]:
    """Return the datasets that all these families were trained on."""
    sources = {key: source for _, key, source, _ in found}
    by_key = {key: {family: arms[arm] for family, one, _, arms in found if one == key} for key in sources}
    return [
        Case(key, sources[key], {family: by_key[key][family] for family in families})
        for key in sources
        if all(family in by_key[key] for family in families)
    ]


def _rules(families: Sequence[str]) -> dict[str, Rule]:
    first = families[0]
    always: dict[str, Rule] = {f"always {family}": lambda case, family=family: family for family in families}  # type: ignore[misc]
    return {
        **always,
        "lowest forecast": _lowest,
        f"lowest, if {_CLEARLY:.0%} below {first}": lambda case: (
            _lowest(case)
            if case.by_family[_lowest(case)].predicted < (1 - _CLEARLY) * case.by_family[first].predicted
            else first
        ),
        f"lowest, if its 80% band is below {first}'s": lambda case: (
            _lowest(case) if case.by_family[_lowest(case)].upper < case.by_family[first].lower else first
        ),
        "fastest of those whose bands meet": _fastest,
        "best in hindsight": lambda case: _least(case, "measured"),
    }


def _lowest(case: Case) -> str:
    return _least(case, "predicted")


def _least(case: Case, what: str) -> str:
    return min(case.by_family, key=lambda family: float(getattr(case.by_family[family], what)))


def _fastest(case: Case) -> str:
    best = case.by_family[_lowest(case)]
    meeting = [family for family, one in case.by_family.items() if one.lower <= best.upper]
    return min(meeting, key=lambda family: case.by_family[family].seconds)


def _print_board(arm: str, families: Sequence[str], cases: Sequence[Case]) -> str:
    """Print a line for each rule; return the summary of the lowest forecast."""
    sources = [case.source for case in cases]
    meet = np.mean([_bands_meet(case) for case in cases])
    print(f"\n{arm}, {len(cases)} datasets, {' or '.join(families)}; all 80% bands meet on {meet:.0%}")
    print(f"{'':42}{'has the least loss':>20}{'has the best run':>18}{'regret':>9}  log of loss over {families[0]}'s")
    lines = {}
    for name, rule in _rules(families).items():
        chosen = [rule(case) for case in cases]
        hits = np.mean([one == _least(case, "measured") for one, case in zip(chosen, cases, strict=True)])
        reach = np.mean([one == _least(case, "best") for one, case in zip(chosen, cases, strict=True)])
        regret = _mean_log(cases, chosen, [_least(case, "measured") for case in cases])
        over = _logs(cases, chosen, [families[0]] * len(cases))
        low, high = interval(over, sources)
        lines[name] = (hits, regret)
        print(f"{name:42}{hits:20.2f}{reach:18.2f}{regret:9.3f}  {over.mean():+.3f} [{low:+.3f}, {high:+.3f}]")
    (hits, regret), (first_hits, first_regret) = lines["lowest forecast"], lines[f"always {families[0]}"]
    label = f"{arm.split()[0]}_{len(families)}"
    return f"{label}_hit={hits:.2f}/{first_hits:.2f} {label}_regret={regret:.3f}/{first_regret:.3f}"


def _bands_meet(case: Case) -> bool:
    return max(one.lower for one in case.by_family.values()) <= min(one.upper for one in case.by_family.values())


def _logs(cases: Sequence[Case], chosen: Sequence[str], other: Sequence[str]) -> Any:
    """Return the logarithm of one choice's measured loss over another's, for each case."""
    losses = [
        [max(case.by_family[family].measured, _LEAST_LOSS) for family in pair]
        for case, *pair in zip(cases, chosen, other, strict=True)
    ]
    return np.log(losses) @ np.array([1.0, -1.0])


def _mean_log(cases: Sequence[Case], chosen: Sequence[str], other: Sequence[str]) -> float:
    return float(_logs(cases, chosen, other).mean())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.assignment", description=__doc__)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args()


if __name__ == "__main__":
    main()
