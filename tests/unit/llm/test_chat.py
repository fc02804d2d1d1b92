"""One conversation with an endpoint: tries, waits, limits, and how it is stopped."""

from __future__ import annotations

import _thread
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from email.utils import formatdate

import pytest
from asking import GOOD, ask, budget, model, prompt

from automl_gpt_magic.errors import LLMError
from automl_gpt_magic.llm import Reply
from automl_gpt_magic.llm.chat import _seconds
from automl_gpt_magic.records.prompt import estimated_tokens
from automl_gpt_magic.records.secret import SecretStr
from tests.scripted_llm import (
    EVENT_STREAM,
    ScriptedLLM,
    answer,
    cut,
    error,
    event,
    fixed,
    limited,
    refuse,
    speak,
    streamed,
)
from tests.scripted_llm import Reply as Sent

FINE = answer(GOOD)
SILENT = fixed(Sent(framing="raw", ending="hang"))
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}


@pytest.fixture
def server(monkeypatch) -> Iterator[ScriptedLLM]:
    monkeypatch.setattr("automl_gpt_magic.llm.chat._FIRST_WAIT", 0.02)
    with ScriptedLLM(FINE) as running:
        yield running
        assert running.wait_until_idle(1)
        assert not [one for one in threading.enumerate() if one.name.startswith("automl-llm-call")]


def fails(asked, limits=None) -> str:
    with pytest.raises(LLMError) as caught:
        ask(asked, limits)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestAnswers:
    def test_pieces_come_before_the_reply(self, server):
        reply, pieces = ask(model(server.base_url))
        assert "".join(piece.text for piece in pieces) == reply.text == GOOD
        assert len([piece for piece in pieces if piece.text]) > 3
        assert (reply.mode, reply.cut) == ("json_schema", False)

    def test_usage_is_the_servers(self, server):
        server.play(answer(GOOD, usage=USAGE))
        limits = budget()
        reply, _ = ask(model(server.base_url, prices=(1.0, 10.0)), limits)
        assert (reply.usage.prompt_tokens, reply.usage.answer_tokens, reply.usage.estimated) == (1000, 100, False)
        assert reply.usage.cost == pytest.approx(0.002)
        assert limits.spent.cost == pytest.approx(0.002)

    def test_usage_is_estimated_where_the_server_counts_nothing(self, server):
        server.play(answer(GOOD, usage=False))
        reply, _ = ask(model(server.base_url))
        assert reply.usage.estimated
        assert reply.usage.answer_tokens == estimated_tokens(GOOD)
        assert reply.usage.cost is None

    def test_a_letter_cut_in_two_comes_whole(self, server):
        server.play(speak([{"content": '{"notes": "\ud83d'}, {"content": '\ude00"}'}]))
        reply, pieces = ask(model(server.base_url))
        assert reply.text == '{"notes": "😀"}'
        "".join(piece.text for piece in pieces).encode()

    def test_half_a_letter_at_the_end_is_replaced(self, server):
        server.play(speak([{"content": GOOD}, {"content": "\ud83d"}]))
        assert ask(model(server.base_url))[0].text == GOOD + "\ufffd"

    def test_an_answer_in_parts_is_joined(self, server):
        parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": GOOD}]
        server.play(speak([{"content": parts}]))
        assert ask(model(server.base_url))[0].text == GOOD

    def test_an_answer_ends_at_three_times_its_limit(self, server):
        server.play(answer("words " * 100_000, 6000))
        said = fails(model(server.base_url, most_tokens=100))
        assert said.startswith("scripted used all of 100 tokens before its first value was complete")
        assert len(server.posts) == 1

    def test_what_came_before_the_limit_is_kept_and_marked(self, server):
        server.play(answer('{"model": {"eta": 0.1}, "notes": "wor', finish="length"))
        assert ask(model(server.base_url))[0].cut

    def test_a_repeated_key_is_not_passed_on(self, server):
        server.play(answer('{"notes": "your key is canary-of-the-key-7f3a91"}', 4))
        pieces = []
        with pytest.raises(LLMError, match="repeats the key"):
            pieces.extend(model(server.base_url, key=SecretStr("canary-of-the-key-7f3a91")).stream(prompt(), budget()))
        last = max(number for number, piece in enumerate(pieces) if piece.restart)
        assert not [piece for piece in pieces[last + 1 :] if piece.text]

    def test_a_word_that_stands_for_no_key_may_be_said(self, server):
        assert ask(model(server.base_url, key=SecretStr("fine")))[0].text == GOOD


