"""Who answers: the endpoint, a recorded answer or nobody; and what is kept of it."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest

from automl_gpt_magic.answers import Answers, Options
from automl_gpt_magic.errors import UsageError
from automl_gpt_magic.pipeline import budget_of, survey
from automl_gpt_magic.planning.build import build_plan
from automl_gpt_magic.prompt import paragraph
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.situations import replanner
from automl_gpt_magic.store import Store
from tests.conftest import CARDS, small_adult
from tests.scripted_llm import ScriptedLLM, answer, error, json_reply, refuse

ANY, LIVE, REPLAY = Options(), Options(live=True), Options(replay=True)
NO_KEY = error(401, "Incorrect API key provided")


def said(notes="first", **values):
    hyperparameters = [{"name": name, "value": value, "reason": "noise"} for name, value in values.items()]
    candidate = {"hyperparameters": hyperparameters, "log": [], "expected": 0.4}
    return json.dumps({"candidates": [candidate], "notes": notes})


@pytest.fixture
def server():
    with ScriptedLLM(answer(said(gamma=1.0))) as running:
        yield running


@pytest.fixture(scope="module")
def situations():
    """Surveyed cards, each once."""
    known = {}

    def of(*change):
        cards = CARDS.replace(*change) if change else CARDS
        if cards not in known:
            known[cards] = survey(cards, {}, frame=small_adult(), settings=AutoML(cache=""))
        return known[cards]

    return of


@pytest.fixture
def get(situations):
    """Answer like a magic cell would, with nothing remembered from earlier cells."""

    def got(*change, options=ANY, situation=None, answers=None, began=None, hear=lambda _: None, **values):
        settings = AutoML(cache="", retries=0, **values)
        return (answers or Answers()).get(
            situation or situations(*change),
            settings,
            options,
            budget=budget_of(settings),
            replan=replanner(settings),
            begin=(began if began is not None else []).append,
            hear=hear,
        )

    return got


@pytest.fixture
def sidecar(tmp_path):
    return tmp_path / "recordings" / "small_adult.automl.json"


@pytest.fixture
def recorded(server, get):
    """Have one answer recorded."""
    assert get(base_url=server.base_url, model="scripted").situation.answer is not None


def notes_of(answered):
    return answered.situation.answer.notes if answered.situation.answer else None


def test_nobody_is_asked_without_an_endpoint(get, situations):
    began = []
    answered = get(began=began)
    assert answered.situation is situations()
    assert (answered.fault, answered.notes, began) == ("", (), [])


def test_an_answer_is_kept_beside_the_notebook_and_in_the_store(server, get, sidecar):
    began = []
    answered = get(base_url=server.base_url, model="scripted", began=began)
    (offer,) = began
    assert (offer.model, offer.host) == ("scripted", f"127.0.0.1:{server.port}")
    assert (answered.fault, answered.notes) == ("", ())
    written = json.loads(sidecar.read_text())["conversations"][0]["exchanges"]
    (stored,) = Store(AutoML().store_place).exchanges()
    assert [one["answer"] for one in written] == [stored.answer] == [said(gamma=1.0)]
    assert (stored.status, stored.model) == ("answered", "scripted")


def test_without_endpoint_or_key_it_is_replayed_with_its_date(server, get, recorded):
    began = []
    answered = get(began=began)
    assert began == []  # nothing is sent
    assert notes_of(answered) == "first"
    assert answered.situation.llm == "scripted"
    plan = build_plan(answered.situation, {})
    assert (plan.llm, plan.replayed) == ("scripted", Store(AutoML().store_place).exchanges()[0].date)
    assert (answered.fault, answered.notes) == ("", ())
    assert len(Store(AutoML().store_place).exchanges()) == 1


def test_with_an_endpoint_the_recorded_answer_is_replayed_too_and_live_asks_again(server, get, recorded):
    server.play(answer(said("second", gamma=1.0)))
    named = {"base_url": server.base_url, "model": "scripted"}
    assert (notes_of(get(**named)), len(server.posts)) == ("first", 1)
    live = get(options=LIVE, **named)
    assert (notes_of(live), live.situation.replayed, len(server.posts)) == ("second", "", 2)
    assert notes_of(get()) == "second"


def test_a_corrected_conversation_is_replayed_whole(server, get):
    server.play(answer(said(subsample=1.7)), answer(said("better", subsample=0.7)))
    live = get(base_url=server.base_url, model="scripted")
    again = get()
    assert notes_of(again) == notes_of(live) == "better"
    assert again.situation.answer.suggestions[0].values == {"subsample": 0.7}
    assert len(server.posts) == 2


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("  frame:", "  description: more\n  frame:"), "data card"),
        (("max_depth: 6", "max_depth: 5"), "model cards"),
        (("a minute", "two minutes"), "request"),
    ],
)
def test_what_changed_since_is_said_and_the_answer_not_replayed(get, recorded, change, what):
    answered = get(*change)
    assert answered.situation.answer is None
    assert answered.notes == (f"the answer in small_adult.automl.json is not replayed: {what} changed since",)
    with pytest.raises(UsageError, match=f"--replay: .*is not replayed: {what} changed since"):
        get(*change, options=REPLAY)


def test_a_changed_wording_is_said(get, recorded, monkeypatch):
    wording = paragraph._wording()
    monkeypatch.setattr(paragraph, "_wording", lambda: {**wording, "system": "Be brief."})
    situation = survey(CARDS, {}, frame=small_adult(), settings=AutoML(cache=""))
    (note,) = get(situation=situation).notes
    assert note.endswith("is not replayed: prompt version changed since")


def test_replay_asks_nobody_and_needs_something_recorded(server, get, sidecar):
    named = {"base_url": server.base_url, "model": "scripted"}
    with pytest.raises(UsageError, match="--replay: no answer is recorded"):
        get(options=REPLAY, **named)
    assert server.posts == []
    get(**named)
    assert notes_of(get(options=REPLAY, **named)) == "first"
    assert len(server.posts) == 1
    with pytest.raises(UsageError, match="is not replayed: model changed since"):
        get(options=REPLAY, base_url=server.base_url, model="other")


def test_live_needs_an_endpoint(get, recorded):
    with pytest.raises(UsageError, match="--live: no endpoint is named"):
        get(options=LIVE)


def test_two_models_are_kept_side_by_side(server, get):
    for model in ("one", "two"):
        server.play(answer(said(model, gamma=1.0)))
        get(base_url=server.base_url, model=model)
    assert [notes_of(get(model=model)) for model in ("one", "two", "")] == ["one", "two", "two"]


def test_a_failing_call_falls_back_to_the_recorded_answer_and_says_the_fault(server, get, recorded, sidecar):
    before = sidecar.read_bytes()
    server.play(NO_KEY)
    answered = get(options=LIVE, base_url=server.base_url, model="scripted")
    assert "answered 401" in answered.fault
    assert notes_of(answered) == "first"
    assert answered.situation.replayed
    assert sidecar.read_bytes() == before


def test_a_failing_call_with_nothing_recorded_leaves_the_plan(server, get, situations, sidecar):
    server.play(NO_KEY)
    answered = get(base_url=server.base_url, model="scripted")
    assert answered.situation is situations()
    assert "answered 401" in answered.fault
    assert not sidecar.exists()


def test_an_endpoint_that_cannot_be_used_leaves_the_plan(server, get, situations):
    for values in ({"base_url": "nonsense"}, {"base_url": server.refused_url}):
        answered = get(**values)
        assert answered.situation is situations()
        assert answered.fault
        assert not answered.stopped


UNREADABLE = {
    "empty": b"",
    "corrupt": b'{"format": 1, "conversations": [{]',
    "foreign": b'{"cells": []}',
    "newer": b'{"format": 99}',
    "other exchanges": b'{"format": 1, "conversations": [{"exchanges": [{"model": 3}]}]}',
    "no UTF-8": b"\xff\x00",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_loses_no_plan_and_is_not_overwritten(server, get, sidecar, content):
    sidecar.write_bytes(content)
    alone = get()
    assert alone.situation.answer is None
    assert [note.partition(" ")[0] for note in alone.notes] == ["small_adult.automl.json"]
    live = get(base_url=server.base_url, model="scripted")
    assert notes_of(live) == "first"
    assert live.notes == alone.notes
    assert sidecar.read_bytes() == content
    assert len(Store(AutoML().store_place).exchanges()) == 1


def places(tree, at=()):
    yield at
    for key, part in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from places(part, (*at, key))


@pytest.mark.parametrize("wrong", [None, "text", -1, 1e400, [], {"a": 1}], ids=repr)
def test_a_file_that_was_edited_at_any_place_loses_no_plan(get, recorded, sidecar, wrong):
    whole = json.loads(sidecar.read_text())
    for at in places(whole):
        changed = spot = json.loads(json.dumps({"": whole}))
        for key in ("", *at)[:-1]:
            spot = spot[key]
        spot[("", *at)[-1]] = wrong
        sidecar.write_text(json.dumps(changed[""]))
        answered = get()
        assert build_plan(answered.situation, {}).hyperparameters, at


@pytest.mark.parametrize("folder", ["nowhere/at/all", "file"])
def test_a_folder_that_cannot_be_written_is_a_note(server, get, tmp_path, folder):
    (tmp_path / "file").write_text("")
    answered = get(base_url=server.base_url, model="scripted", recordings=str(tmp_path / folder))
    assert notes_of(answered) == "first"
    assert len(answered.notes) == 1
    assert "small_adult.automl.json cannot be" in answered.notes[0]


def test_a_store_that_cannot_be_written_is_a_note_and_the_answer_is_recorded_all_the_same(
    server, get, tmp_path, sidecar
):
    (tmp_path / "foreign.sqlite").write_text("this is no database, but long enough to look like a file of one" * 20)
    answered = get(base_url=server.base_url, model="scripted", store=str(tmp_path / "foreign.sqlite"))
    assert notes_of(answered) == "first"
    assert "foreign.sqlite" in answered.notes[0]
    assert sidecar.exists()


def test_nothing_is_kept_where_nothing_shall_be(server, get, tmp_path, sidecar):
    answered = get(base_url=server.base_url, model="scripted", recordings="", store="")
    assert notes_of(answered) == "first"
    assert not sidecar.exists()
    assert not Path(AutoML().store).exists()
    with pytest.raises(UsageError, match="no answer is recorded"):
        get(options=REPLAY, recordings="")


def test_a_replay_that_comes_to_nothing_says_why(get, recorded):
    answered = get(prompt_tokens=500)
    assert answered.situation.answer is None
    assert "500 are allowed" in answered.fault


def test_a_replay_ends_where_its_recording_ends(get, recorded):
    answered = get(rounds=2)
    assert notes_of(answered) == "first"
    assert answered.fault == ""


def test_an_interrupted_answer_goes_to_the_store_alone(server, get, sidecar):
    def stop(arrival):
        if arrival.finished:
            raise KeyboardInterrupt

    server.play(answer(said("x" * 3000, gamma=1.0), pace=0.001))
    answered = get(base_url=server.base_url, model="scripted", hear=stop)
    assert answered.stopped
    assert answered.situation.answer is None
    assert not sidecar.exists()
    assert [one.status for one in Store(AutoML().store_place).exchanges()] == ["interrupted"]


class Slow(ScriptedLLM):
    """A server that is slow to list its models, and whose user does not wait."""

    def _list_models(self, request):
        threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
        threading.Event().wait(0.5)
        return json_reply({"data": []})


def test_an_interrupt_while_the_models_are_listed_leaves_the_plan(get, situations):
    with Slow() as slow:
        answered = get(base_url=slow.base_url)
    assert answered.stopped
    assert answered.situation is situations()


def test_the_form_that_an_endpoint_takes_is_remembered(server, get):
    server.play(refuse(answer(said(gamma=1.0)), "json_schema"))
    answers, named = Answers(), {"base_url": server.base_url, "model": "scripted"}
    get(answers=answers, **named)
    assert len(server.posts) == 2
    get(answers=answers, options=LIVE, **named)
    assert len(server.posts) == 3
    get(answers=answers, options=LIVE, headers={"X-New": "1"}, **named)
    assert len(server.posts) == 5
