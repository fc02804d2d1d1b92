"""A conversation about a plan: what is asked, taken, undone and redone, in the plan and in the cells."""

from __future__ import annotations

import os
import random
import re
from contextlib import suppress
from dataclasses import replace

import pytest

import automl_gpt_magic.session as session_module
from automl_gpt_magic.answers import Options
from automl_gpt_magic.errors import AutoMLError, ParameterError, UsageError
from automl_gpt_magic.notebook.round_print import listed, printed
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.request import Constraint, Understood, Wish
from automl_gpt_magic.records.run import Measured
from automl_gpt_magic.rounds import Heard
from automl_gpt_magic.session import Session
from automl_gpt_magic.settings import AutoML
from tests.conftest import CARDS, small_adult
from tests.page import Handle, Page

WALKS = int(os.environ.get("WALKS", "6"))  # `make bench-rounds` takes 1,000
FREE = CARDS.replace("{max_depth: 6}", "{}")
FEW_TREES = Wish("limit", "at most 60 trees", constraint=Constraint("trees", 60))
FASTER = Wish("prefer", "faster training", goal="faster training")


class Notebook:
    """A session, its one magic cell, and the page with the cells below it."""

    def __init__(self, shell):
        self.session, self.page = Session(shell), Page()

    def run(self, cards=FREE):
        self.session.plan(cards, 2, Handle(), AutoML(), Options())
        self.page.settle(self.task)
        return self.task

    @property
    def task(self):
        return self.session.last

    def ask(self, *wishes, left=()):
        self.task._hear_request = lambda *_: Heard(Understood(wishes, left))
        return self.task.ask(" and ".join(wish.text or wish.want for wish in wishes) or "sing")

    def do(self, act, *given):
        act(*given)
        self.page.settle(self.task)

    def shown(self):
        """Everything that a user sees of the plan: values, plot, cells, table."""
        task = self.task
        rows = {name: (row._field.value, row._field.disabled) for name, row in task.panel._table._rows.items()}
        cells = {stage: (cell["source"], cell["metadata"]) for stage, cell in self.page.cells.items()}
        # The axis only ever widens while values are edited, so that it does not jump; what is drawn in it is compared.
        drawn = re.search('aria-label="(.*?)"', task.panel._curve._picture.value).group(1)
        curves = [(name, *curve.value, *curve.quantiles.ravel()) for name, curve in task.plan.forecast.curves.items()]
        return task.plan.hyperparameters, task.plan.revision, (drawn, curves), cells, rows


@pytest.fixture
def notebook(one_shell, monkeypatch):
    monkeypatch.setattr(session_module, "current_anchor", lambda _: "cell")
    one_shell.user_ns["adult"] = small_adult()
    notebook = Notebook(one_shell)
    notebook.run()
    yield notebook
    notebook.session.close()


def test_a_round_changes_nothing_before_it_is_taken(notebook):
    before = notebook.shown()
    asked = notebook.ask(FEW_TREES)
    assert asked.standing == "proposed" and notebook.shown() == before
    notebook.do(notebook.task.take_round)
    assert int(notebook.page.value("n_estimators")) <= 60
    assert notebook.task.plan.cards.request.most("trees") == 60


def test_a_rejected_round_leaves_everything(notebook):
    before = notebook.shown()
    notebook.ask(FEW_TREES)
    notebook.do(notebook.task.reject_round)
    assert notebook.shown() == before and notebook.task.rounds.rounds[-1].standing == "rejected"
    with pytest.raises(UsageError, match="no request waits"):
        notebook.task.take_round()


def test_what_holds_already_is_asked_and_taken_again_without_an_error(notebook):
    notebook.ask(FEW_TREES)
    notebook.do(notebook.task.take_round)
    before, acts = notebook.shown(), len(notebook.task.rounds._acts)
    assert notebook.ask(FEW_TREES).standing == "nothing to change"
    assert notebook.task.take_round().standing == notebook.task.reject_round().standing == "nothing to change"
    assert notebook.shown() == before and len(notebook.task.rounds._acts) == acts


