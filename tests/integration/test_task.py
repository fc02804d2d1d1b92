"""A task and its cells, with a page in Python that answers as bridge.js does."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

import automl_gpt_magic
import automl_gpt_magic.session as session_module
from automl_gpt_magic.answers import Options
from automl_gpt_magic.errors import UsageError
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.evidence import Continuation, Forecast
from automl_gpt_magic.records.run import Measured
from automl_gpt_magic.session import Session
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.training import announcements, live
from tests.conftest import CARDS, small_adult
from tests.page import Handle, Page

FIXED = CARDS.replace("{max_depth: 6}", "{n_estimators: 40}")


@pytest.fixture
def shell(one_shell):
    shell = one_shell
    shell.user_ns["adult"] = small_adult()
    shell.user_ns["other"] = small_adult(seed=1)
    return shell


@pytest.fixture
def session(shell, monkeypatch):
    anchors = {"now": "cell"}
    monkeypatch.setattr(session_module, "current_anchor", lambda _: anchors["now"])
    session = Session(shell)
    session.anchors = anchors
    yield session
    session.close()


def plan(session, cards=FIXED):
    session.plan(cards, 2, Handle(), AutoML(), Options())
    return session.last


@pytest.fixture
def page():
    return Page()


@pytest.fixture
def task(session, page):
    task = plan(session)
    page.settle(task)
    return task


def test_an_edit_reaches_the_literal_and_a_reset_takes_it_back(task, page):
    task.edit("subsample", 0.9)
    page.settle(task)
    assert page.value("subsample") == "0.9"
    task.reset("subsample")
    page.settle(task)
    assert page.value("subsample") == repr(task.plan.proposed["subsample"])
    assert task.edits == {}


def test_edits_faster_than_the_page_end_at_the_last(task, page):
    task.edit("max_depth", 4)
    task.edit("max_depth", 5)
    page.settle(task)
    assert (task.edits, page.value("max_depth")) == ({"max_depth": 5}, "5")


def test_a_reset_before_the_page_has_answered_an_edit_stands(task, page):
    task.edit("subsample", 0.9)
    page.settle(task)
    task.edit("max_depth", 4)
    task.reset(None)
    page.settle(task)
    assert task.edits == {}
    assert page.value("max_depth") == repr(task.plan.proposed["max_depth"])


def test_hand_edits_are_taken_also_beside_a_wrong_one(task, page):
    page.type_(task, "training", r"'subsample': [^,]+,", "'subsample': 0.77,")
    page.type_(task, "training", r"'max_depth': [^,]+,", "'max_depth': 99,")
    page.settle(task)
    assert (task.edits, page.value("max_depth")) == ({"subsample": 0.77}, "99")
    page.type_(task, "data", r"$", "\n# mine")
    page.settle(task)
    assert page.value("max_depth") == "99"
    page.type_(task, "training", r"'max_depth': 99", "'max_depth': 11")
    page.settle(task)
    assert task.edits == {"subsample": 0.77, "max_depth": 11}
    assert (page.value("subsample"), page.value("max_depth")) == ("0.77", "11")


def test_typing_the_proposed_value_takes_the_edit_back(task, page):
    task.edit("gamma", 3.5)
    page.settle(task)
    page.type_(task, "training", r"'gamma': [^,]+,", f"'gamma': {task.plan.proposed['gamma']!r},")
    assert task.edits == {}


def test_the_same_cell_keeps_its_edits_but_not_those_the_card_now_decides(session, task, page):
    task.edit("max_depth", 4)
    task.edit("subsample", 0.9)
    page.settle(task)
    again = plan(session, FIXED.replace("{n_estimators: 40}", "{n_estimators: 40, max_depth: 7}"))
    page.settle(again)
    assert again.edits == {"subsample": 0.9}
    assert (page.value("max_depth"), page.value("subsample")) == ("7", "0.9")


def test_other_data_in_the_same_cell_starts_without_edits(session, task, page):
    task.edit("max_depth", 4)
    page.settle(task)
    again = plan(session, FIXED.replace("frame: adult", "frame: other"))
    page.settle(again)
    assert again.edits == {}


def test_cells_without_ids_are_told_apart_by_their_cards(session):
    session.anchors["now"] = None
    first = plan(session)
    first.edit("max_depth", 11)
    second = plan(session, FIXED.replace("Small Adult", "Other").replace("frame: adult", "frame: other"))
    assert second.edits == {}
    assert plan(session).edits == {"max_depth": 11}


def test_the_name_of_the_users_frame_is_not_taken(session, shell):
    shell.user_ns["small_adult_train"] = shell.user_ns["adult"]
    task = plan(session, FIXED.replace("frame: adult", "frame: small_adult_train"))
    assert task.plan.names == "small_adult_2"


def test_running_again_closes_the_earlier_panel_and_its_listener(session, task):
    from ipywidgets.widgets.widget import _instances

    plan(session)
    alive = len(_instances)
    plan(session)
    assert len(_instances) <= alive + 5
    assert list(announcements._listeners) == [session.last.plan.names]


def test_an_interrupted_training_is_noticed_at_the_end_of_its_cell(session, task, monkeypatch):
    monkeypatch.setattr(live, "_SECONDS_BETWEEN_REPORTS", 0.0)
    monkeypatch.setattr(live, "_SHARE_FOR_REPORTS", 1.0)

    def fit(model, train, valid, report=None):
        for length in range(1, 20):
            report({"training": {"log_loss": [0.5] * length}, "validation": {"log_loss": [0.5] * length}})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        live.watch(fit, task.plan.names, task.plan.revision, task.plan.hyperparameters)(None, None, None)
    assert task.measured is not None
    session._end_of_cell()
    assert task.measured is None
    assert "Training stopped" in task.panel._slot._text.value


def trained(task, shell):
    for source in task.plan.code.values():
        exec(source, shell.user_ns)
    task.end_of_cell()


def stages(page):
    return list(page.cells)


def test_a_next_step_is_one_more_cell_and_a_second_click_changes_nothing(task, page, shell):
    trained(task, shell)
    assert task.write_next("importance") == ("Importance: the code is below; it runs when you run it.", "")
    page.settle(task)
    assert stages(page) == ["data", "model", "training", "importance"]
    assert page.cells["importance"]["source"] == task.plan.next_code["importance"]
    before = {stage: dict(cell) for stage, cell in page.cells.items()}
    task.write_next("importance")
    page.settle(task)
    assert page.cells == before
    assert task.running is not None and [stage for stage, _ in task.cells.sources()] == ["data", "model", "training"]


def test_a_next_cell_that_was_deleted_does_not_come_back_by_itself(task, page, shell):
    trained(task, shell)
    task.write_next("predict")
    page.settle(task)
    del page.cells["predict"]
    task.cells.bridge.state = {**task.cells.bridge.state, "cells": page.described()}
    task.edit("max_depth", 4)
    page.settle(task)
    assert "predict" not in page.cells
    task.write_next("predict")
    page.settle(task)
    assert "predict" in page.cells


def test_a_next_cell_is_brought_up_to_date_and_an_edited_one_is_kept(session, task, page, shell):
    trained(task, shell)
    for step in ("importance", "threshold"):
        task.write_next(step)
        page.settle(task)
    page.type_(task, "threshold", "negative = 5.0", "negative = 9.0")
    again = plan(session, FIXED.replace("[accuracy, log_loss]", "[log_loss]"))
    page.settle(again)
    assert "['log_loss']" in page.cells["importance"]["source"]
    assert "negative = 9.0" in page.cells["threshold"]["source"]


def test_a_click_before_the_page_has_answered_is_not_lost(session, page, shell):
    task = plan(session)
    task.write_next("predict")
    page.settle(task)
    assert stages(page) == ["data", "model", "training", "predict"]


def test_a_next_step_says_what_it_needs(task, shell):
    said = "Train first: it needs small_adult_model."
    assert task.write_next("calibration")[1] == said
    trained(task, shell)
    assert task.write_next("calibration")[1] == ""
    del shell.user_ns["small_adult_rows"], shell.user_ns["small_adult_valid"]
    needed = task.write_next("cross-validation")[1]
    assert needed == "Run the cells above it first: small_adult_rows stayed in the training's process."


def test_a_step_that_does_not_suit_the_plan_is_one_line(task):
    with pytest.raises(UsageError, match="did you mean importance"):
        task.write_next("importanc")
    with pytest.raises(UsageError, match="no step 'residuals' for this plan"):
        task.write_next("residuals")


def test_without_a_page_a_cell_is_given_the_code_and_a_click_says_how(session, shell):
    session.anchors["now"] = None
    task = plan(session)
    with pytest.raises(UsageError, match="%automl next predict"):
        task.write_next("predict")
    shell.rl_next_input = None
    task.write_next("predict", in_cell=True)
    assert shell.rl_next_input == task.plan.next_code["predict"]


def test_the_buttons_wait_for_a_trained_model(task, shell):
    buttons = task.panel._next._buttons
    assert buttons["predict"].disabled
    trained(task, shell)
    assert not buttons["predict"].disabled


def test_a_spread_joins_the_training_of_the_same_values(task, shell):
    trained(task, shell)
    values = shell.user_ns["small_adult_hyperparameters"]
    automl_gpt_magic.spread("small_adult", values, {"log_loss": [0.4, 0.5, 0.6]})
    assert task.measured.spread.scores == {"log_loss": (0.4, 0.5, 0.6)}
    assert "cross-validated 0.500 ± 0.100 (3 folds)" in task.panel._slot._text.value


def test_a_spread_of_other_values_is_only_said(task, shell):
    trained(task, shell)
    values = {**shell.user_ns["small_adult_hyperparameters"], "max_depth": 2}
    automl_gpt_magic.spread("small_adult", values, {"log_loss": [0.4, 0.5, 0.6]})
    assert task.measured.spread is None
    said = task.panel._slot._text.value
    assert "Cross-validated: log loss 0.500 ± 0.100 (3 folds)." in said and "max_depth 2" in said


def report(task, rounds, *, finished=False, off=0.0, **changes):
    """A report of the plan's own training at this round, off from the forecast."""
    plan = task.plan
    curves = {
        metric: Curve(metric, curve.steps[:rounds], curve.value[:rounds] + off, source="measured")
        for metric, curve in plan.forecast.curves.items()
    }
    values = dict(plan.hyperparameters)
    given = Measured(plan.names, plan.revision, values, curves, 1.0, int(plan.curve.steps[-1]), finished)
    return replace(given, **changes)


