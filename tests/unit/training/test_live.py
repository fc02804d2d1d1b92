import numpy as np
import pytest
import xgboost

from automl_gpt_magic.training import announcements, spread, watch
from automl_gpt_magic.training.live import last_step, last_value, measured_curves


@pytest.fixture
def heard():
    reports = []
    announcements.listen("task", reports.append)
    yield reports
    announcements.forget("task", reports.append)


def fit(model, train, valid, report=None):
    class EachRound(xgboost.callback.TrainingCallback):
        def after_iteration(self, model, epoch, log):
            return bool(report and report(log))

    model.callbacks = [EachRound()]
    model.fit(*train, eval_set=[train, valid], verbose=False)
    return model.evals_result()


def train(fit, **hyperparameters):
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 3))
    y = (x[:, 0] > 0).astype(int)
    model = xgboost.XGBClassifier(max_depth=2, eval_metric=["error", "logloss"], **hyperparameters)
    return fit(model, (x[:200], y[:200]), (x[200:], y[200:]))


def watched(names="task", **hyperparameters):
    return watch(fit, names, "abc", hyperparameters, "n_estimators")


def test_the_whole_log_is_announced_at_the_end(heard):
    values = {"n_estimators": 30, "learning_rate": 0.2}
    log = train(watched(**values), **values)
    last = heard[-1]
    assert (last.finished, last.revision, last.planned_steps) == (True, "abc", 30)
    assert np.allclose(last.curves["log_loss"].value, log["validation_1"]["logloss"])
    assert np.allclose(last.curves["accuracy"].value, 1 - np.array(log["validation_1"]["error"]))
    assert np.allclose(last.curves["log_loss"].training, log["validation_0"]["logloss"])
    assert last.hyperparameters == values


def test_watching_does_not_change_the_training():
    assert train(watched("nobody listens", n_estimators=30), n_estimators=30) == train(fit, n_estimators=30)


def test_a_cell_that_is_run_twice_is_watched_once(heard):
    twice = watch(watched(n_estimators=3), "task", "abc", {"n_estimators": 3}, "n_estimators")
    train(twice, n_estimators=3)
    assert [report.finished for report in heard].count(True) == 1


def test_who_reports_can_still_end_the_training(heard):
    fitted = watched(n_estimators=30)
    log = train(lambda *parts: fitted(*parts, report=lambda log: len(log["validation_1"]["logloss"]) == 4))
    assert len(log["validation_1"]["logloss"]) == 4
    assert len(heard[-1].curves["log_loss"].value) == 4


class Clock:
    """Time that passes only when something is done."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 0.02
        return self.now


@pytest.mark.parametrize(("cost", "gap"), [(0.0, 0.2), (0.05, 2.4)])
def test_reports_are_at_most_five_a_second_and_cost_little(monkeypatch, cost, gap):
    clock, times = Clock(), []

    def draw(measured):
        times.append(clock.now)
        clock.now += cost

    announcements.listen("task", draw)
    monkeypatch.setattr("automl_gpt_magic.training.live.time.perf_counter", clock)
    train(watched(n_estimators=900), n_estimators=900)
    announcements.forget("task", draw)
    between = np.diff(times[:-1])  # the last one is the end's, whenever that is
    assert len(between) > 2
    assert between.min() >= gap


def test_a_log_without_a_validation_part_gives_no_curve():
    assert measured_curves({"validation_0": {"logloss": [0.5]}}) == {}


def test_a_log_by_our_names_with_steps_of_its_own():
    log = {
        "step": [1, 10],
        "training": {"accuracy": [0.5, 0.9], "log_loss": [0.7, 0.3]},
        "validation": {"accuracy": [0.5, 0.8], "log_loss": [0.7, 0.4]},
    }
    curves = measured_curves(log)
    assert list(curves["accuracy"].value) == [0.5, 0.8]
    assert list(curves["log_loss"].steps) == [1, 10]
    assert (last_step(log), last_value(log, "log_loss"), last_value(log, "accuracy")) == (10, 0.4, 0.8)


def test_a_metric_that_is_not_in_the_log_is_named():
    with pytest.raises(ValueError, match="reports logloss and not rmse"):
        last_value({"validation_0": {"logloss": [0.5]}}, "rmse")


def test_a_spread_reaches_the_one_who_listens_as_plain_numbers():
    heard = []
    spread("task", {"max_depth": 3}, {"log_loss": np.array([0.25, 0.5])})  # nobody listens
    announcements.listen("task", heard.append)
    spread("task", {"max_depth": 3}, {"log_loss": np.array([0.25, 0.5])})
    announcements.forget("task", heard.append)
    (told,) = heard
    assert (told.names, told.hyperparameters, told.scores) == ("task", {"max_depth": 3}, {"log_loss": (0.25, 0.5)})


def test_a_training_that_stopped_early_ends_at_its_best_step(heard):
    part = {"accuracy": [0.8, 0.7, 0.9], "log_loss": [0.5, 0.4, 0.45]}

    def stopped(model, train, valid, report=None):
        report({"training": part, "validation": part})
        return {"training": part, "validation": part}

    watch(stopped, "task", "abc", {"early_stopping_rounds": 1})(None, None, None)
    curves = heard[-1].curves
    assert (curves["log_loss"].final, curves["log_loss"].final_step, curves["accuracy"].final) == (0.4, 2, 0.7)
    watch(stopped, "task", "abc", {})(None, None, None)
    assert heard[-1].curves["log_loss"].final == 0.45


def test_a_log_may_hold_any_metric_before_its_loss():
    part = {"roc_auc": [0.6, 0.7], "accuracy": [0.5, 0.6], "log_loss": [0.6, 0.5]}
    log = {"validation_0": {"error": [0.5, 0.4], "logloss": [0.6, 0.5]}, "validation_1": part}
    curves = measured_curves(log)
    assert list(curves) == ["roc_auc", "accuracy", "log_loss"]
    assert curves["roc_auc"].value.tolist() == [0.6, 0.7] and curves["roc_auc"].training is None
    assert last_value(log, "roc_auc") == 0.7
