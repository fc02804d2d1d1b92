"""A function of the user's as a model: registered, planned, and its cells really run."""

from __future__ import annotations

import cloudpickle
import pytest

import automl_gpt_magic
from automl_gpt_magic.errors import AutoMLError, CardError, TrainingError, UsageError
from automl_gpt_magic.planning.families import catalogue
from automl_gpt_magic.training import live
from automl_gpt_magic.training.cells import CellError, run_cells
from tests.conftest import small_adult

RANGES = {"lr": (1e-3, 1e-1, "log"), "epochs": (1, 9), "act": ["relu", "tanh"]}
OWN_DATA = {"data": {"name": "Task", "task": "binary classification"}, "model": [{"name": "my NET"}]}


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setattr(catalogue, "_own", {})


def my_net(config, report):
    for epoch in range(config["epochs"]):
        if report(log_loss=1 / (1 + epoch), accuracy=0.5, training={"log_loss": 0.5 / (1 + epoch)}):
            break
    return config


def my_tree(config, report, train, valid):
    from sklearn.metrics import log_loss
    from sklearn.tree import DecisionTreeClassifier

    model = DecisionTreeClassifier(max_depth=config["depth"]).fit(*train)
    report(log_loss=log_loss(valid[1], model.predict_proba(valid[0])))
    return model


def my_numbers(config, report, train, valid):
    report(log_loss=0.5)


def registered(function=my_net, name="My net", **more):
    options = {"parameters": RANGES, "rounds": "epochs", **more}
    assert automl_gpt_magic.trainer(name, **options)(function) is function


def planned_on_adult(function):
    registered(function, parameters={"depth": (1, 6)}, rounds="")
    frame = small_adult()
    cards = {"data": {"name": "Adult", "target": "income"}, "model": [{"name": "My net"}]}
    return automl_gpt_magic.plan(cards, frame=frame), frame


def run(plan, **names):
    namespace = dict(names)
    for source in plan.code.values():
        exec(source, namespace)
    return namespace


def test_a_function_with_its_own_data_is_planned_and_trained_without_a_table():
    registered()
    plan = automl_gpt_magic.plan(OWN_DATA)
    assert list(plan.code) == ["model", "training"]
    assert (plan.hyperparameters, plan.rounds, plan.step) == (
        {"lr": 0.01, "epochs": 5, "act": "relu"},
        "epochs",
        "epoch",
    )
    assert plan.curve.steps[-1] == 5
    done = run(plan)
    assert done["task_log"]["validation"]["log_loss"] == [1 / n for n in range(1, 6)]
    assert done["task_model"] == plan.hyperparameters
    assert done["task_valid_scores"] == {"log_loss": 0.2, "accuracy": 0.5}


def test_a_function_that_takes_them_gets_the_prepared_parts_and_its_model_predicts():
    plan, frame = planned_on_adult(my_tree)
    done = run(plan, frame=frame)
    assert done["adult_valid_scores"]["accuracy"] > 0.6
    assert done["adult_model"].predict(frame[:3]).shape == (3,)
    assert done["adult_candidate"].trained.get_depth() <= plan.hyperparameters["depth"]


def test_without_a_model_to_predict_with_the_scores_are_what_was_reported():
    plan, frame = planned_on_adult(my_numbers)
    done = run(plan, frame=frame)
    assert done["adult_valid_scores"] == {"log_loss": 0.5}
    assert not hasattr(done["adult_model"], "predict")


def test_a_function_that_takes_the_parts_has_no_cells_without_a_table():
    registered(my_tree)
    assert automl_gpt_magic.plan(OWN_DATA).code == {}


def test_each_report_is_heard_and_a_true_answer_reaches_the_function():
    registered()
    done = run(automl_gpt_magic.plan(OWN_DATA))
    heard = []

    def stop(log):
        heard.append(live.measured_curves(log)["log_loss"].value[-1])
        return len(heard) == 2

    log = done["task_fit"](done["task_build"](done["task_hyperparameters"]), report=stop)
    assert heard == [1, 0.5]
    assert len(log["validation"]["log_loss"]) == 2


def test_the_trained_model_travels_between_processes():
    plan, frame = planned_on_adult(my_tree)
    done = run(plan, frame=frame)
    again = cloudpickle.loads(cloudpickle.dumps(done["adult_candidate"]))
    assert again.log == done["adult_log"]
    assert (
        again.predict(done["adult_parts"][1][0]) == done["adult_candidate"].predict(done["adult_parts"][1][0])
    ).all()


def test_an_edited_function_is_another_model_cell():
    registered()
    before = automl_gpt_magic.plan(OWN_DATA)

    def edited(config, report):
        report(log_loss=2)

    edited.__name__ = edited.__qualname__ = "my_net"
    registered(edited)
    assert automl_gpt_magic.plan(OWN_DATA).revision != before.revision


