"""The conversation with a language model, against a real server on the loopback."""

from __future__ import annotations

import json

import pytest

from automl_gpt_magic.connection import connect
from automl_gpt_magic.consult import consult
from automl_gpt_magic.pipeline import budget_of, survey
from automl_gpt_magic.planning.build import build_plan
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.situations import replanner
from tests.conftest import CARDS, small_adult
from tests.scripted_llm import ScriptedLLM, answer, error

TWO_CARDS = CARDS.replace("request:", "  - name: XGBoost shallow\n    hyperparameters: {max_depth: 3}\nrequest:")
FEW_ROUNDS = CARDS.replace("{max_depth: 6}", "{n_estimators: 50}")
NO_KEY = error(401, "Incorrect API key provided")


def said(values, *, log=(), card="", notes=""):
    """Return an answer with one configuration."""
    hyperparameters = [{"name": name, "value": value, "reason": "noise"} for name, value in values.items()]
    return json.dumps(
        {
            "model": {"card": card},
            "candidates": [{"hyperparameters": hyperparameters, "log": list(log), "expected": 0.4}],
            "notes": notes,
        }
    )


GOOD, WRONG = said({"gamma": 1.0}, notes="good"), said({"gamma": 1.0, "subsample": 1.7}, notes="wrong")


@pytest.fixture
def server():
    with ScriptedLLM(answer(GOOD)) as running:
        yield running


def surveyed(cards=CARDS, **options):
    return survey(cards, {}, frame=small_adult(), settings=AutoML(cache="", **options))


@pytest.fixture(scope="module")
def situation():
    return surveyed()


def ask(server, situation, hear=lambda _: None, **options):
    settings = AutoML(cache="", retries=0, **options)
    model = connect(base_url=server.base_url, model="scripted")
    return consult(situation, model, budget_of(settings), replan=replanner(settings), settings=settings, hear=hear)


def test_an_answer_without_refusals_is_one_call(server, situation):
    done = ask(server, situation)
    assert len(server.posts) == 1
    assert (done.fault, done.stopped) == ("", False)
    assert done.situation.answer.notes == "good"
    assert (done.situation.llm, done.situation.replayed) == ("scripted", "")


def test_the_exchange_keeps_what_was_sent_and_what_came_back(server, situation):
    (exchange,) = ask(server, situation).exchanges
    prompt = situation.prompt
    assert (exchange.model, exchange.host) == ("scripted", f"127.0.0.1:{server.port}")
    assert (exchange.messages, exchange.answer, exchange.status) == (prompt.messages, GOOD, "answered")
    assert (exchange.version, exchange.parts, exchange.digest) == (prompt.version, prompt.parts, prompt.digest)
    assert exchange.usage.prompt_tokens > 100
    assert exchange.date.endswith("+00:00")


def test_refusals_are_sent_back_exactly_once(server, situation):
    server.play(answer(WRONG))
    done = ask(server, situation)
    assert len(server.posts) == 2
    assert "subsample: 1.7: subsample 1.7 is above 1" in server.posts[1].body["messages"][-1]["content"]
    assert server.posts[1].body["messages"][2] == {"role": "assistant", "content": WRONG}
    assert [one.part for one in done.situation.answer.refused] == ["subsample"]


def test_the_corrected_answer_is_laid_over_the_first(server, situation):
    server.play(answer(WRONG), answer(said({"subsample": 0.7})))
    done = ask(server, situation)
    assert done.situation.answer.suggestions[0].values == {"gamma": 1.0, "subsample": 0.7}
    assert done.situation.answer.refused == ()
    assert len(done.exchanges) == 2


def test_nothing_is_sent_back_where_repair_is_off(server, situation):
    server.play(answer(WRONG))
    assert len(ask(server, situation, repair=False).situation.answer.refused) == 1
    assert len(server.posts) == 1


def test_a_fault_in_the_repair_keeps_the_first_answer(server, situation):
    server.play(answer(WRONG), NO_KEY)
    done = ask(server, situation)
    assert "answered 401" in done.fault
    assert done.situation.answer.suggestions[0].values == {"gamma": 1.0}
    assert len(done.exchanges) == 1


def test_a_second_round_sends_the_forecasts_and_adds_candidates(server, situation):
    server.play(answer(GOOD), answer(said({"gamma": 2.0})))
    done = ask(server, situation, rounds=2)
    assert [one.values for one in done.situation.answer.suggestions] == [{"gamma": 1.0}, {"gamma": 2.0}]
    assert (done.situation.answer.given, done.situation.answer.taken) == (2, 2)
    sent = server.posts[1].body["messages"][-1]["content"]
    for candidate in done.situation.choice.candidates:
        assert (candidate.name != "LLM 2") == (
            f"final validation loss {candidate.predicted:.4f}, {candidate.seconds:.1f} s" in sent
        )
    assert {"LLM 1", "LLM 2", "transferred", "default"} == {one.name for one in done.situation.choice.candidates}