def test_some_changes_are_taken_by_their_keys(notebook):
    notebook.ask(FEW_TREES, Wish("lock", name="gamma"))
    notebook.do(notebook.task.take_round, ["lock:gamma"])
    assert notebook.task.rounds.rounds[-1].standing == "partly accepted"
    assert notebook.task.rounds.standing.locked == {"gamma"} and notebook.task.plan.cards.request.most("trees") is None
    with pytest.raises(UsageError, match="no request waits"):
        notebook.task.take_round(["limit:trees-most"])


@pytest.mark.parametrize("keys", [["value:nonsense"], []])
def test_keys_that_are_none_of_the_rounds_are_said(notebook, keys):
    notebook.ask(FEW_TREES)
    with pytest.raises(UsageError, match="no change"):
        notebook.task.take_round(keys)
    assert notebook.task.rounds.pending is not None


def test_undo_and_redo_bring_back_plan_table_plot_and_cells(notebook):
    states = [notebook.shown()]
    notebook.ask(FEW_TREES)
    for act in (
        notebook.task.take_round,
        lambda: notebook.task.edit("subsample", 0.9),
        lambda: notebook.task.lock("gamma", True),
    ):
        notebook.do(act)
        states.append(notebook.shown())
    for state in states[-2::-1]:
        notebook.do(notebook.task.undo)
        assert notebook.shown() == state
    assert [one.standing for one in notebook.task.rounds.rounds] == ["undone"]
    for state in states[1:]:
        notebook.do(notebook.task.redo)
        assert notebook.shown() == state
    assert [one.standing for one in notebook.task.rounds.rounds] == ["accepted"]


def test_there_is_an_end_to_undo_and_redo(notebook):
    with pytest.raises(UsageError, match="nothing to undo"):
        notebook.task.undo()
    with pytest.raises(UsageError, match="nothing to redo"):
        notebook.task.redo()


def test_one_goes_to_any_round(notebook):
    for wish in (FEW_TREES, Wish("lock", name="gamma")):
        notebook.ask(wish)
        notebook.do(notebook.task.take_round)
    after = notebook.shown()
    notebook.do(notebook.task.go, 1)
    assert notebook.task.rounds.standing.locked == set()
    notebook.do(notebook.task.go, 2)
    assert notebook.shown() == after
    with pytest.raises(UsageError, match="round 7"):
        notebook.task.go(7)


def test_what_follows_an_undo_takes_the_place_of_what_was_undone(notebook):
    notebook.ask(FEW_TREES)
    notebook.do(notebook.task.take_round)
    notebook.do(notebook.task.undo)
    notebook.do(notebook.task.edit, "subsample", 0.9)
    assert not notebook.task.rounds.can_redo
    assert [one.standing for one in notebook.task.rounds.rounds] == ["undone"]


def test_a_locked_value_takes_no_edit_reset_or_earlier_run(notebook):
    task = notebook.task
    notebook.do(task.edit, "max_depth", 9)
    notebook.do(task.lock, "max_depth", True)
    with pytest.raises(ParameterError, match="max_depth is locked"):
        task.edit("max_depth", 4)
    notebook.do(task.reset, None)
    notebook.do(task.restore, {"max_depth": 3, "subsample": 0.66})
    assert task.edits == {"max_depth": 9, "subsample": 0.66}


def test_a_value_that_is_to_be_let_go_stays_while_it_is_locked(notebook):
    task = notebook.task
    notebook.do(task.edit, "max_depth", 9)
    notebook.do(task.lock, "max_depth", True)
    asked = notebook.ask(Wish("free", name="max_depth"))
    assert [change.key for change in asked.changes] == ["lock:max_depth", "value:max_depth"]
    with pytest.raises(UsageError, match="max_depth is locked"):
        task.take_round(["value:max_depth"])
    assert task.edits == {"max_depth": 9} and task.rounds.pending is not None
    notebook.do(task.take_round)
    assert task.edits == {} and not task.rounds.standing.locked


