"""The scripted server answers as OpenAI's does, and misbehaves as its faults say."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import openai
import pytest

from tests.scripted_llm import DONE, REFUSALS, Fault, Request, ScriptedLLM, answer, cut, error, fault_catalogue, refuse

GOOD = '{"model": {"max_depth": 6, "eta": 0.1}, "note": "fine"}'
ASKED: dict[str, Any] = {"model": "scripted", "messages": [{"role": "user", "content": "Answer in JSON."}]}
STREAMED: dict[str, Any] = {**ASKED, "stream": True, "stream_options": {"include_usage": True}}
PAUSE = 0.1
FAULTS = fault_catalogue(GOOD, PAUSE)
# What a request needs for a refusal to apply to it.
REFUSED: dict[str, dict[str, Any]] = {
    "json_schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}},
    "json_object": {"response_format": {"type": "json_object"}},
    "response_format": {"response_format": {"type": "json_object"}},
    "word_json": {"response_format": {"type": "json_object"}, "messages": [{"role": "user", "content": "Hi"}]},
    "max_tokens": {"max_tokens": 5},
    "max_completion_tokens": {"max_completion_tokens": 5},
    "temperature": {"temperature": 0.0},
    "seed": {"seed": 1},
    "stream": {"stream": True},
    "stream_options": {"stream": True, "stream_options": {"include_usage": True}},
    "system_role": {"messages": [{"role": "system", "content": "Hi"}]},
}
# What the SDK raises while it reads a stream.
RAISED: dict[str, type[Exception]] = {
    "connection_refused": openai.APIConnectionError,
    "https_to_http_port": openai.APIConnectionError,
    "reset_before_headers": openai.APIConnectionError,
    "closed_before_headers": openai.APIConnectionError,
    "never_answers": openai.APITimeoutError,
    "headers_then_nothing": openai.APITimeoutError,
    "disconnect_half_way": openai.APIConnectionError,
    "stall_half_way": openai.APITimeoutError,
    "bad_key": openai.AuthenticationError,
    "forbidden": openai.PermissionDeniedError,
    "wrong_path": openai.NotFoundError,
    "insufficient_quota": openai.RateLimitError,
    "bad_gateway_then_good": openai.InternalServerError,
    "redirect_loop": openai.APIConnectionError,
    "bad_chunk_size": openai.APIConnectionError,
    "broken_gzip": openai.APIConnectionError,
    "length_too_long": openai.APIConnectionError,
    "long_header": openai.APIConnectionError,
    "not_http": openai.APIConnectionError,
    "no_done_and_open": openai.APITimeoutError,
    "no_done_and_closed": openai.APIConnectionError,
    "error_event": openai.APIError,
    "broken_json_event": json.JSONDecodeError,
    "empty_data_events": json.JSONDecodeError,
    "invalid_utf_8": UnicodeDecodeError,
}


@pytest.fixture
def server() -> Iterator[ScriptedLLM]:
    with ScriptedLLM(answer(GOOD)) as running:
        yield running


@pytest.fixture(scope="module")
def any_client() -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url="http://127.0.0.1:1/v1", api_key="x", max_retries=0, timeout=5) as running:
        yield running


@pytest.fixture
def client(server: ScriptedLLM, any_client: openai.OpenAI) -> openai.OpenAI:
    return any_client.with_options(base_url=server.base_url)


@pytest.fixture
def own_client(server: ScriptedLLM) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.base_url, api_key="x", max_retries=0) as running:
        yield running


def read(client: openai.OpenAI, **more: Any) -> str:
    """Return the text of choice 0 of a stream."""
    with client.chat.completions.create(**{**STREAMED, **more}) as stream:
        choices = [choice for chunk in stream for choice in chunk.choices or [] if not choice.index and choice.delta]
    return "".join(choice.delta.content or "" for choice in choices)


def plain(client: openai.OpenAI, **more: Any) -> str | None:
    return client.chat.completions.create(**ASKED, **more).choices[0].message.content


def say(server: ScriptedLLM, data: bytes) -> bytes:
    """Return everything that the server sends after ``data`` until it closes."""
    with socket.create_connection(("127.0.0.1", server.port), 2) as sock:
        sock.sendall(data)
        return b"".join(iter(lambda: sock.recv(65536), b""))


def post(body: dict[str, Any]) -> bytes:
    sent = json.dumps(body).encode()
    return b"POST /v1/chat/completions HTTP/1.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (
        len(sent),
        sent,
    )


class TestNormalAnswers:
    def test_stream(self, server, client):
        with client.chat.completions.create(**STREAMED) as stream:
            chunks = list(stream)
        assert chunks[0].choices[0].delta.role == "assistant"
        texts = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
        assert "".join(texts) == GOOD
        assert max(map(len, texts)) == 12
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-1].choices == []
        assert chunks[-1].usage.total_tokens == chunks[-1].usage.prompt_tokens + len(GOOD) // 4

    def test_stream_of_an_asynchronous_client(self, server):
        async def ask():
            async with openai.AsyncOpenAI(base_url=server.base_url, api_key="x", max_retries=0) as client:
                stream = await client.chat.completions.create(**STREAMED)
                return [chunk async for chunk in stream]

        chunks = asyncio.run(ask())
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == GOOD
        assert chunks[-1].usage.completion_tokens == len(GOOD) // 4
        assert server.wait_until_idle()

    def test_stream_without_usage(self, server, client):
        with client.chat.completions.create(**ASKED, stream=True) as stream:
            assert all(chunk.choices and chunk.usage is None for chunk in stream)

    def test_plain(self, server, client):
        completion = client.chat.completions.create(**ASKED)
        assert completion.choices[0].message.content == GOOD
        assert completion.choices[0].finish_reason == "stop"
        assert completion.usage.completion_tokens == len(GOOD) // 4

    def test_events_end_with_done(self, server):
        head, _, body = say(server, post(STREAMED)).partition(b"\r\n\r\n")
        assert b"text/event-stream" in head
        assert body.endswith(DONE + b"\r\n0\r\n\r\n")

    def test_models(self, client):
        assert [each.id for each in client.models.list()] == ["scripted"]

    def test_requests_are_recorded(self, server, client):
        before = time.monotonic()
        read(client, temperature=0.5)
        (asked,) = server.posts
        assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
        assert asked.body == {**STREAMED, "temperature": 0.5}
        assert asked.headers["authorization"] == "Bearer x"
        assert before <= asked.at <= time.monotonic()

    def test_behaviours_play_in_turn_and_the_last_repeats(self, server, client):
        server.play(answer("one"), answer("two"))
        assert [plain(client) for _ in range(4)] == ["one", "two", "two", "two"]

    def test_letters_of_many_bytes(self, server, client):
        server.play(answer("né 日本 😀", chunk=1))
        assert (read(client), plain(client)) == ("né 日本 😀", "né 日本 😀")

    def test_pace_and_delay(self, server, client):
        server.play(answer("abcd", chunk=1, pace=0.02, delay=0.1))
        started = time.monotonic()
        assert read(client) == "abcd"
        assert 0.1 + 7 * 0.02 <= time.monotonic() - started < 5


class TestRefusals:
    @pytest.mark.parametrize("name", REFUSED)
    def test_only_the_request_that_has_it_is_refused(self, server, client, name):
        FAULTS[f"refuses_{name}"].start(server)
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(**{**ASKED, **REFUSED[name]})
        assert caught.value.body["message"] == REFUSALS[name].message
        assert caught.value.param == REFUSALS[name].param
        assert plain(client) == GOOD

    @pytest.mark.parametrize("status", [422, 500])
    def test_other_status(self, server, client, status):
        FAULTS[f"refuses_format_with_{status}"].start(server)
        with pytest.raises(openai.APIStatusError) as caught:
            plain(client, response_format={"type": "json_object"})
        assert caught.value.status_code == status
        assert "response_format" in caught.value.message

    def test_first_that_applies(self, server, client):
        server.play(refuse(answer(GOOD), "seed", "temperature"))
        for more, param in (({"seed": 1, "temperature": 1}, "seed"), ({"temperature": 1}, "temperature")):
            with pytest.raises(openai.BadRequestError) as caught:
                plain(client, **more)
            assert caught.value.param == param


class TestFaults:
    @pytest.mark.parametrize("name", RAISED)
    def test_raised_while_streaming(self, server, client, name):
        patience = 0.15 if RAISED[name] is openai.APITimeoutError else 5
        with pytest.raises(RAISED[name]):
            read(client.with_options(base_url=FAULTS[name].start(server)), timeout=patience)

    @pytest.mark.parametrize(
        "name", ["login_page", "json_for_a_stream", "error_with_status_200", "empty_stream", "no_content", "tool_calls"]
    )
    def test_read_as_an_empty_answer(self, server, client, name):
        FAULTS[name].start(server)
        assert read(client) == ""

    @pytest.mark.parametrize(
        "name",
        [
            "slow_first_byte", "slow_drip", "moved_then_good", "gzip_answer", "http_1_0_without_length", "many_headers",
            "no_finish_reason", "done_and_open", "keepalive_comments", "cr_newlines", "mixed_newlines", "byte_by_byte",
            "split_characters", "null_choices", "null_delta", "second_choice", "bare_chunks", "usage_words",
            "reasoning_first", "wrong_content_type",
        ],
    )  # fmt: skip
    def test_read_as_the_good_answer(self, server, client, name):
        FAULTS[name].start(server)
        assert read(client) == GOOD

    def test_client_that_waits_as_told(self, server, client):
        FAULTS["retry_after_fraction"].start(server)
        assert read(client.with_options(max_retries=1)) == GOOD
        first, second = server.posts
        assert 0.2 <= second.at - first.at < 2

    def test_second_attempt_is_good(self, server, client):
        FAULTS["reset_once_then_good"].start(server)
        with pytest.raises(openai.APIConnectionError):
            read(client)
        assert read(client) == GOOD

    def test_redirect_to_another_host_leaves_the_key_behind(self, server, client):
        FAULTS["redirect_to_another_host"].start(server)
        assert read(client) == GOOD
        assert [each.headers.get("authorization") for each in server.posts] == ["Bearer x", None]

    def test_date_to_wait_for(self):
        headers = dict(FAULTS["retry_after_date"].behaviours[0](Request("POST", "", {}, ASKED, 0)).headers)
        assert headers["Retry-After"].endswith("GMT")

    def test_length_that_cuts_the_answer(self, server, client, own_client):
        FAULTS["length_too_short"].start(server)
        assert GOOD.startswith(read(client))
        with pytest.raises(json.JSONDecodeError):
            plain(own_client)  # what the first connection has left over may come before its next answer

    def test_endless_answer(self, server, client):
        FAULTS["endless_answer"].start(server)
        with client.chat.completions.create(**STREAMED) as stream:
            assert len(list(islice(stream, 100))) == 100
        assert server.wait_until_idle()
        assert server.connections.abandoned == 1

    def test_usage_that_is_no_number(self, server, client):
        FAULTS["usage_words"].start(server)
        assert client.chat.completions.create(**ASKED).usage.prompt_tokens == "many"


class TestCatalogue:
    def test_size(self):
        assert len(FAULTS) >= 55
        assert {fault.recovers for fault in FAULTS.values()} == {True, False}

    @pytest.mark.parametrize("asked", [ASKED, STREAMED], ids=["plain", "stream"])
    def test_every_behaviour_replies(self, asked):
        request = Request("POST", "/v1/chat/completions", {"host": "127.0.0.1:1"}, asked, 0)
        for behaviour in (each for fault in FAULTS.values() for each in fault.behaviours):
            reply = behaviour(request)
            assert reply.head().endswith(b"\r\n\r\n" if reply.framing != "raw" else b"")
            assert all(isinstance(piece, bytes) for piece in islice(reply.pieces, 50))

    @pytest.mark.parametrize(
        "fault", [each for each in FAULTS.values() if each.kind == "wording"], ids=lambda f: f.name
    )
    def test_good_answer_is_within_the_wording(self, fault: Fault):
        text = said(fault, -1)
        kept = {"comments_and_commas": "the plan", "two_different_objects": "example"}
        assert kept.get(fault.name, GOOD) in text or not fault.recovers

    @pytest.mark.parametrize(
        ("name", "reading"),
        [
            ("huge_integer", json.loads),
            ("deep_nesting", json.loads),
            ("half_surrogate", lambda text: str(json.loads(text)["model"]["max_depth"]).encode()),
            ("split_surrogates", str.encode),
        ],
    )
    def test_values_break_a_careless_reader(self, server, client, name, reading: Callable[[str], Any]):
        FAULTS[name].start(server)
        with pytest.raises((ValueError, RecursionError)):
            reading(read(client))

    @pytest.mark.parametrize(
        ("name", "value"), [("nan_value", "nan"), ("infinite_value", "inf"), ("null_value", "None")]
    )
    def test_first_number_is_another_value(self, name, value):
        changed = json.loads(said(FAULTS[name], 0))
        assert str(changed["model"].pop("max_depth")) == value
        assert changed == {"model": {"eta": 0.1}, "note": "fine"}

    def test_answer_without_a_number(self):
        changed = json.loads(said(fault_catalogue('{"a": [true, "b"]}')["number_as_text"], 0))
        assert changed == {"a": [True, "b"], "number": "a few"}

    def test_answer_must_be_an_object(self):
        with pytest.raises(ValueError, match="JSON object"):
            fault_catalogue("[1]")


def said(fault: Fault, turn: int) -> str:
    """Return the text of a fault's plain reply."""
    reply = fault.behaviours[turn](Request("POST", "/v1/chat/completions", {}, ASKED, 0))
    return json.loads(b"".join(reply.pieces))["choices"][0]["message"]["content"]