def continue_by(task, continued):
    task.rounds.begin(replace(task.rounds.standing.situation, continued=continued))


def test_every_report_of_a_training_under_way_is_taken_into_the_forecast(task):
    asked = []
    real = task.rounds.standing.situation.continued

    def continued(configuration, curves):
        asked.append((configuration, len(curves["log_loss"].steps)))
        return real(configuration, curves)

    continue_by(task, continued)
    task.hear(report(task, 5))
    task.trainings._rests_until = 0.0
    task.hear(report(task, 9, hyperparameters={"max_depth": 5, "subsample": None}))
    assert [rounds for _, rounds in asked] == [5, 9]
    assert asked[1][0] == {**task.plan.hyperparameters, "max_depth": 5} and task.edits == {"max_depth": 5}
    rest = task.measured.rest.forecast.curves["log_loss"]
    assert rest.steps[0] == task.measured.curves["log_loss"].steps[-1]
    assert rest.value[0] == pytest.approx(task.measured.curves["log_loss"].final)
    assert ">expected<" in task.panel._curve._picture.value


def test_a_finished_training_asks_for_no_rest(task):
    continue_by(task, lambda *_: pytest.fail("there is no rest"))
    task.hear(report(task, 40, finished=True))
    assert task.measured.rest is None and ">expected<" not in task.panel._curve._picture.value