def test_the_card_fixes_values_and_wrong_ones_are_refused_at_their_line():
    registered(defaults={"lr": 0.02})
    cards = {**OWN_DATA, "model": [{"name": "My net", "hyperparameters": {"epochs": 3}}]}
    assert automl_gpt_magic.plan(cards).hyperparameters == {"lr": 0.02, "epochs": 3, "act": "relu"}
    with pytest.raises(CardError, match="10 is above 9"):
        automl_gpt_magic.plan({**OWN_DATA, "model": [{"name": "My net", "hyperparameters": {"epochs": 10}}]})


def test_an_unknown_model_is_told_how_to_bring_it():
    with pytest.raises(CardError, match=r"'my NET' cannot be planned yet.*automl_gpt_magic\.trainer"):
        automl_gpt_magic.plan(OWN_DATA)


def nested():
    def inner(config, report):
        report(log_loss=1)

    return inner


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "name is one line"),
        ({"name": "XGBoost"}, "there already"),
        ({"parameters": {}}, "names no hyperparameter"),
        ({"parameters": {"lr": 0.1}}, r"'lr' is 0\.1; write \(low, high\)"),
        ({"parameters": {"lr": (1, 0)}}, "low below high"),
        ({"parameters": {"lr": (0, 1, "log")}}, "above 0"),
        ({"parameters": {"lr": (0, 1, "lin")}}, "low below high"),
        ({"parameters": {"lr": (0, float("inf"))}}, "write"),
        ({"parameters": {"l r": (0, 1)}}, "no name of a hyperparameter"),
        ({"parameters": {"act": []}}, "choices"),
        ({"parameters": {"act": [[1], [2]]}}, "choices"),
        ({"defaults": {"lrr": 0.1}}, "did you mean lr"),
        ({"defaults": {"lr": 7}}, "above 0.1"),
        ({"rounds": "epoch"}, "did you mean epochs"),
        ({"rounds": "lr"}, "counts the rounds"),
        ({"parameters": {"epochs": (5, 9)}}, "counts the rounds"),
        ({"function": lambda config, report: None}, "name of its own"),
        ({"function": nested()}, "name of its own"),
        ({"function": 7}, "name of its own"),
    ],
)
def test_what_cannot_be_registered_is_one_line(change, message):
    with pytest.raises(UsageError, match=message) as caught:
        registered(**change)
    assert "\n" not in str(caught.value)


def takes_one(config):
    pass


def takes_train(config, report, train):
    pass


def takes_more(config, report, more):
    pass


@pytest.mark.parametrize("function", [takes_one, takes_train, takes_more])
def test_a_function_of_other_parameters_is_refused(function):
    with pytest.raises(UsageError, match=r"must take \(config, report\)"):
        registered(function)


def reports_loss(config, report):
    report(loss=1)


def reports_nothing(config, report):
    report()


def never_reports(config, report):
    pass


def reports_text(config, report):
    report(log_loss="low")


def reports_training_number(config, report):
    report(log_loss=1, training=2)


def reports_others(config, report):
    report(log_loss=1)
    report(log_loss=1, training={"log_loss": 1})


def raises(config, report):
    report(log_loss=1)
    raise ValueError("two\nlines")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (reports_loss, "unknown metric 'loss'; did you mean log_loss"),
        (reports_nothing, "gives no validation value"),
        (never_reports, "never_reports reported nothing"),
        (reports_text, "log_loss='low', which is no number"),
        (reports_training_number, "has training=2"),
        (reports_others, "other metrics than the first one"),
        (raises, r"raises failed in line \d+: ValueError: two lines"),
    ],
)
def test_what_goes_wrong_inside_is_one_line_of_ours_without_a_traceback(function, message):
    registered(function)
    with pytest.raises(AutoMLError, match=message) as caught:
        run(automl_gpt_magic.plan(OWN_DATA), **{function.__name__: function})
    assert len(caught.value._render_traceback_()) == 1
    assert "\n" not in str(caught.value)


def test_in_a_process_the_same_line_is_said():
    registered(raises)
    with pytest.raises(CellError, match=r"^raises failed in line \d+: ValueError: two lines; correct it"):
        run_cells(automl_gpt_magic.plan(OWN_DATA).code.items(), {})


def test_where_it_raises_is_the_line_of_the_function_itself():
    registered(raises)
    with pytest.raises(TrainingError) as caught:
        run(automl_gpt_magic.plan(OWN_DATA))
    assert f"line {raises.__code__.co_firstlineno + 2}:" in str(caught.value)
