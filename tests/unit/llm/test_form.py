"""Which form of request follows a refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asking import prompt

from automl_gpt_magic.llm.chunk import CallError
from automl_gpt_magic.llm.form import Form, is_too_long

FULL = Form()
OBJECT = replace(FULL, mode="json_object")
TEXT = replace(FULL, mode="text")


def refused(words: str, status: int = 400, code: str = "") -> CallError:
    return CallError("status", words, status, code=code)


STEPS = {
    "schema": (FULL, refused("response_format of type 'json_schema' is not supported"), OBJECT),
    "object": (OBJECT, refused("response_format of type 'json_object' is not supported"), TEXT),
    "nothing is named": (FULL, refused("Bad Request"), OBJECT),
    "422": (FULL, refused("[{'loc': ['body', 'response_format']}]", 422), OBJECT),
    "500 that names the format": (FULL, refused("response_format: not implemented", 500), OBJECT),
    "500 about a grammar": (FULL, refused("Failed to initialize samplers: failed to parse grammar", 500), OBJECT),
    "an error in a stream": (FULL, refused("json_schema is not supported", 200), OBJECT),
    "500": (FULL, refused("internal error", 500), None),
    "text": (TEXT, refused("Bad Request"), None),
    "max_tokens": (
        FULL,
        refused("'max_tokens': use 'max_completion_tokens'"),
        replace(FULL, limit="max_completion_tokens"),
    ),
    "no limit": (
        replace(FULL, limit="max_completion_tokens"),
        refused("Unrecognized argument: max_completion_tokens"),
        replace(FULL, limit=""),
    ),
    "temperature": (FULL, refused("'temperature' does not support 0"), replace(FULL, temperature=False)),
    "stream_options": (FULL, refused("unknown: stream_options"), replace(FULL, usage=False)),
    "include_usage": (FULL, refused("unknown: include_usage"), replace(FULL, usage=False)),
    "stream": (FULL, refused("You must be verified to stream this model."), replace(FULL, stream=False)),
    "system role": (FULL, refused("System role not supported"), replace(FULL, system=False)),
    "role system": (
        FULL,
        refused("messages[0].role 'system' is not one of user, assistant"),
        replace(FULL, system=False),
    ),
    "no stream can be read": (FULL, CallError("unreadable", "no events"), replace(FULL, stream=False)),
    "nothing can be read": (replace(FULL, stream=False), CallError("unreadable", "no events"), None),
    "key": (FULL, refused("Incorrect API key", 401), None),
    "model": (FULL, refused("no such model", 404), None),
    "limit of requests": (FULL, refused("rate limit", 429), None),
    "too long": (FULL, refused("maximum context length is 8192 tokens"), None),
    "too long by code": (FULL, refused("Bad Request", code="context_length_exceeded"), None),
    "broken": (FULL, CallError("broken", "the connection was cut"), None),
    "unreachable": (FULL, CallError("unreachable", "refused"), None),
    "setup": (FULL, CallError("setup", "no file"), None),
}


@pytest.mark.parametrize(("form", "failure", "then"), STEPS.values(), ids=STEPS)
def test_the_form_after_a_refusal(form: Form, failure: CallError, then: Form | None) -> None:
    assert form.after(failure) == then


def test_every_way_down_ends() -> None:
    words = "json_schema json_object temperature max_tokens max_completion_tokens stream_options stream system role"
    form: Form | None = FULL
    steps = []
    while form is not None:
        steps.append(form)
        form = form.after(refused(words))
    assert len(steps) == len({*steps}) <= 10
    assert steps[-1].request("m", prompt(), 5).keys() == {"model", "messages"}


def test_a_whole_request() -> None:
    request = FULL.request("m", prompt("Plan."), 7)
    assert [request[name] for name in ("model", "max_tokens", "temperature", "stream")] == ["m", 7, 0, True]
    assert request["stream_options"] == {"include_usage": True}
    assert request["response_format"]["json_schema"]["schema"] == prompt().schema
    assert [message["role"] for message in request["messages"]] == ["system", "user"]


def test_a_request_without_what_was_refused() -> None:
    form = Form("json_object", "max_completion_tokens", temperature=False, usage=False, stream=False, system=False)
    assert form.request("m", prompt("Plan."), 7) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Answer in JSON.\n\nPlan."}],
        "response_format": {"type": "json_object"},
        "max_completion_tokens": 7,
    }
    assert "stream_options" not in replace(FULL, stream=False).request("m", prompt("Plan."), 7)


@pytest.mark.parametrize(
    ("failure", "long"),
    [
        (refused("Request Entity Too Large", 413), True),
        (refused("prompt is too long: 9000 tokens"), True),
        (refused("exceeds the context window"), True),
        (refused("the schema in response_format is too long"), False),
        (refused("maximum context length", 500), False),
    ],
)
def test_what_is_too_long(failure: CallError, long: bool) -> None:
    assert is_too_long(failure) == long