class TestConnections:
    def test_kept_open_and_used_again(self, server, own_client):
        plain(own_client)
        plain(own_client)
        assert (server.connections.opened, server.connections.open) == (1, 1)
        assert not server.wait_until_idle(0.05)
        own_client.close()
        assert server.wait_until_idle()
        assert server.connections.abandoned == 0

    def test_client_that_leaves_early(self, server, client):
        server.play(cut(answer(GOOD), 0.5, "hang"))
        with client.chat.completions.create(**STREAMED) as stream:
            next(stream)
            assert server.connections.open == 1
        assert server.wait_until_idle()
        assert server.connections.abandoned == 1

    def test_several_at_once(self, server):
        server.play(answer(GOOD, pace=0.01))

        async def ask():
            async with openai.AsyncOpenAI(base_url=server.base_url, api_key="x", max_retries=0) as client:
                await asyncio.gather(*(client.chat.completions.create(**ASKED) for _ in range(5)))
                return server.connections

        assert asyncio.run(ask()).open == 5
        assert server.wait_until_idle()
        assert len(server.posts) == 5

    def test_connection_that_asks_nothing(self, server):
        with socket.create_connection(("127.0.0.1", server.port)):
            pass
        assert server.wait_until_idle()
        assert (server.connections.opened, server.connections.abandoned) == (1, 0)

    @pytest.mark.parametrize("data", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / SPDY/3\r\n\r\n"])
    def test_bytes_that_are_no_request(self, server, data):
        assert say(server, data).startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert server.requests == []

    def test_other_paths_and_methods(self, server, client):
        with pytest.raises(openai.NotFoundError):
            client.with_options(base_url=server.base_url + "/nowhere").embeddings.create(model="m", input="a")
        with pytest.raises(openai.APIStatusError, match="405"):
            client.get("/chat/completions", cast_to=object)

    def test_stopping_ends_what_hangs(self):
        with ScriptedLLM(FAULTS["never_answers"].behaviours[0]) as server:
            port = server.port
            sock = socket.create_connection(("127.0.0.1", port))
            sock.sendall(post(ASKED))
            deadline = time.monotonic() + 1
            while not server.requests and time.monotonic() < deadline:
                time.sleep(0.005)
        with sock:
            assert sock.recv(1) == b""
        assert server.connections.open == server.connections.abandoned == 0
        assert server.wait_until_idle(0)
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("scripted-llm")]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))

    def test_starts_at_once(self):
        started = time.monotonic()
        with ScriptedLLM(error(500, "no")):
            pass
        assert time.monotonic() - started < 2
