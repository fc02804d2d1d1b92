import json

from automl_gpt_magic.planning.answer import read_answer
from automl_gpt_magic.planning.families import XGBOOST

ANSWER = {
    "hyperparameters": [
        {"name": "max_depth", "value": 7, "reason": "interactions"},
        {"name": "subsample", "value": 1.7, "reason": "more"},
        {"name": "depth", "value": 3, "reason": "typo"},
    ]
}


def test_values_are_checked_one_by_one():
    taken, too_high, unknown = read_answer(json.dumps(ANSWER), XGBOOST)
    assert (taken.value, taken.error) == (7, None)
    assert "above 1" in too_high.error
    assert "did you mean" in unknown.error


def test_a_fenced_block_between_prose_is_found():
    text = f"Here you are:\n```json\n{json.dumps(ANSWER)}\n```\nGood luck."
    assert read_answer(text, XGBOOST)[0].value == 7


def test_anything_else_gives_no_proposals():
    for text in ("", "no JSON", "{broken", "[1, 2]", '{"hyperparameters": 3}', '{"hyperparameters": [1, null]}'):
        assert read_answer(text, XGBOOST) == ()


def test_numbers_and_nestings_beyond_bounds_are_no_traceback():
    (proposal,) = read_answer(f'{{"hyperparameters": [{{"name": "gamma", "value": {10**400}}}]}}', XGBOOST)
    assert proposal.error
    assert read_answer('{"a": ' + "[" * 100_000, XGBOOST) == ()


def test_nan_is_refused():
    (proposal,) = read_answer('{"hyperparameters": [{"name": "gamma", "value": NaN, "reason": ""}]}', XGBOOST)
    assert proposal.error
