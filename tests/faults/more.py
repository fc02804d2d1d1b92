"""Faults beside the server's catalogue: servers that say the key again, and answers of this package's form."""

from __future__ import annotations

import gzip
import itertools

from tests.scripted_llm import (
    DONE,
    EVENT_STREAM,
    JSON,
    Behaviour,
    Fault,
    Headers,
    Reply,
    Request,
    answer,
    error,
    event,
    fixed,
    json_reply,
    page,
    speak,
    streamed,
)


def more_faults(good: str) -> dict[str, Fault]:
    """Return the faults by name."""
    faults = [
        Fault("echoes_key_in_error", "401 that quotes the key", (_echo_error(401),), False, "secret"),
        Fault("echoes_key_in_500", "500 that quotes key and header, always", (_echo_error(500),), False, "secret"),
        Fault("echoes_key_in_200", "200 with an error that quotes the key", (_echo_in_200,), False, "secret"),
        Fault("echoes_key_in_event", "an error event that quotes the key", (_echo_event,), False, "secret"),
        Fault("echoes_key_in_header", "429 whose Retry-After is the key", (_echo_header,), False, "secret"),
        Fault("echoes_key_in_refusal", "a refusal that quotes the key", (_echo_refusal,), False, "secret"),
        Fault("echoes_key_in_page", "a page of HTML that quotes every header", (_echo_page,), False, "secret"),
        Fault("echoes_key_in_redirect", "a redirect to an address with the key", (_echo_redirect,), False, "secret"),
        Fault("echoes_key_in_answer", "prose that quotes the key, and no JSON", (_echo_answer,), False, "secret"),
        Fault("multi_line_error", "an error of many lines with control characters", (_many_lines,), False, "wording"),
        Fault("endless_error", "an error of 1 MB", (error(500, "sorry " * 170_000),), False, "wording"),
        Fault("nested_error", "an error whose message is a list in a list", (_nested,), False, "wording"),
        Fault("other_object_only", "JSON with none of the keys asked for", (answer('{"a": 1}'),), False, "value"),
        Fault("wrong_kinds", "every part has another kind", (answer(_WRONG_KINDS),), False, "value"),
        Fault(
            "surrogate_then_cut", "half of a surrogate pair, then silence for ever", (_half_letter,), False, "message"
        ),
        Fault("endless_error_body", "500 whose body never ends", (_endless(b"sorry ", 500, JSON),), False, "body"),
        Fault(
            "endless_line",
            "a stream whose first line never ends",
            (_endless(b"data: ", 200, EVENT_STREAM),),
            False,
            "body",
        ),
        Fault("gzip_bomb", "30 MB of blanks in 30 kB", (_bomb,), False, "body"),
        Fault("good_after_thinking_good", "the answer, thought first", (answer(f"<think>{good}</think>{good}"),), True),
    ]
    return {fault.name: fault for fault in faults}


_WRONG_KINDS = '{"data_processing": [1], "model": "XGBoost", "candidates": {"a": 1}, "notes": {"b": [2]}}'


def _secrets(request: Request) -> str:
    return f"{request.headers.get('authorization')} {request.headers.get('x-team')}"


def _echo_error(status: int) -> Behaviour:
    return lambda request: error(status, f"Incorrect key: {_secrets(request)}")(request)


def _echo_in_200(request: Request) -> Reply:
    return json_reply({"error": f"no: {_secrets(request)}"})


def _echo_event(request: Request) -> Reply:
    return Reply((event({"error": {"message": f"no: {_secrets(request)}"}}),), headers=EVENT_STREAM, framing="chunked")


def _echo_header(request: Request) -> Reply:
    return error(429, "slow down", headers=(("Retry-After", _secrets(request)),))(request)


def _echo_refusal(request: Request) -> Reply:
    message = {"role": "assistant", "content": None, "refusal": f"I do not like {_secrets(request)}"}
    return json_reply({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


def _echo_page(request: Request) -> Reply:
    return page(f"<pre>{_secrets(request)}</pre>", 502)(request)


def _echo_redirect(request: Request) -> Reply:
    return Reply(status=307, headers=(("Location", f"/login?next={_secrets(request).replace(' ', '+')}"),))


def _echo_answer(request: Request) -> Reply:
    return answer(f"You sent {_secrets(request)} to me.")(request)


def _half_letter(request: Request) -> Reply:
    half = speak([{"content": '{"notes": "\ud83d'}])
    return streamed(half, lambda data: [data.removesuffix(DONE)[:-100]], ending="hang")(request)


def _endless(text: bytes, status: int, headers: Headers) -> Behaviour:
    return fixed(Reply(itertools.repeat(text * 20_000), status, headers, "chunked"))


def _bomb(request: Request) -> Reply:
    body = gzip.compress(b"data: " + b" " * 30_000_000)
    return Reply((body,), headers=(*EVENT_STREAM, ("Content-Encoding", "gzip")))


def _many_lines(request: Request) -> Reply:
    return error(500, "one\ntwo\r\n\x1b[31mthree\x07\u202e<b>four</b>" + "\n" * 50)(request)


def _nested(request: Request) -> Reply:
    return json_reply({"error": {"message": [["a", {"b": None}]], "code": 7}}, 400)
