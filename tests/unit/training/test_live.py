import numpy as np
import pytest
import xgboost

from automl_gpt_magic.training import announcements, watch
from automl_gpt_magic.training.live import measured_curves


@pytest.fixture
def heard():
    reports = []
    announcements.listen("task", reports.append)
    yield reports
    announcements.listen("task", lambda measured: None)


def train(model):
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 3))
    y = (x[:, 0] > 0).astype(int)
    model.fit(x[:200], y[:200], eval_set=[(x[:200], y[:200]), (x[200:], y[200:])], verbose=False)
    return model


def classifier(**more):
    return xgboost.XGBClassifier(n_estimators=30, max_depth=2, eval_metric=["error", "logloss"], **more)


def test_the_whole_log_is_announced_at_the_end(heard):
    model = classifier(learning_rate=0.2)
    watch(model, "task", "abc")
    log = train(model).evals_result()
    last = heard[-1]
    assert (last.finished, last.revision, last.planned_steps) == (True, "abc", 30)
    assert np.allclose(last.curves["log_loss"].value, log["validation_1"]["logloss"])
    assert np.allclose(last.curves["accuracy"].value, 1 - np.array(log["validation_1"]["error"]))
    assert np.allclose(last.curves["log_loss"].training, log["validation_0"]["logloss"])
    assert last.hyperparameters["learning_rate"] == 0.2


def test_watching_does_not_change_the_training():
    watched = classifier()
    watch(watched, "nobody listens", "abc")
    assert train(watched).evals_result() == train(classifier()).evals_result()


class Clock:
    """Time that passes only when something is done."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 0.02
        return self.now


@pytest.mark.parametrize(("cost", "gap"), [(0.0, 0.2), (0.05, 1.6)])
def test_reports_are_at_most_five_a_second_and_cost_little(monkeypatch, cost, gap):
    clock, times = Clock(), []

    def draw(measured):
        times.append(clock.now)
        clock.now += cost

    announcements.listen("task", draw)
    monkeypatch.setattr("automl_gpt_magic.training.live.time.perf_counter", clock)
    model = classifier().set_params(n_estimators=600)
    watch(model, "task", "abc")
    train(model)
    between = np.diff(times[:-1])  # the last one is the end's, whenever that is
    assert len(between) > 2
    assert between.min() >= gap


def test_a_log_without_a_validation_part_gives_no_curve():
    assert measured_curves({"validation_0": {"logloss": [0.5]}}) == {}
