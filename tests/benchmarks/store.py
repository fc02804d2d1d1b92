"""Many processes write runs into one store at once: none may be lost or doubled, and how long does one wait?

``.venv/bin/python tests/benchmarks/store.py`` has 8 processes write 500 runs each, of two curves of 300 rounds;
``--writers`` and ``--runs`` take other numbers.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

WRITER = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
import numpy as np
from tests.unit.test_store import own_run
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.store import Store
name, runs, rounds, gate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
values = np.linspace(0.7, 0.3, rounds)
curves = {{m: Curve(m, np.arange(1, rounds + 1), values, values, source="measured") for m in ("log_loss", "accuracy")}}
kept = Store(Path({path!r}))
print("ready", flush=True)
while not gate.exists():
    time.sleep(0.005)
numbers, waits = [], []
for index in range(runs):
    began = time.perf_counter()
    numbers.append(kept.add_run(own_run(dataset=f"{{name}}-{{index}}", curves=curves)))
    waits.append(time.perf_counter() - began)
print(json.dumps([numbers, waits]))
"""


@dataclass(frozen=True)
class Written:
    """What the writers said, by what the store then holds."""

    numbers: list[int]
    waits: list[float]
    seconds: float
    datasets: list[str]
    stored: list[int]
    whole: bool

    @property
    def lost(self) -> int:
        return len(set(self.numbers) - set(self.stored))

    @property
    def doubled(self) -> int:
        return len(self.datasets) - len(set(self.datasets))


def write_at_once(path: Path, *, writers: int, runs: int, rounds: int) -> Written:
    """Let processes write at once, from when all of them are ready; fail if one of them does."""
    gate = path.with_name("gate")
    code = WRITER.format(root=str(ROOT), path=str(path))
    command = [sys.executable, "-c", code]
    several = [
        subprocess.Popen(
            [*command, f"writer {index}", str(runs), str(rounds), str(gate)], stdout=subprocess.PIPE, text=True
        )
        for index in range(writers)
    ]
    for writer in several:
        assert writer.stdout is not None
        writer.stdout.readline()
    began = time.perf_counter()
    gate.touch()
    said = [writer.communicate(timeout=1800)[0] for writer in several]
    seconds = time.perf_counter() - began
    if any(writer.returncode for writer in several):
        raise RuntimeError("a writer failed; its error stands above")
    told = [json.loads(text) for text in said]
    return _compared(
        [n for numbers, _ in told for n in numbers], [w for _, waits in told for w in waits], seconds, path
    )


def _compared(numbers: list[int], waits: list[float], seconds: float, path: Path) -> Written:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT id, dataset FROM runs").fetchall()
    whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return Written(
        numbers, sorted(waits), seconds, [dataset for _, dataset in found], [number for number, _ in found], whole
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--writers", type=int, default=8)
    arguments.add_argument("--runs", type=int, default=500)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "store.sqlite")
        done = write_at_once(path, writers=chosen.writers, runs=chosen.runs, rounds=300)
        megabytes = path.stat().st_size / 1e6
    print(
        f"writers={chosen.writers} runs_each={chosen.runs} kept={len(done.stored)} lost={done.lost} "
        f"doubled={done.doubled} whole={done.whole} seconds={done.seconds:.1f} megabytes={megabytes:.1f} "
        f"median_ms={done.waits[len(done.waits) // 2] * 1000:.0f} slowest_s={done.waits[-1]:.2f}"
    )


if __name__ == "__main__":
    main()