def test_rounds_locks_and_undo_outlive_the_magic_cell_run_again(notebook):
    notebook.ask(FEW_TREES)
    notebook.do(notebook.task.take_round)
    notebook.do(notebook.task.lock, "gamma", True)
    before = notebook.shown()
    notebook.run()
    assert notebook.shown() == before
    assert [one.standing for one in notebook.task.rounds.rounds] == ["accepted"]
    notebook.do(notebook.task.undo)
    notebook.do(notebook.task.undo)
    assert notebook.task.plan.cards.request.most("trees") is None


def test_other_data_in_the_same_cell_begins_anew(notebook, one_shell):
    one_shell.user_ns["other"] = small_adult(seed=1)
    notebook.do(notebook.task.lock, "gamma", True)
    notebook.run(FREE.replace("frame: adult", "frame: other"))
    assert notebook.task.rounds.standing.locked == set() and not notebook.task.rounds.can_undo


def test_what_was_decided_outlives_the_kernel(notebook, one_shell):
    notebook.ask(FEW_TREES)
    notebook.do(notebook.task.take_round)
    notebook.do(notebook.task.lock, "gamma", True)
    notebook.do(notebook.task.edit, "subsample", 0.9)
    before = notebook.shown()
    notebook.session.close()
    for name in [name for name in one_shell.user_ns if name.startswith("small_adult")]:
        del one_shell.user_ns[name]
    notebook.session = Session(one_shell)
    notebook.run()
    assert notebook.shown() == before


def test_a_later_request_rejects_the_one_that_waits(notebook):
    notebook.ask(FEW_TREES)
    notebook.ask(FASTER)
    assert [one.standing for one in notebook.task.rounds.rounds] == ["rejected", "proposed"]


def test_an_answer_spells_names_as_they_are(notebook):
    assert notebook.ask(Wish("set", name="max_depth", value=99)).said.startswith("max_depth 99 is above")


def test_what_was_proposed_for_another_model_is_not_taken(notebook):
    notebook.ask(FEW_TREES)
    notebook.do(notebook.task.switch_model, "LightGBM")
    before = notebook.shown()
    with pytest.raises(UsageError, match="ask again"):
        notebook.task.take_round()
    assert notebook.shown() == before
    notebook.do(notebook.task.undo)
    notebook.do(notebook.task.take_round)
    assert notebook.task.plan.cards.request.most("trees") == 60


def test_a_request_that_nobody_understands_says_so(notebook):
    asked = notebook.ask(left=("sing",))
    assert asked.standing == "nothing to change" and "Nothing of the request was understood" in asked.said
    assert "Not understood: 'sing'" in printed(asked)


@pytest.mark.parametrize(("text", "said"), [("  ", "ask for something"), ("x" * 2001, "2,001 letters")])
def test_no_request_and_too_long_a_one_are_refused(notebook, text, said):
    with pytest.raises(UsageError, match=said):
        notebook.task.ask(text)
    assert not notebook.task.rounds.rounds


def test_a_round_is_printed_with_what_changes_and_how_to_take_it(notebook):
    text = printed(notebook.ask(FEW_TREES))
    assert "limit:trees-most" in text and "at most 60 trees" in text and "%automl accept" in text
    notebook.do(notebook.task.take_round)
    assert "accepted" in listed(notebook.task.rounds.rounds)
    assert "Nothing was asked for yet" in listed(())


def test_a_long_key_stands_apart_from_its_change(notebook):
    limit = Wish("limit", "p95 latency under 5 ms", constraint=Constraint("latency", 0.005, percentile=95))
    assert "  limit:latency-most-p95-batch-1  latency p95" in printed(notebook.ask(limit))


def test_another_model_brings_its_own_cells_and_undo_the_first_ones(notebook):
    before = notebook.shown()
    asked = notebook.ask(Wish("model", name="LightGBM"))
    assert "LGBMClassifier" in asked.code["model"][1]
    notebook.do(notebook.task.take_round)
    assert "LGBMClassifier" in notebook.page.cells["model"]["source"]
    notebook.do(notebook.task.undo)
    assert notebook.shown() == before


