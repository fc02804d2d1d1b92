"""The file of recorded answers: what it keeps, finds and refuses."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from automl_gpt_magic.errors import LLMError
from automl_gpt_magic.llm import Budget, Piece, Recordings, Replayed, Reply
from automl_gpt_magic.llm.replay import changes
from automl_gpt_magic.records.exchange import Exchange, Usage
from automl_gpt_magic.records.prompt import Message, Prompt

PARTS = {"data card": "1", "model cards": "2", "request": "3"}
MESSAGES = (Message("system", "s"), Message("user", "u"))
PROMPT = Prompt(MESSAGES, {}, "v1", PARTS)


def exchange(answer='{"notes": "x"}', model="m", version="v1", status="answered", **parts):
    return Exchange(
        model,
        "host",
        "2026-01-02T03:04:05+00:00",
        "json_schema",
        MESSAGES,
        answer,
        Usage(10, 5, 0.1),
        1.5,
        version,
        {**PARTS, **{name.replace("_", " "): part for name, part in parts.items()}},
        PROMPT.digest,
        status,
    )


@pytest.fixture
def recordings(tmp_path):
    return Recordings(tmp_path / "task.automl.json")


def test_a_conversation_comes_back_as_it_was_written(recordings):
    talk = (exchange('{"notes": "\ud83d \u2028 é"}'), exchange(status="cut"))
    recordings.add(talk)
    assert recordings.find(PROMPT) == talk
    assert recordings.path.read_text(encoding="ascii")
    assert [path.name for path in recordings.path.parent.glob("*task*")] == ["task.automl.json"]


def test_without_a_file_nothing_is_recorded(recordings):
    assert recordings.read() == []
    assert recordings.find(PROMPT) is None
    assert recordings.changes(PROMPT) == ()


def test_a_newer_conversation_of_the_same_cards_and_model_replaces_the_older(recordings):
    recordings.add([exchange("{}")])
    recordings.add([exchange("[]")])
    assert [one[0].answer for one in recordings.read()] == ["[]"]


def test_models_and_states_of_the_cards_are_kept_side_by_side(recordings):
    for one in (exchange(model="a"), exchange(model="b"), exchange(model="a", request="9"), exchange(version="v2")):
        recordings.add([one])
    assert len(recordings.read()) == 4
    assert recordings.find(PROMPT, "a")[0].model == "a"
    assert recordings.find(PROMPT)[0].model == "b"
    assert recordings.find(PROMPT, "c") is None


def test_the_oldest_are_dropped_beyond_forty(recordings):
    for number in range(43):
        recordings.add([exchange(request=str(number))])
    assert [one[0].parts["request"] for one in recordings.read()] == [str(number) for number in range(3, 43)]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (exchange(), ()),
        (exchange(data_card="9"), ("data card",)),
        (exchange(model_cards="9", request="9"), ("model cards", "request")),
        (exchange(version="v0"), ("prompt version",)),
        (exchange(target="9"), ("target",)),
    ],
)
def test_what_changed_is_named(recordings, other, said):
    assert changes(other, PROMPT) == said
    recordings.add([other])
    assert recordings.changes(PROMPT) == said
    assert (recordings.find(PROMPT) is None) == bool(said)


def test_the_conversation_that_differs_least_is_the_one_that_is_named(recordings):
    recordings.add([exchange(request="9")])
    recordings.add([exchange(request="8", data_card="8")])
    assert recordings.changes(PROMPT) == ("request",)


def test_another_model_is_a_difference_where_one_is_named(recordings):
    recordings.add([exchange(model="a")])
    assert recordings.changes(PROMPT, "b") == ("model",)
    assert recordings.changes(PROMPT, "a") == recordings.changes(PROMPT) == ()


GOOD = {"format": 1, "conversations": []}
UNREADABLE = {
    "empty": b"",
    "cut": b'{"format": 1, "conversations": [',
    "no UTF-8": b'\xff\xfe{"format": 1}',
    "nested": b"[" * 100_000,
    "a list": b"[]",
    "a number": b"3",
    "null": b"null",
    "foreign": b'{"cells": []}',
    "newer": b'{"format": 2, "conversations": []}',
    "odd format": json.dumps({"format": "x" * 500, "conversations": []}).encode(),
    "no conversations": b'{"format": 1}',
    "other conversations": b'{"format": 1, "conversations": [{"exchanges": [3]}]}',
    "unknown field": b'{"format": 1, "conversations": [{"exchanges": [{"model": "m"}]}]}',
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_said_in_one_line_and_never_overwritten(recordings, content):
    recordings.path.write_bytes(content)
    for use in (recordings.read, lambda: recordings.add([exchange()]), lambda: recordings.find(PROMPT)):
        with pytest.raises(LLMError, match=r"task\.automl\.json .*delete it") as caught:
            use()
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 200
    assert recordings.path.read_bytes() == content


def places(tree, at=()):
    yield at
    for key, part in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from places(part, (*at, key))


@pytest.mark.parametrize("wrong", [None, 3, "text", [], {}, [[1]], True, 1e400], ids=repr)
def test_whatever_stands_in_the_file_it_is_replayed_or_refused_in_one_line(recordings, wrong):
    recordings.add([exchange()])
    good = json.loads(recordings.path.read_text())
    for at in places(good):
        changed = json.loads(json.dumps({"": good}))
        spot = changed
        for key in ("", *at)[:-1]:
            spot = spot[key]
        spot[("", *at)[-1]] = wrong
        recordings.path.write_text(json.dumps(changed[""]))
        try:
            found = recordings.find(PROMPT)
            recordings.changes(PROMPT)
            recordings.add([exchange()])
        except LLMError:
            continue
        for conversation in [found] if found else []:
            replies = list(Replayed(conversation).stream(PROMPT, Budget(9, 9, 9)))
            assert isinstance(replies[-1].text, str)
            assert isinstance(replies[-1].usage.answer_tokens, int)


def test_a_folder_in_its_place_or_a_missing_folder_is_said(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(LLMError, match=r"folder cannot be read"):
        Recordings(tmp_path / "folder").add([exchange()])
    with pytest.raises(LLMError, match=r"x cannot be written .*the plan stands"):
        Recordings(tmp_path / "nowhere" / "x").add([exchange()])


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_may_not_be_written_is_said(recordings):
    recordings.path.parent.chmod(0o500)
    with pytest.raises(LLMError, match="cannot be written"):
        recordings.add([exchange()])
    recordings.path.parent.chmod(0o700)


def test_a_write_that_fails_leaves_the_old_file_and_no_other(recordings, monkeypatch):
    recordings.add([exchange()])
    before = recordings.path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(LLMError, match="No space left on device"):
        recordings.add([exchange(request="9")])
    assert recordings.path.read_bytes() == before
    assert [path.name for path in recordings.path.parent.iterdir() if "task" in path.name] == ["task.automl.json"]


def test_a_replayed_model_says_it_again_costs_nothing_and_then_ends():
    talk = (exchange("{1}"), exchange("{2}", status="cut"))
    model, budget = Replayed(talk), Budget(9, 9, 9)
    assert (model.name, model.host, model.date) == ("m", "host", "2026-01-02T03:04:05+00:00")
    assert (model.offer(PROMPT).prompt_tokens, model.offer(PROMPT).most_cost) == (0, 0.0)
    assert list(model.stream(PROMPT, budget)) == [Piece("{1}"), Reply("{1}", "json_schema", Usage(10, 5, 0.1))]
    assert list(model.stream(PROMPT, budget))[1].cut
    assert budget.spent.answer_tokens == 0
    with pytest.raises(LLMError, match="--live asks again"):
        list(model.stream(PROMPT, budget))


def test_the_first_exchange_decides_what_a_conversation_is_of(recordings):
    recordings.add([exchange(), replace(exchange(), parts={})])
    assert recordings.find(PROMPT) is not None
