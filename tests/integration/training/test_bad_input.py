"""What goes wrong between a plan and its training is one clear line, in a process that does no harm."""

import pytest
from IPython.display import DisplayHandle

from automl_gpt_magic.answers import Options
from automl_gpt_magic.errors import TrainingError
from automl_gpt_magic.history import runs_in
from automl_gpt_magic.notebook.training_wording import verdict
from automl_gpt_magic.session import Session
from automl_gpt_magic.settings import AutoML
from tests.conftest import CARDS, small_adult

QUICK = CARDS.replace("{max_depth: 6}", "{n_estimators: 5}")


@pytest.fixture
def shell(one_shell):
    one_shell.user_ns["adult"] = small_adult()
    return one_shell


@pytest.fixture
def task(shell):
    session = Session(shell)
    session.plan(QUICK, 2, DisplayHandle(), AutoML(), Options())
    yield session.last
    session.last.running.cancel()
    session.close()


def said_of(task):
    with pytest.raises(TrainingError) as caught:
        task.running.wait(task.train())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def edited(task, stage, old, new):
    sources = [(name, text.replace(old, new) if name == stage else text) for name, text in task.cells.sources()]
    assert sources != task.cells.sources()
    task.running._sources = lambda: sources


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop(columns="hours"), "the frame adult no longer has the column 'hours': run the"),
        (lambda frame: frame.rename(columns=str.upper), "no longer has the columns 'income', 'age', 'workclass' and 1"),
        (lambda frame: frame.assign(income="new"), "now holds classes that were not planned for, 'new': run the"),
    ],
    ids=["a column gone", "all columns gone", "a new class"],
)
def test_a_frame_that_changed_is_named_when_its_training_fails(task, shell, change, said):
    shell.user_ns["adult"] = change(small_adult())
    assert said in said_of(task)


def test_a_frame_that_is_gone_is_named(task, shell):
    del shell.user_ns["adult"]
    assert "the notebook has no DataFrame adult" in said_of(task)


def test_a_frame_with_other_rows_trains_with_a_warning(task, shell):
    shell.user_ns["adult"] = small_adult(400)
    task.running.wait(task.train())
    assert "Warning: the frame adult now has 400 rows to train on, and had 600 when planned" in task.running.printed


def test_an_unchanged_frame_trains_without_a_warning(task):
    task.running.wait(task.train())
    assert "Warning" not in task.running.printed


def test_preprocessing_that_is_fitted_on_all_rows_trains_with_a_warning(task):
    names = task.plan.names
    edited(task, "data", f").fit({names}_train)", f").fit({names}_rows)")
    task.running.wait(task.train())
    assert "Warning: line" in task.running.printed
    assert f"fit it on {names}_train" in task.running.printed


def test_a_file_that_disappears_is_named(shell, tmp_path):
    path = tmp_path / "adult.csv"
    small_adult().to_csv(path, index=False)
    session = Session(shell)
    session.plan(QUICK.replace("frame: adult", f"path: {path}"), 2, DisplayHandle(), AutoML(), Options())
    path.unlink()
    assert f"'{path}'" in said_of(session.last)
    session.close()


def test_a_trainer_that_raises_is_one_line(task):
    edited(task, "model", "    model.fit(", "    raise RuntimeError('boom')\n    model.fit(")
    assert "The training cell failed" in (said := said_of(task)) and "RuntimeError: boom" in said


def test_a_loss_that_is_no_number_is_told_and_not_kept(task):
    edited(task, "model", "return model.evals_result()", NAN_LOG)
    task.running.wait(task.train())
    first, second = verdict(task.plan, task.measured)
    assert "validation log loss is no number at the end" in first
    assert "learning rate" in second
    assert runs_in(AutoML().store_place) == {}


NAN_LOG = "return {'training': {'log_loss': [0.5, float('nan')]}, 'validation': {'log_loss': [0.5, float('nan')]}}"
