"""What a search makes of the forecast: what it tries first, and which trials it gives up."""

from types import SimpleNamespace

import numpy as np
import pytest

from automl_gpt_magic import searching
from automl_gpt_magic.records.curve import QUANTILES, Curve
from automl_gpt_magic.records.evidence import Continuation, Forecast
from automl_gpt_magic.records.space import Parameter, SearchSpace, StepLimit
from automl_gpt_magic.records.study import StudyState, Trial
from automl_gpt_magic.running import Running

CONFIGURATION = {"learning_rate": 0.1, "n_estimators": 100}
POINTS = ((1, 0.7), (2, 0.6), (5, 0.5))


def going_on_to(*values, metric="log_loss", width=0.1):
    """Return a continuation with these values at the next steps; one in twenty is ``width`` away or more."""
    steps, value = np.arange(5, 5 + len(values) + 1), np.array([0.5, *values])
    ends = np.where(np.arange(len(value)) == 0, 0.0, width)
    quantiles = np.array([value + ends * np.sign(level - 0.5) * (abs(level - 0.5) >= 0.45) for level in QUANTILES])
    curve = Curve(metric, steps, value, quantiles=quantiles)
    return lambda configuration, measured: Continuation(Forecast({metric: curve}, 1.0), {})


def finished(value, state="finished"):
    return Trial(0, "plan", state, CONFIGURATION, value)


def gives_up(continued, *trials, metric="log_loss", points=POINTS, fixed=None):
    plan = SimpleNamespace(
        metric=metric, rounds="n_estimators", model=SimpleNamespace(hyperparameters=fixed or {}), cards=None
    )
    running = Running({}, None, None, lambda: plan, lambda: SimpleNamespace(continued=continued), list, print)
    running.study = StudyState("a", metric, metric != "accuracy", "running", "", 9, trials, 0.0, "n_estimators")
    return running._is_hopeless(CONFIGURATION, points)


@pytest.mark.parametrize(("best", "gives_it_up"), [(0.29, True), (0.31, False)])
def test_a_trial_is_given_up_where_one_in_twenty_like_it_does_not_come_to_the_best(best, gives_it_up):
    assert gives_up(going_on_to(0.45, 0.4, 0.42), finished(best)) == gives_it_up


def test_a_trial_that_was_better_already_is_not_given_up():
    rising = going_on_to(0.6, 0.7)
    assert gives_up(rising, finished(0.35))
    assert not gives_up(rising, finished(0.35), points=((1, 0.7), (2, 0.3), (5, 0.5)))


def test_with_a_fixed_number_of_steps_only_the_last_one_counts():
    down_and_up = going_on_to(0.3, 0.6)
    assert not gives_up(down_and_up, finished(0.25))
    assert gives_up(down_and_up, finished(0.25), fixed={"n_estimators": 100})


@pytest.mark.parametrize(("best", "gives_it_up"), [(0.71, True), (0.69, False)])
def test_of_an_accuracy_the_high_values_are_hoped_for(best, gives_it_up):
    rising = going_on_to(0.55, 0.6, metric="accuracy")
    assert gives_up(rising, finished(best), metric="accuracy") == gives_it_up


def test_nothing_is_given_up_without_a_finished_trial():
    worse = going_on_to(0.6)
    assert gives_up(worse, finished(0.1)) is True
    assert gives_up(worse) is False
    assert gives_up(worse, finished(0.1, "pruned")) is False


def test_without_a_forecast_it_is_not_told():
    def fails(*_):
        raise ValueError("no")

    only_a_line = Curve("log_loss", np.array([5, 6]), np.array([0.5, 0.4]))
    assert gives_up(None, finished(0.1)) is None
    assert gives_up(fails, finished(0.1)) is None
    assert gives_up(lambda *_: Continuation(Forecast({}, 1.0), {}), finished(0.1)) is None
    assert gives_up(lambda *_: Continuation(Forecast({"log_loss": only_a_line}, 1.0), {}), finished(0.1)) is None


def test_the_forecast_is_asked_for_the_planned_training_with_the_measured_curve():
    asked = []
    going_on = going_on_to(0.4)

    def continued(configuration, measured):
        asked.append((configuration, measured))
        return going_on(configuration, measured)

    gives_up(continued, finished(0.1))
    ((configuration, measured),) = asked
    assert configuration == CONFIGURATION
    assert (list(measured), measured["log_loss"].source) == (["log_loss"], "measured")
    assert list(zip(measured["log_loss"].steps, measured["log_loss"].value, strict=True)) == list(POINTS)


SPACE = SearchSpace(
    "XGBoost", (Parameter("learning_rate", "float", 0.3, 0.005, 0.5), Parameter("n_estimators", "int", 100, 1, 600))
)
FOUND = tuple({"learning_rate": rate, "n_estimators": 50} for rate in (0.2, 0.3, 0.4))
LIMIT = StepLimit("n_estimators", 60, "trees")


def starts(*neighbours, limit=LIMIT, found=FOUND, fixed=None):
    """Return what is tried first, by label, where the neighbours' best have these numbers of steps."""
    near = [
        SimpleNamespace(name=str(steps), best={"learning_rate": 0.05, "n_estimators": steps}) for steps in neighbours
    ]
    plan = SimpleNamespace(
        model=SimpleNamespace(hyperparameters=fixed or {}),
        evidence=SimpleNamespace(neighbours=near),
        space=SPACE,
        hyperparameters={"learning_rate": 0.1, "n_estimators": 60},
    )
    return dict(searching.starts(plan, limit, SimpleNamespace(searched=found)))


def test_without_a_limit_on_the_steps_the_neighbours_best_are_tried_and_no_search_is():
    tried = starts(300, 400, 500, 600, limit=None)
    assert list(tried) == ["plan", "like 300", "like 400", "like 500", "default"]
    assert tried["like 400"] == {"learning_rate": 0.05, "n_estimators": 400}


def test_what_the_forecast_finds_stands_for_neighbours_best_that_the_limit_would_cut():
    tried = starts(300, 40, 500)
    assert list(tried) == ["plan", "like 40", "forecast 1", "forecast 2", "default"]
    assert (tried["forecast 1"], tried["forecast 2"]) == FOUND[:2]
    assert tried["default"]["n_estimators"] == 60


def test_where_the_search_finds_too_little_neighbours_best_are_cut():
    tried = starts(300, 400, 500, found=FOUND[:1])
    assert list(tried) == ["plan", "forecast 1", "like 400", "like 500", "default"]
    assert tried["like 500"] == {"learning_rate": 0.05, "n_estimators": 60}