class TestTries:
    def test_as_many_as_allowed(self, server):
        server.play(error(503, "overloaded"))
        assert "3 tries in" in fails(model(server.base_url))
        assert len(server.posts) == 3

    def test_a_new_try_voids_what_came(self, server):
        server.play(cut(FINE, 0.5), FINE)
        reply, pieces = ask(model(server.base_url))
        restart = next(number for number, piece in enumerate(pieces) if piece.restart)
        assert [piece for piece in pieces[:restart] if piece.text]
        assert "".join(piece.text for piece in pieces[restart:]) == reply.text == GOOD

    def test_an_answer_that_stops_half_way_is_asked_for_again(self, server):
        server.play(cut(FINE, 0.5, "hang"), FINE)
        began = time.monotonic()
        assert ask(model(server.base_url), budget(2.4))[0].text == GOOD
        assert 0.8 < time.monotonic() - began < 2.4

    def test_an_answer_that_is_not_whole_is_asked_for_again_and_then_taken(self, server):
        half = answer('{"model": {"eta": 0.1}, "notes": "wor')
        server.play(half, FINE)
        assert not ask(model(server.base_url))[0].cut
        server.play(half)
        assert ask(model(server.base_url))[0].cut
        assert len(server.posts) == 2 + 3

    @pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 422, 301, 307])
    def test_what_will_not_pass_is_not_tried_again(self, server, status):
        server.play(error(status, "no"))
        assert f"{server.port} answered {status}" in fails(model(server.base_url))
        assert len({str(post.parameters.get("response_format")) for post in server.posts}) == len(server.posts)

    def test_what_was_refused_is_not_asked_again_by_the_next_call(self, server):
        server.play(refuse(FINE, "json_schema", "max_tokens", "temperature"))
        asked = model(server.base_url)
        ask(asked)
        assert len(server.posts) == 4
        assert ask(asked)[0].mode == "json_object"
        assert len(server.posts) == 5

    def test_what_failed_once_is_asked_again_by_the_next_call(self, server):
        broken = streamed(FINE, lambda data: [data.replace(b'{"id"', b'{"id', 1)])
        server.play(broken, FINE)
        asked = model(server.base_url)
        ask(asked)
        server.play(answer("prose"), FINE)
        assert ask(asked)[0].mode == "json_object"
        assert ask(asked)[0].mode == "json_schema"
        assert [post.streams for post in server.posts] == [True, False, True, True, True]


class TestWaits:
    @pytest.mark.parametrize(
        ("asked", "seconds"),
        [("1", 1), ("0.25", 0.25), ("0", 0), ("-5", 0), (None, None), ("", None), ("soon", None), ("nan", None)],
    )
    def test_forms(self, asked, seconds):
        assert _seconds(asked) == seconds

    @pytest.mark.parametrize(("ahead", "least", "most"), [(30, 28, 30), (-20, 0, 0)])
    def test_dates(self, ahead, least, most):
        assert least <= _seconds(formatdate(time.time() + ahead, usegmt=True)) <= most

    def test_it_waits_as_long_as_asked_and_says_so(self, server):
        server.play(limited("0.4"), FINE)
        _, pieces = ask(model(server.base_url))
        assert server.posts[1].at - server.posts[0].at >= 0.4
        assert any("answered 429" in piece.note and "next try in" in piece.note for piece in pieces)

    @pytest.mark.parametrize("asked", ["86400", "inf", "1e300"])
    def test_it_does_not_wait_beyond_the_deadline(self, server, asked):
        server.play(limited(asked))
        began = time.monotonic()
        assert "asks to wait" in fails(model(server.base_url))
        assert time.monotonic() - began < 3
        assert len(server.posts) == 1


