"""Reading a language model's model code."""

from __future__ import annotations

import pytest

from tests.unit.planning.written_code import RETURN, any_matches, build, model, one_sentence

GOOD_MODELS = {
    "plain": model(RETURN),
    "by module": model(
        "return xgb.XGBClassifier(eval_metric='logloss', **hyperparameters)", head="import xgboost as xgb\n"
    ),
    "an own dict": model(
        "given = {'eval_metric': 'logloss', **hyperparameters}", "model = XGBClassifier(**given)", "return model"
    ),
    "an updated dict": model(
        "given = dict(eval_metric='logloss')", "given.update(hyperparameters)", "return XGBClassifier(**given)"
    ),
    "set_params": model("return XGBClassifier(eval_metric='logloss').set_params(**hyperparameters)"),
    "a changed copy": model("hyperparameters = dict(hyperparameters)", "hyperparameters.pop('gamma')", RETURN),
}

BAD_MODELS = {
    "no function": ("from xgboost import XGBClassifier", "defines no function task_build"),
    "the other estimator": (
        model("return XGBRegressor(eval_metric='rmse', **hyperparameters)", head="from xgboost import XGBRegressor\n"),
        "line 1: imports XGBRegressor: this task needs XGBClassifier",
    ),
    "no hyperparameters": (
        model("return XGBClassifier(eval_metric='logloss')"),
        "does not pass the hyperparameters on",
    ),
    "no metric": (model("return XGBClassifier(**hyperparameters)"), "line 5: sets no eval_metric"),
    "another model": (
        model(
            "return make_pipeline(XGBClassifier(eval_metric='a', **hyperparameters))",
            head="from sklearn.pipeline import make_pipeline\nfrom xgboost import XGBClassifier\n",
        ),
        "returns something else",
    ),
    "no model": (model("return hyperparameters"), "returns something else"),
    "no return": (model("XGBClassifier(eval_metric='a', **hyperparameters)"), "returns nothing"),
    "fit": (model("return XGBClassifier(eval_metric='a', **hyperparameters).fit([[1]], [1])"), "calls .fit"),
    "pandas": (model(RETURN, head="import pandas\nfrom xgboost import XGBClassifier\n"), "imports pandas"),
    "no import": (model(RETURN, head=""), "reads XGBClassifier, which is defined nowhere"),
    "a call outside": (model(RETURN) + "\ntask_build({})\n", r"runs `task_build\({}\)`"),
    "two parameters": (model(RETURN).replace("(hyperparameters)", "(hyperparameters, n)"), "other parameters"),
    "a value twice": (model("return XGBClassifier(eval_metric='a', max_depth=3, **hyperparameters)"), "sets max_depth"),
    "early stopping": (
        model("return XGBClassifier(eval_metric='a', early_stopping_rounds=5, **hyperparameters)"),
        "stops early",
    ),
    "a changed argument": (model("hyperparameters.pop('gamma')", RETURN), "changes hyperparameters"),
    "an assigned argument": (model("hyperparameters['gamma'] = 1", RETURN), "changes hyperparameters"),
}


@pytest.mark.parametrize("source", GOOD_MODELS.values(), ids=GOOD_MODELS.keys())
def test_good_models_have_neither_errors_nor_risks(source):
    report = build(source)
    assert (report.errors, report.risks) == ((), ())


@pytest.mark.parametrize(("source", "message"), BAD_MODELS.values(), ids=BAD_MODELS.keys())
def test_bad_models_have_an_error_that_says_where_and_what(source, message):
    errors = build(source).errors
    assert any_matches(errors, message), errors
    assert all(one_sentence(error) for error in errors)


def test_a_regressor_is_the_model_of_a_regression():
    assert build(GOOD_MODELS["plain"].replace("XGBClassifier", "XGBRegressor"), "XGBRegressor").errors == ()
    assert any_matches(build(GOOD_MODELS["plain"], "XGBRegressor").errors, "needs XGBRegressor")