def test_a_forecast_that_cannot_be_continued_says_so_and_the_training_is_shown(task):
    def continued(*_):
        raise ValueError("<b>no\nrows</b>")

    continue_by(task, continued)
    task.hear(report(task, 9))
    assert "training: round" in task.panel._curve._picture.value and "predicted" in task.panel._curve._picture.value
    said = task.panel._curve._effect.value
    assert "The forecast could not take in what was measured: &lt;b&gt;no" in said and "<b>no" not in said


def test_without_recorded_runs_a_training_is_shown_as_measured(task):
    continue_by(task, None)
    task.hear(report(task, 9))
    assert task.measured.rest is None and "training: round" in task.panel._curve._picture.value


def test_a_training_that_diverges_is_shown_without_a_band(task):
    task.hear(report(task, 9, off=float("nan")))
    assert "training: round" in task.panel._curve._picture.value
    assert "--ag-band" not in task.panel._curve._picture.value
    assert not task.measured.rest.forecast.curves


def test_the_note_of_a_forecast_stands_under_the_curve(task):
    continue_by(task, lambda *_: Continuation(Forecast({}, 1.0, "The training diverged."), {}))
    task.hear(report(task, 9))
    assert "The training diverged." in task.panel._curve._effect.value


@pytest.mark.parametrize("rounds", [0, 1, 9])
def test_other_metrics_and_few_points_are_shown(task, rounds):
    task.hear(report(task, rounds))
    task.trainings._rests_until = 0.0
    other = Curve("f1", np.arange(1, rounds + 1), np.linspace(0.5, 0.6, rounds), source="measured")
    task.hear(report(task, 1, curves={"f1": other}))
    assert "predicted, not run" in task.panel._curve._picture.value


def test_reports_that_waited_are_dropped_and_the_last_one_is_not(task):
    shown = []
    show = task.panel.show_measured
    task.panel.show_measured = lambda measured: (shown.append(measured.curves["log_loss"].final_step), show(measured))
    steps = task.plan.curve.steps
    for rounds in range(5, 15):
        task.hear(report(task, rounds))
    assert shown == [steps[4]]
    time.sleep(max(0.0, task.trainings._rests_until - time.perf_counter()))
    task.hear(report(task, 15))
    task.hear(report(task, 16))
    task.hear(report(task, len(steps), finished=True))
    assert shown == [steps[4], steps[14], steps[-1]]
