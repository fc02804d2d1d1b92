"""``python -m tests.benchmarks.transfer`` prints how good recommended configurations are, over all bank datasets.

Each dataset is left out with its near-copies, and what is fitted is fitted without it. 60% of the rows train, 20%
choose, 20% score. A score of 0 is the mean of 24 random configurations, 1 what 40 trials of TPE come to. Slow
references are read from tests/benchmarks/references; our recommendations are made and trained at every run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl_gpt_magic.experience.bank import Bank, load_bank, slug
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.recording.bank import read_raw
from automl_gpt_magic.recording.configurations import recorded_family

from .arms import best_average, nearest_by_numbers, nearest_by_text, others
from .measured import Measured, lend, measure
from .nested import nested_calibrations
from .reference_file import Entry, keep, read_references
from .references import benchmarked, is_complete, spawned
from .spaces import FAMILIES, Space, space_of
from .table import BEST_AVERAGE, BEST_RANDOM, CONSTANT, DEFAULT, FLAML, NUMBERS, TEXTS, TPE, Board, Outcome


@dataclass(frozen=True)
class Chosen:
    """Which configuration each of the simple ways takes on a dataset."""

    index: int
    dataset: Mapping[str, Any]
    by_arm: Mapping[str, Mapping[str, Any]]


def main() -> None:
    options = _options()
    space, bank = space_of(options.family), _bank(options.family, options.raw)
    entries = read_references(options.family)
    chosen = _chosen(bank, space, _benchmarked(bank, entries, options))
    calibrations = _calibrations(bank, options)
    measured = _measured(space, chosen, entries, options.processes, (bank, calibrations))
    entries = read_references(options.family)
    outcomes = [_outcome(space, one, entries[one.dataset["key"]], measured[one.dataset["key"]]) for one in chosen]
    if options.details:
        _print_details(outcomes)
    print(*Board(outcomes).lines(), sep="\n")


def _bank(family: str, raw: Path | None) -> Bank:
    return read_raw(recorded_family(family), raw) if raw else load_bank(slug(family))


def _benchmarked(bank: Bank, entries: Mapping[str, Entry], options: argparse.Namespace) -> list[int]:
    keys = [dataset["key"] for dataset in bank.datasets]
    wanted = [key for key in benchmarked(options.family) if key in keys]
    complete = [key for key in wanted if is_complete(entries.get(key, {}))]
    if len(complete) < len(wanted):
        command = f'python -m tests.benchmarks.transfer.references --family "{options.family}"'
        print(f"{len(wanted) - len(complete)} of {len(wanted)} have no references; run {command}", file=sys.stderr)
    taken = [key for key in complete if options.only is None or key in options.only]
    if not taken:
        sys.exit("no dataset to score")
    return [keys.index(key) for key in taken]


def _chosen(bank: Bank, space: Space, indices: Sequence[int]) -> list[Chosen]:
    return [_chosen_for(bank, space, index) for index in indices]


def _chosen_for(bank: Bank, space: Space, index: int) -> Chosen:
    dataset, rest = bank.datasets[index], others(bank, index)
    by_arm = {
        BEST_AVERAGE: best_average(rest, space),
        NUMBERS: nearest_by_numbers(rest, space, dataset),
        TEXTS: nearest_by_text(rest, space, dataset, bank.embeddings[index]),
    }
    return Chosen(index, dataset, by_arm)


def _calibrations(bank: Bank, options: argparse.Namespace) -> Sequence[Bank]:
    if options.not_nested:
        print("not nested: settings are the shipped ones, which saw every dataset")
        return [load_bank(slug(options.family))] * len(bank.datasets)
    with spawned(options.processes) as pool:
        return nested_calibrations(bank, family_named(options.family).space, pool)


def _measured(
    space: Space, chosen: Sequence[Chosen], entries: Mapping[str, Entry], processes: int, lent: tuple[Any, Any]
) -> dict[str, Measured]:
    """Train in processes what is not kept, and keep it, but for what we recommend."""
    began, measured, parameters = time.monotonic(), {}, [one.name for one in space.parameters]
    with spawned(processes, initializer=lend, initargs=lent) as pool:
        jobs = {}
        for one in chosen:
            key = one.dataset["key"]
            jobs[pool.submit(measure, space.family, key, _missing(space, one, entries[key]))] = key
        for done, job in enumerate(as_completed(jobs), 1):
            key, got = jobs[job], job.result()
            if got.digest != entries[key]["digest"]:
                sys.exit(f"{key}: its references are of other rows; renew them with --renew --only {key}")
            if got.trained:
                keep(space.family, parameters, key, {"trained": [*entries[key]["trained"], *got.trained]})
            measured[key] = got
            print(f"{done} of {len(jobs)}: {key}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return measured


def _missing(space: Space, chosen: Chosen, entry: Entry) -> list[Mapping[str, Any]]:
    wanted = {space.row(one): one for one in chosen.by_arm.values()}
    return [one for row, one in wanted.items() if row not in _trained(space, entry)]


def _trained(space: Space, entry: Entry) -> dict[tuple[Any, ...], float]:
    """Return the test loss of every configuration that was trained for a simple way."""
    return {space.row(space.configuration(row)): row[-2] for row in entry["trained"]}


def _outcome(space: Space, chosen: Chosen, entry: Entry, measured: Measured) -> Outcome:
    trained, flaml = _trained(space, entry), entry["flaml"]
    losses = {
        DEFAULT: entry["default"][1],
        CONSTANT: entry["constant"][1],
        BEST_RANDOM: _by_validation(entry["random"]),
        TPE: _by_validation(entry["tpe"]),
        **{arm: trained[space.row(one)] for arm, one in chosen.by_arm.items()},
        **({FLAML: flaml["losses"][1]} if flaml else {}),
        **{arm: ours.test for arm, ours in measured.ours.items()},
    }
    random = [(row[-3], row[-2]) for row in entry["random"]]
    known = bool(flaml and flaml["known"])
    return Outcome(chosen.dataset["key"], chosen.dataset["family"], losses, random, measured.ours, known)


def _by_validation(rows: Sequence[Sequence[float]]) -> float:
    """Return the test loss of the trial with the least validation loss."""
    return min(rows, key=lambda row: row[-3])[-2]


def _print_details(outcomes: Sequence[Outcome]) -> None:
    for one in outcomes:
        print(f"{one.key}: mean random {one.mean_random:.4g}")
        for arm, loss in one.losses.items():
            print(f"  {arm:28} {loss:.4g}, score {one.score(loss):.2f}")
        for arm, ours in one.ours.items():
            print(f"  {arm}: {dict(ours.configuration)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.transfer", description=__doc__)
    parser.add_argument("--family", choices=FAMILIES, default=FAMILIES[0])
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--raw", type=Path, help="a folder of raw logs, in place of the shipped bank")
    parser.add_argument("--only", nargs="*", help="keys of datasets to score; all without it")
    parser.add_argument("--details", action="store_true", help="print every dataset's losses and scores")
    parser.add_argument("--not-nested", action="store_true", help="a quick look, with the shipped settings")
    return parser.parse_args()


if __name__ == "__main__":
    main()
