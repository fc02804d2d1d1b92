"""The magics in a real IPython shell."""

from __future__ import annotations

import re
import warnings

import pytest

from automl_gpt_magic.errors import TrainingError, UsageError
from tests.conftest import CARDS

BAD_CELLS = {
    "empty cell": ("\n", "data:"),
    "only comments": ("# nothing here\n", "data:"),
    "broken YAML": ("data: {name: [\n", "line"),
    "a tab": ("data:\n\tname: x\n", "tab"),
    "unknown field": ("data:\n  name: x\n  traget: y\n", "did you mean target"),
    "wrong type": ("data:\n  name: x\n  n_rows: many\n", "n_rows"),
    "no such frame": ("data:\n  name: x\n  frame: nowhere\n  target: y\n", "nowhere"),
    "no such path": ("data:\n  name: x\n  path: /nowhere/at/all.csv\n  target: y\n", "all.csv"),
    "python tag": ("data: !!python/object/apply:os.system ['echo']\n", "line 2"),
    "no target": ("data:\n  name: x\n  frame: adult\n", "target"),
    "missing target column": ("data:\n  name: x\n  frame: adult\n  target: incme\n", "did you mean income"),
    "all-missing column": ("data:\n  name: x\n  frame: adult\n  target: empty\n", "empty"),
    "one class": ("data:\n  name: x\n  frame: adult\n  target: constant\n", "one value"),
    "no rows": ("data:\n  name: x\n  frame: none\n  target: income\n", "row"),
}


@pytest.fixture
def shell(one_shell, adult, monkeypatch):
    started = one_shell
    started.run_line_magic("load_ext", "automl_gpt_magic")
    adult = adult.assign(empty=None, constant=1)
    started.user_ns.update(adult=adult, none=adult[:0])
    monkeypatch.setattr(started, "showtraceback", _raise)
    yield started
    started.run_line_magic("unload_ext", "automl_gpt_magic")


def _raise(*_, **__):
    raise


def run(shell, source):
    result = shell.run_cell(source)
    result.raise_error()
    return result


def test_a_planned_cell_offers_its_code_and_keeps_the_plan(shell, capsys):
    run(shell, "%%automl\n" + CARDS)
    shown = capsys.readouterr().out
    assert "learning_rate" in shown
    assert shell.user_ns["small_adult_plan"].hyperparameters["max_depth"] == 6
    run(shell, shell.rl_next_input)
    assert shell.user_ns["small_adult_valid_scores"]["accuracy"] > 0.5


def test_the_line_magic(shell, capsys):
    run(shell, "%%automl\n" + CARDS)
    capsys.readouterr()
    run(shell, "%automl")
    assert "%automl prompt" in capsys.readouterr().out
    run(shell, "%automl prompt")
    assert "Data card." in capsys.readouterr().out
    run(shell, "%automl code model")
    assert "XGBClassifier" in capsys.readouterr().out
    run(shell, "%automl code")
    assert "small_adult_hyperparameters" in capsys.readouterr().out
    run(shell, "%automl plan")
    assert "learning_rate" in capsys.readouterr().out
    run(shell, "%automl config")
    assert "AutoML.write_cells = True" in capsys.readouterr().out


def test_what_changes_the_plan_is_one_line_and_the_cells_output_follows(shell, capsys):
    def said_by(line):
        capsys.readouterr()
        run(shell, line)
        return capsys.readouterr().out

    edited = re.compile(r"^gamma +2\.5 +you$", re.MULTILINE)
    run(shell, "%%automl\n" + CARDS)
    with pytest.raises(UsageError, match="nothing was searched"):
        run(shell, "%automl restore best")
    run(shell, "%automl ask set gamma to 2.5")
    assert edited.search(said_by("%automl accept"))
    undone = said_by("%automl undo")
    assert undone.startswith("Undone: set gamma to 2.5.\n")
    assert re.search("^gamma", undone, re.MULTILINE) and not edited.search(undone)
    done_again = said_by("%automl redo")
    assert done_again.startswith("Done again: set gamma to 2.5.\n")
    assert edited.search(done_again)
    used = said_by("%automl use Random forest")
    assert used.startswith("Planned with RandomForestClassifier.\n")
    assert len(re.findall("^task .* RandomForestClassifier", used, re.MULTILINE)) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%automl promt", "did you mean prompt"),
        ("%automl code trainin", "did you mean training"),
        ("%automl prompt", "run a %%automl cell first"),
    ],
)
def test_what_the_line_magic_does_not_understand_is_one_line(shell, line, message):
    if "code" in line:
        run(shell, "%%automl\n" + CARDS)
    with pytest.raises(Exception, match=message) as caught:
        run(shell, line)
    assert len(caught.value._render_traceback_()) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("plan", "takes options only"),
        ("--live --replay", "not both"),
        ("--rounds 9", "1 to 5"),
        ("--rounds many", "invalid int"),
        ("--modle x", "unrecognized"),
        ("--live", "no endpoint is named"),
        ("--replay", "no answer is recorded"),
    ],
)
def test_arguments_that_the_cell_magic_does_not_take_are_one_line(shell, line, message):
    with pytest.raises(Exception, match=message) as caught:
        run(shell, f"%%automl {line}\n" + CARDS)
    assert "\n" not in str(caught.value).strip()