def trained(task):
    """A report of a training of what the plan says."""
    plan = task.plan
    curves = {name: replace(curve, source="measured", quantiles=None) for name, curve in plan.forecast.curves.items()}
    measured = {name: Curve(name, one.steps, one.value, source="measured") for name, one in curves.items()}
    return Measured(plan.names, plan.revision, plan.hyperparameters, measured, 1.0, int(plan.curve.steps[-1]), True)


class Walk:
    """Random acts on one plan, and what must hold after each."""

    def __init__(self, notebook, seed):
        self.notebook, self.random = notebook, random.Random(seed)
        self.states = [notebook.shown()]  # one for each act that can be undone or redone
        self.at = 0
        self.trained = []  # values whose plot shows a measurement from then on, for as long as they stand

    def step(self):
        task = self.notebook.task
        locked = {name: task.plan.hyperparameters[name] for name in task.rounds.standing.locked}
        act = self.random.choice([self.edit, self.lock, self.ask, self.ask, self.undo, self.redo, self.train])
        act()
        if act not in (self.undo, self.redo):
            still = {name: value for name, value in locked.items() if name in task.rounds.standing.locked}
            assert still.items() <= task.plan.hyperparameters.items(), "a locked value changed"
        assert len(task.rounds.acts) == len(self.states), "the history is not complete"
        now, then = self.notebook.shown(), self.states[self.at]
        for part, name in enumerate(("values", "revision", "plot", "cells", "table")):
            if name != "plot" or now[0] not in self.trained:
                assert now[part] == then[part], f"the {name} are not what they were"

    def tried(self, act, *given):
        before = self.notebook.task.rounds.standing
        with suppress(AutoMLError):
            self.notebook.do(act, *given)
        if self.notebook.task.rounds.standing is not before:
            del self.states[self.at + 1 :]
            self.states.append(self.notebook.shown())
            self.at += 1

    def name(self):
        return self.random.choice(["max_depth", "subsample", "gamma", "learning_rate"])

    def value(self, name):
        return {"max_depth": self.random.randint(2, 12)}.get(
            name, round(self.random.uniform(0.5, 1), 3) if name != "learning_rate" else 0.1
        )

    def edit(self):
        name = self.name()
        value = 0.5 if name == "learning_rate" and self.random.random() < 0.5 else self.value(name)
        self.tried(self.notebook.task.edit, name, value)

    def lock(self):
        self.tried(self.notebook.task.lock, self.name(), self.random.random() < 0.6)

    def ask(self):
        name = self.name()
        wishes = [
            Wish("limit", constraint=Constraint("trees", self.random.choice([60, 100, 300]))),
            Wish("prefer", goal="faster training"),
            Wish("set", name=name, value=self.value(name)),
            Wish("lock", name=name),
            Wish("free", name=name),
        ]
        asked = self.notebook.ask(*self.random.sample(wishes, self.random.randint(1, 2)))
        if asked.standing != "proposed":
            return
        keys = [change.key for change in asked.changes]
        some = self.random.sample(keys, self.random.randint(1, len(keys)))
        if self.random.random() < 0.2:
            self.notebook.do(self.notebook.task.reject_round)
        else:
            self.tried(self.notebook.task.take_round, some)

    def undo(self):
        if self.notebook.task.rounds.can_undo:
            self.notebook.do(self.notebook.task.undo)
            self.at -= 1

    def redo(self):
        if self.notebook.task.rounds.can_redo:
            self.notebook.do(self.notebook.task.redo)
            self.at += 1

    def train(self):
        before = self.notebook.shown()
        self.notebook.task.hear(trained(self.notebook.task))
        assert self.notebook.task.measured.finished
        assert self.notebook.shown()[3] == before[3], "a training changed a cell"
        self.trained.append(before[0])


@pytest.mark.parametrize("seed", range(WALKS))
def test_random_acts(notebook, seed):
    walk = Walk(notebook, seed)
    for _ in range(10):
        walk.step()
