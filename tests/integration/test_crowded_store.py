"""Many processes at one store, and a disk that is really full."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from automl_gpt_magic.errors import StoreError
from automl_gpt_magic.own_experience import Filter, experience
from automl_gpt_magic.store import MIGRATIONS, Store, schema
from automl_gpt_magic.store.run_file import runs_of
from tests.benchmarks.store import write_at_once
from tests.unit.test_store import own_run, rows

ROOT = str(Path(__file__).parents[2])
MIGRATOR = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from automl_gpt_magic.store import Store
from tests.unit.test_store import own_run
path = Path(sys.argv[2])
print("ready", flush=True)
while not path.with_name("gate").exists():
    pass
Store(path).add_run(own_run(dataset=sys.argv[3]))
"""
# A card is planned and trained, its store on a disk that has just become full; then there is room again.
TRAINED_ON_A_FULL_DISK = """
import json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
store = Path(os.environ["AUTOML_GPT_MAGIC_STORE"])
from IPython.testing.globalipapp import start_ipython
from automl_gpt_magic.errors import StoreError
from automl_gpt_magic.store import Store
from tests.conftest import CARDS, small_adult
from tests.unit.test_store import own_run

def fill():
    try:
        with store.with_name("fill").open("wb", 0) as file:
            while True:
                file.write(bytes(4096))
    except OSError as error:
        return error.errno

def refused(call, *arguments):
    try:
        call(*arguments)
    except StoreError as error:
        return str(error)

shell = start_ipython()
shell.run_line_magic("load_ext", "automl_gpt_magic")
shell.user_ns["adult"] = small_adult()
Store(store).add_run(own_run())
shell.run_cell_magic("automl", "", CARDS.replace("max_depth: 6", "n_estimators: 20"))
task = shell.magics_manager.registry["AutoMLMagics"].session.last
said, say = [], task.panel.say
task.panel.say = lambda *words, **more: (said.append(words), say(*words, **more))
told = {"errno": fill()}
shell.run_line_magic("automl", "train")
told["said"] = [words for words in said if "record" in str(words)]
told["final"] = task.measured.curves["log_loss"].final
told["fitted"] = hasattr(shell.user_ns.get(f"{task.plan.names}_model"), "predict")
told["import"] = refused(Store(store).import_runs, [own_run(dataset=str(n)) for n in range(3)])
told["forget"] = refused(Store(store).forget_runs, [1])
told["kept"] = [run.dataset for run in Store(store).runs().values()]
shell.run_line_magic("automl", "history")
shell.run_line_magic("automl", "experience --family xgboost")
store.with_name("fill").unlink()
told["then"] = [Store(store).add_run(own_run(dataset="after")), *(run.dataset for run in Store(store).runs().values())]
print("told", json.dumps(told))
"""
LIMITED = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from automl_gpt_magic.store import Store
from automl_gpt_magic.errors import StoreError
from tests.unit.test_store import own_run
kept = Store(Path(sys.argv[2]))
kept.add_run(own_run())
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, 70_000))
try:
    while True:
        kept.add_run(own_run(dataset="x" * 9000))
except StoreError as error:
    print(error)
print(kept.runs()[1].dataset)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "crowded.sqlite"


def test_no_run_of_many_writers_is_lost_or_doubled(path):
    done = write_at_once(path, writers=4, runs=50, rounds=20)
    assert (len(done.stored), len(set(done.numbers)), done.lost, done.doubled) == (200, 200, 0, 0)
    assert set(done.datasets) == {f"writer {writer}-{index}" for writer in range(4) for index in range(50)}
    assert done.whole
    assert rows(path, "SELECT count(DISTINCT digest) FROM runs") == [(200,)]


def test_processes_that_migrate_at_once_all_write(path, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "MIGRATIONS", MIGRATIONS[:2])
        Store(path).check()
    assert rows(path, "SELECT max(version) FROM schema_versions") == [(2,)]
    command = [sys.executable, "-c", MIGRATOR, ROOT, str(path)]
    several = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True) for n in range(3)]
    for process in several:
        process.stdout.readline()
    path.with_name("gate").touch()
    for process in several:
        process.communicate(timeout=60)
    assert [process.returncode for process in several] == [0, 0, 0]
    assert {run.dataset for run in Store(path).runs().values()} == {"0", "1", "2"}
    assert rows(path, "SELECT version FROM schema_versions ORDER BY version") == [
        (n + 1,) for n in range(len(MIGRATIONS))
    ]


def test_a_file_that_is_imported_several_times_at_once_is_there_once(path, tmp_path):
    for index in range(20):
        Store(path).add_run(own_run(dataset=str(index)))
    file, elsewhere = tmp_path / "runs.jsonl", tmp_path / "elsewhere.sqlite"
    experience(path, ["export", str(file)], Filter())
    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(lambda _: Store(elsewhere).import_runs(runs_of(file)), range(4)))
    assert sorted(added) == [0, 0, 0, 20]
    assert len(Store(elsewhere).runs()) == 20


def test_a_store_of_a_newer_schema_is_left_alone(path, tmp_path):
    Store(path).add_run(own_run())
    file = tmp_path / "runs.jsonl"
    experience(path, ["export", str(file)], Filter())
    rows(path, f"UPDATE schema_versions SET version = {len(MIGRATIONS) + 1} WHERE version = {len(MIGRATIONS)}")
    before = path.read_bytes()
    for words in ([], ["export", str(file)], ["import", str(file)], ["forget", "1"]):
        with pytest.raises(StoreError, match="newer version of automl_gpt_magic; update the package") as raised:
            experience(path, words, Filter())
        assert "\n" not in str(raised.value)
    assert path.read_bytes() == before


@pytest.fixture
def small_disk(tmp_path):
    """The beginning of a command that runs in a world of its own with a disk of 512 KiB, and where that is mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = f"mount -t tmpfs -o size=512k tmpfs '{folder}'"
    within = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*within, mount], capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    return [*within, f'{mount} && exec "$@"', "sh"], folder


def test_a_full_disk_costs_the_record_and_not_the_training(small_disk):
    within, folder = small_disk
    environment = {**os.environ, "AUTOML_GPT_MAGIC_STORE": str(folder / "store.sqlite")}
    command = [*within, sys.executable, "-c", TRAINED_ON_A_FULL_DISK, ROOT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, env=environment)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.rpartition("told ")[2])
    assert told["errno"] == 28
    ((wrong, comfort, kind),) = told["said"]
    assert "full: free some space and try again" in wrong
    assert "\n" not in wrong
    assert (comfort, kind) == ("The training itself is complete; only its record is missing.", "warn")
    assert "Measured: validation log loss" in done.stdout
    assert 0 < told["final"] < 0.7
    assert told["fitted"]
    assert "full: free some space" in told["import"]
    assert "full: free some space" in told["forget"]
    assert told["kept"] == ["Adult"]
    assert "Your own runs: 1" in done.stdout
    assert told["then"] == [2, "after", "Adult"]


@pytest.mark.skipif(os.name != "posix", reason="POSIX limits")
def test_a_file_that_may_not_grow_is_one_line_and_stays_readable(path):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, ROOT, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    said, first = done.stdout.splitlines()
    assert said.startswith(f"{path}: could not be written; the disk or your share of it is likely full: free some")
    assert first == "Adult"
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