def test_every_round_is_a_call_and_a_fault_in_one_keeps_those_before(server, situation):
    server.play(answer(GOOD), answer(said({"gamma": 2.0})), NO_KEY)
    done = ask(server, situation, rounds=3)
    assert len(server.posts) == 3
    assert len(done.situation.answer.suggestions) == 2
    assert "401" in done.fault


def test_another_card_that_the_llm_chooses_is_planned_instead(server):
    server.play(answer(said({"gamma": 1.0, "max_depth": 9}, card="XGBoost shallow")))
    before = surveyed(TWO_CARDS)
    done = ask(server, before, repair=False)
    assert before.model.name == "XGBoost"
    assert done.situation.model.name == "XGBoost shallow"
    assert build_plan(done.situation, {}).hyperparameters["max_depth"] == 3
    assert "fixed by the model card" in done.situation.answer.refused[0].reason
    assert (done.situation.names, done.situation.prompt.parts) == (before.names, before.prompt.parts)


@pytest.mark.parametrize("card", ["", "XGBoost", "Swin"])
def test_the_planned_card_stays_where_the_llm_names_it_none_or_an_unknown_one(server, card):
    server.play(answer(said({"gamma": 1.0}, card=card)))
    done = ask(server, surveyed(TWO_CARDS), repair=False)
    assert done.situation.model.name == "XGBoost"
    assert len(done.situation.answer.refused) == (card == "Swin")


def test_a_log_is_held_against_the_rounds_that_the_card_fixes(server):
    log = [{"round": 200, "training": 0.3, "validation": 0.4}]
    server.play(answer(said({"gamma": 1.0}, log=log)))
    refused = ask(server, surveyed(FEW_ROUNDS), repair=False).situation.answer.refused
    assert [one.reason for one in refused] == ["it goes to round 200, but the configuration trains 50"]


def test_what_arrives_is_reported_part_by_part(server, situation):
    heard = []
    done = ask(server, situation, heard.append)
    assert (heard[0].tokens, heard[0].finished) == (0, ())
    assert heard[0].offer.host == f"127.0.0.1:{server.port}"
    assert heard[-1].finished == ("model", "candidates", "notes")
    assert [len(one.finished) for one in heard] == sorted(len(one.finished) for one in heard)
    assert heard[-1].tokens == done.exchanges[0].usage.answer_tokens
    assert done.arrival is heard[-1]


def interrupted_at(place):
    """Return a listener that interrupts once a part of this name is complete."""

    def hear(arrival):
        if place in arrival.finished:
            raise KeyboardInterrupt

    return hear


def test_an_interrupt_stops_the_call_and_keeps_what_had_arrived(server, situation):
    server.play(answer(said({"gamma": 1.0}, notes="x" * 4000), pace=0.001))
    done = ask(server, situation, interrupted_at("model"))
    assert done.stopped
    assert done.situation is situation
    assert done.arrival.finished[0] == "model"
    (exchange,) = done.exchanges
    assert exchange.status == "interrupted"
    assert exchange.answer.startswith('{"model": {"card": ""}')
    assert server.wait_until_idle(3)
    assert server.connections.abandoned == 1


def test_an_interrupt_of_the_repair_keeps_the_first_answer(server, situation):
    calls = []

    def hear(arrival):
        calls.append(arrival)
        if len(server.posts) == 2:
            raise KeyboardInterrupt

    server.play(answer(WRONG), answer(GOOD, pace=0.001))
    done = ask(server, situation, hear)
    assert done.stopped
    assert done.situation.answer.notes == "wrong"
    assert done.exchanges[0].status == "answered"


def test_an_endpoint_that_fails_leaves_the_situation_as_it_was(server, situation):
    server.play(NO_KEY)
    done = ask(server, situation)
    assert done.situation is situation
    assert "answered 401" in done.fault
    assert done.exchanges == ()


def test_of_an_answer_cut_at_its_length_what_is_complete_stands(server, situation):
    server.play(answer(GOOD[: GOOD.index('"notes"')] + '"notes": "unfini', finish="length"))
    done = ask(server, situation)
    assert done.situation.answer.suggestions[0].values == {"gamma": 1.0}
    assert done.situation.answer.notes == ""
    assert done.exchanges[0].status == "cut"


def test_a_prompt_that_is_too_long_is_not_sent(server, situation):
    done = ask(server, situation, prompt_tokens=500)
    assert "500 are allowed" in done.fault
    assert server.posts == []


def test_the_budget_of_tokens_holds_for_all_calls_together(server, situation):
    server.play(answer(WRONG))
    done = ask(server, situation, token_budget=7000)
    assert len(server.posts) == 1
    assert "the limit is 7,000" in done.fault
    assert done.situation.answer is not None