@pytest.mark.parametrize(("cell", "message"), BAD_CELLS.values(), ids=BAD_CELLS)
def test_a_bad_cell_is_one_line_that_says_what_to_do(shell, cell, message):
    with pytest.raises(Exception, match=message) as caught:
        run(shell, "%%automl\n" + cell)
    assert len(caught.value._render_traceback_()) == 1


def test_a_failed_cell_leaves_the_earlier_plan(shell, capsys):
    run(shell, "%%automl\n" + CARDS)
    plan = shell.user_ns["small_adult_plan"]
    with pytest.raises(Exception, match="did you mean income"):
        run(shell, "%%automl\n" + CARDS.replace("target: income", "target: incme"))
    capsys.readouterr()
    run(shell, "%automl prompt")
    assert capsys.readouterr().out.strip() == plan.prompt


def test_names_of_the_user_are_not_overwritten(shell):
    shell.user_ns["small_adult_model"] = "mine"
    run(shell, "%%automl\n" + CARDS)
    assert "small_adult_2_plan" in shell.user_ns
    assert shell.user_ns["small_adult_model"] == "mine"


def test_running_again_keeps_names_and_says_the_same(shell):
    run(shell, "%%automl\n" + CARDS)
    first = shell.user_ns["small_adult_plan"]
    exec(first.code["data"], shell.user_ns)
    run(shell, "%%automl\n" + CARDS)
    assert shell.user_ns["small_adult_plan"].code == first.code


def test_settings_are_listed_and_changed_by_config(shell):
    shell.run_line_magic("config", "AutoML.write_cells = False")
    shell.rl_next_input = None
    run(shell, "%%automl\n" + CARDS)
    assert shell.rl_next_input is None


def completions(shell, line):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # IPython says that this interface may change
        return [found.text.strip() for found in shell.Completer.completions(line, len(line))]


def test_completion_offers_the_subcommands(shell):
    assert "prompt" in completions(shell, "%automl pr")
    assert "training" in completions(shell, "%automl code tr")


def test_next_steps_are_listed_completed_and_given_as_a_cell(shell, capsys):
    shell.run_line_magic("config", "AutoML.write_cells = True")
    run(shell, "%%automl\n" + CARDS)
    capsys.readouterr()
    run(shell, "%automl next")
    assert capsys.readouterr().out.startswith("%automl next cross-validation ")
    assert {"predict", "threshold"} <= set(completions(shell, "%automl next "))
    run(shell, "%automl next importance")
    assert "Train first: it needs small_adult_model." in capsys.readouterr().out
    assert "permutation_importance" in shell.rl_next_input
    with pytest.raises(Exception, match="did you mean threshold"):
        run(shell, "%automl next treshold")


def test_reloading_leaves_one_session_that_listens(shell):
    run(shell, "%%automl\n" + CARDS)
    listening = len(shell.events.callbacks["post_run_cell"])
    shell.run_line_magic("reload_ext", "automl_gpt_magic")
    run(shell, "%%automl\n" + CARDS)
    assert len(shell.events.callbacks["post_run_cell"]) == listening


def test_unloading_takes_everything_away(shell):
    shell.run_line_magic("unload_ext", "automl_gpt_magic")
    assert "automl" not in shell.magics_manager.magics["cell"]
    assert not [one for one in shell.configurables if type(one).__name__ == "AutoML"]
    shell.run_line_magic("load_ext", "automl_gpt_magic")


def test_tune_passes_the_clusters_address_on(shell):
    run(shell, "%%automl\n" + CARDS)
    with pytest.raises(TrainingError, match=r"--cluster nowhere: missing port number"):
        run(shell, "%automl tune --trials 2 --cluster nowhere")


@pytest.mark.parametrize("given", ["--trials 0", "--trials -1", "--workers 0", "--workers -3"])
def test_tune_takes_no_trials_or_workers_below_one(shell, given):
    run(shell, "%%automl\n" + CARDS)
    with pytest.raises(UsageError, match="take numbers from 1 on"):
        run(shell, f"%automl tune {given}")


@pytest.mark.parametrize(
    ("written", "text"),
    [('"use LightGBM"', "use LightGBM"), ("'use LightGBM'", "use LightGBM"), ('use "LightGBM"', 'use "LightGBM"')],
)
def test_quotation_marks_around_a_request_are_none_of_it(shell, capsys, written, text):
    run(shell, "%%automl\n" + CARDS)
    run(shell, f"%automl ask {written}")
    assert "model XGBoost → LightGBM" in capsys.readouterr().out
    assert shell.magics_manager.registry["AutoMLMagics"].session.last.rounds.rounds[-1].text == text