class TestLimits:
    @pytest.mark.parametrize(
        "behaviour",
        [
            SILENT,
            cut(FINE, 0, "hang"),
            fixed(Sent(itertools.repeat(b": ping\n\n"), 200, EVENT_STREAM, "chunked", pace=0.02)),
        ],
    )
    def test_deadline(self, server, behaviour):
        server.play(behaviour)
        began = time.monotonic()
        said = fails(model(server.base_url), budget(0.6))
        assert "had not finished after" in said
        assert "AutoML.deadline" in said
        assert time.monotonic() - began < 3

    def test_tokens_across_tries(self, server):
        server.play(cut(FINE, 0.5))
        limits = budget(tokens=3 * prompt().tokens + 60 + 500)
        said = fails(model(server.base_url, retries=9), limits)
        assert "AutoML.token_budget" in said
        assert len(server.posts) == 3

    def test_dollars_across_calls(self, server):
        server.play(answer(GOOD, usage=USAGE))
        asked, limits = model(server.base_url, prices=(1.0, 10.0)), budget(dollars=0.012)
        for _ in range(4):
            ask(asked, limits)
        assert "AutoML.cost_budget" in fails(asked, limits)
        assert len(server.posts) == 4

    def test_what_was_refused_costs_nothing(self, server):
        limits = budget()
        server.play(refuse(FINE, "json_schema", "json_object", "temperature"))
        reply, _ = ask(model(server.base_url), limits)
        assert limits.spent.prompt_tokens == reply.usage.prompt_tokens

    def test_what_broke_off_costs_what_came(self, server):
        limits = budget()
        server.play(cut(FINE, 0.5))
        fails(model(server.base_url, retries=0), limits)
        assert limits.spent.prompt_tokens == prompt().tokens
        assert 0 < limits.spent.answer_tokens < estimated_tokens(GOOD)
        assert limits.spent.estimated

    def test_an_offer_is_the_most_that_a_call_costs(self, server):
        offer = model(server.base_url, prices=(1.0, 10.0)).offer(prompt())
        assert offer.most_cost == pytest.approx((prompt().tokens + 500 * 10) / 1e6)


class TestStops:
    @pytest.mark.parametrize(
        "behaviour", [SILENT, cut(FINE, 0.5, "hang"), limited("3")], ids=["silent", "half", "wait"]
    )
    def test_an_interrupt_ends_it_at_once(self, server, behaviour):
        server.play(behaviour)
        timer = threading.Timer(0.4, _thread.interrupt_main)
        began = time.monotonic()
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            ask(model(server.base_url), budget(9))
        assert time.monotonic() - began < 2.5
        assert server.wait_until_idle(0.5)
        timer.join()

    def test_closing_the_iterator_closes_the_connection(self, server):
        server.play(cut(FINE, 0.5, "hang"))
        with closing(model(server.base_url).stream(prompt(), budget())) as pieces:
            assert next(piece for piece in pieces if not isinstance(piece, Reply) and piece.text)
        assert server.wait_until_idle(0.5)
        assert server.connections.abandoned == 1

    def test_a_piece_is_heard_ten_times_a_second_also_where_nothing_comes(self, server):
        server.play(answer(GOOD, delay=0.5))
        _, pieces = ask(model(server.base_url))
        assert len([piece for piece in pieces if not piece.text]) >= 3

    def test_an_endless_stream_without_text_ends(self, server):
        server.play(
            fixed(Sent(itertools.repeat(event({"choices": [], "padding": "x" * 50_000})), 200, EVENT_STREAM, "chunked"))
        )
        said = fails(model(server.base_url, retries=0), budget(20))
        assert "longer than" in said
