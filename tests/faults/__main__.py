"""Print what a %%automl cell makes of every fault: ``python -m tests.faults [NAME ...]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.faults.cells import Notebook, Outcome, catalogue, notebook
from tests.scripted_llm import Fault


def main(names: list[str]) -> int:
    faults = catalogue()
    with tempfile.TemporaryDirectory() as folder, notebook(Path(folder)) as book:
        outcomes = [_row(book, faults[name]) for name in names or faults]
    failed = [one for one in outcomes if one.problems]
    llm = sum(bool(one.plan.llm) for one in outcomes)
    print(
        f"\n{len(outcomes)} faults: {llm} plans with an LLM's answer, {len(outcomes) - llm} from the evidence alone; "
        f"{sum(one.requests for one in outcomes)} requests, {sum(one.seconds for one in outcomes):.1f} s, "
        f"slowest {max(one.seconds for one in outcomes):.1f} s; invariants broken by {len(failed)}"
    )
    return 1 if failed else 0


def _row(book: Notebook, fault: Fault) -> Outcome:
    outcome = book.observe(fault)
    said = outcome.said if not outcome.plan.llm else outcome.said.split(" Planned in")[0]
    print(f"{outcome.fault.name:<28} {outcome.requests:>2} {outcome.origin:<12} {outcome.seconds:5.2f} s  {said}")
    for problem in outcome.problems:
        print(f"{'':<28} !! {problem[:600]}")
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
