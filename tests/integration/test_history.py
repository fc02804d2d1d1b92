"""What was trained is kept, listed, compared and taken back."""

import pytest

from automl_gpt_magic.errors import UsageError
from automl_gpt_magic.history import difference, listed, run_in, runs_in
from tests.conftest import CARDS, small_adult

FIXED = CARDS.replace("max_depth: 6", "n_estimators: 20")


@pytest.fixture
def shell(one_shell):
    shell = one_shell
    shell.user_ns["adult"] = small_adult()
    shell.run_line_magic("load_ext", "automl_gpt_magic")
    yield shell
    shell.run_line_magic("unload_ext", "automl_gpt_magic")


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store.sqlite"  # as tests/conftest.py sets it


def test_a_training_is_kept_listed_compared_and_restored(shell, store, capsys):
    shell.run_cell_magic("automl", "", FIXED)
    shell.run_line_magic("automl", "train")
    task = shell.magics_manager.registry["AutoMLMagics"].session.last
    task.edit("max_depth", 3)
    shell.run_line_magic("automl", "train")
    runs = runs_in(store)
    assert [run.configuration["max_depth"] for run in runs.values()] == [3, runs[1].configuration["max_depth"]]
    assert runs[1].fingerprint == runs[2].fingerprint
    assert {run.origin for run in runs.values()} == {"train"}
    assert "Measured: validation log loss" in capsys.readouterr().out
    lines = listed(runs)
    assert len(lines) == 3
    assert "Small Adult" in lines[1]
    compared = difference((1, runs[1]), (2, runs[2]))
    assert any(line.startswith("max_depth") for line in compared)
    assert not any(line.startswith(("rows", "code")) for line in compared)
    task.reset(None)
    shell.run_line_magic("automl", "restore 2")
    assert task.edits == {"max_depth": 3}


def not_kept(capsys):
    return [line for line in capsys.readouterr().out.splitlines() if "record is missing" in line]


def test_a_cell_says_what_could_not_be_kept(shell, store, capsys):
    store.mkdir()  # where a file should be
    shell.run_cell_magic("automl", "", FIXED)
    task = shell.magics_manager.registry["AutoMLMagics"].session.last
    for source in task.plan.code.values():
        exec(source, shell.user_ns)
    (line,) = not_kept(capsys)
    assert line.startswith(f"Warning: {store}: ")
    assert line.endswith(". The training itself is complete; only its record is missing.")
    assert task.measured.finished
    shell.run_line_magic("automl", "train")
    assert not_kept(capsys) == [line]
    shell.run_line_magic("automl", "tune --trials 2 --workers 1")
    assert not_kept(capsys) == [line]
    task.train().join(60)  # as the button does, without a cell: the panel alone says it
    assert not_kept(capsys) == []
    assert "record is missing" in task.panel._slot._text.value
    store.rmdir()
    shell.run_line_magic("automl", "train")
    assert not_kept(capsys) == []
    assert [run.origin for run in runs_in(store).values()] == ["train"]


def test_what_is_not_there_is_said(shell, store):
    assert listed(runs_in(store)) == ["Nothing was trained yet."]
    with pytest.raises(UsageError, match="no run 7"):
        run_in(store, 7)
    with pytest.raises(UsageError, match="no history is kept"):
        runs_in(None)
    for line in ("history 1", "restore", "restore x"):
        with pytest.raises(UsageError, match="needed"):
            shell.run_line_magic("automl", line)


def test_a_failing_cell_is_one_line_and_changes_nothing(shell):
    shell.run_cell_magic("automl", "", FIXED)
    shell.user_ns["adult"] = shell.user_ns["adult"].drop(columns="age")
    before = set(shell.user_ns)
    with pytest.raises(Exception, match=r"data cell failed, line .*age.*train again") as caught:
        shell.run_line_magic("automl", "train")
    assert len(caught.value._render_traceback_()) == 1
    assert set(shell.user_ns) == before
