"""``python -m automl_gpt_magic.recording runs FOLDER`` records, ``... bank FOLDER`` writes the shipped bank.

Between them, ``... landmarks FOLDER`` measures the landmarks of every dataset; ``... refit FOLDER`` fits the shipped
bank to these again, without raw logs; ``... add FOLDER`` adds the raw logs there to it. ``... sheet`` renews the
shipped bank's data sheet. ``... memory`` measures what the predicted memory is fitted to, a quarter of an hour on one
core of Linux. ``... metrics FOLDER`` measures what metrics that are not recorded are predicted by, and fits that.

Recording takes hours on one core; it can be stopped and goes on where it was. ``--family LightGBM`` records another
family than XGBoost.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from ..experience.bank import slug
from .bank import add_to_bank, refit_bank, write_bank
from .configurations import RECORDED
from .datasets import datasets_for
from .landmarks import write_landmarks
from .memory import write_memory
from .metrics import write_metrics
from .record import record
from .sheet import write_sheet

_COMMANDS = ("runs", "landmarks", "bank", "refit", "add", "sheet", "memory", "metrics")


def main() -> None:
    parser = argparse.ArgumentParser(prog="automl_gpt_magic.recording", description=__doc__)
    parser.add_argument("command", choices=_COMMANDS)
    parser.add_argument(
        "folder", type=Path, nargs="?", help="where the raw logs are kept, one folder a family, one file a dataset"
    )
    parser.add_argument("--family", choices=[one.family for one in RECORDED], default=RECORDED[0].family)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--only", nargs="*", help="keys of datasets; all without it")
    arguments = parser.parse_args()
    if arguments.command == "sheet":
        print(f"{write_sheet()} written")
        return
    os.environ["OMP_NUM_THREADS"] = "1"  # a run is timed on one core
    if arguments.command == "memory":
        print(f"{write_memory()} written")
        return
    if arguments.folder is None:
        parser.error(f"{arguments.command} needs a folder")
    if arguments.command == "metrics":
        print(f"{write_metrics(arguments.folder / 'metrics')} written")
        return
    folder = arguments.folder / slug(arguments.family)
    if arguments.command == "runs":
        _record_all(arguments.family, folder, arguments.processes, arguments.only)
    elif arguments.command == "landmarks":
        print(f"{write_landmarks(arguments.folder, arguments.processes)} written")
    elif arguments.command == "refit":
        print(f"{refit_bank(arguments.family, arguments.folder)} written")
    elif arguments.command == "add":
        print(f"{add_to_bank(arguments.family, folder)} written")
    else:
        print(f"{write_bank(arguments.family, folder)} written")


def _record_all(family: str, folder: Path, processes: int, only: list[str] | None) -> None:
    wanted = only or [dataset.key for dataset in datasets_for(family)]
    began = time.monotonic()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(record, family, key, folder): key for key in wanted}
        for done, job in enumerate(as_completed(jobs), 1):
            job.result()
            print(f"{done} of {len(wanted)}: {jobs[job]}, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
