"""Whatever a server does, a %%automl cell ends with a plan, one line that says what happened, and no secret shown.

``python -m tests.faults`` prints what came of each fault.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from automl_gpt_magic import connect
from automl_gpt_magic.consult import consult
from automl_gpt_magic.llm import Budget
from automl_gpt_magic.pipeline import survey
from tests.conftest import CARDS
from tests.faults.cells import (
    GOOD,
    HEADER,
    KEY,
    NOT_TAKEN,
    TAKEN,
    WANTED,
    Notebook,
    catalogue,
    notebook,
    packed,
    unsendable,
    values_of,
    wrong_in,
)
from tests.scripted_llm import Reply, Request, answer, speak

FAULTS = catalogue()
SAMPLE = ["connection_refused", "disconnect_half_way", "bad_key", "retry_after_a_day", "prose_only", "refusal"]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    with notebook(tmp_path_factory.mktemp("faults")) as made:
        yield made


@pytest.mark.parametrize("name", FAULTS)
def test_a_plan_stands_and_one_line_says_what_happened(book: Notebook, name: str) -> None:
    assert book.observe(FAULTS[name]).problems == ()


def test_what_is_decided_otherwise_is_about_faults_that_there_are() -> None:
    assert all(FAULTS[name].recovers for name in NOT_TAKEN)
    assert not any(FAULTS[name].recovers for name in TAKEN)


@pytest.mark.parametrize("name", SAMPLE)
def test_a_recorded_answer_stands_where_a_new_one_is_not_had(book: Notebook, name: str) -> None:
    book.observe(FAULTS["fenced"])
    recorded = book.recorded()
    book.server.requests.clear()
    outcome = book.observe(FAULTS[name], "--live", keep=True)
    assert "earlier answer" in outcome.said
    assert outcome.plan.replayed
    assert values_of(outcome.plan).items() >= WANTED.items()
    assert book.recorded() == recorded
    assert outcome.problems == ()


def test_key_and_header_reach_the_server_and_nothing_else(book: Notebook) -> None:
    outcome = book.observe(FAULTS["fenced"])
    headers = book.server.posts[-1].headers
    assert (headers["authorization"], headers["x-team"]) == (f"Bearer {KEY}", HEADER)
    assert outcome.problems == ()


def test_an_answer_that_was_cut_is_not_passed_off_as_whole(book: Notebook) -> None:
    plan = book.observe(FAULTS["cut_by_length"]).plan
    assert any("cut off" in note and "answer_tokens" in note for note in plan.notes)


@pytest.mark.parametrize("name", ["never_answers", "stall_half_way", "keepalives_for_ever", "retry_after_one_second"])
def test_an_interrupt_keeps_the_plan(book: Notebook, name: str) -> None:
    fault = FAULTS[name]
    if name == "retry_after_one_second":
        fault = replace(fault, behaviours=fault.behaviours[:1])
    asked = len(book.server.posts)
    outcome = book.observe(fault, stop_after=0.4)
    assert outcome.said.startswith("Stopped.")
    assert time.monotonic() - book.server.posts[asked].at < 1.5
    assert outcome.problems == ()


def test_each_stage_is_reported_before_the_next_is_sent(book: Notebook) -> None:
    ends = [GOOD.index(f', "{name}"') for name in ("model", "candidates", "notes")]
    parts = [GOOD[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True)]
    sent: list[float] = []

    def in_parts(request: Request) -> Reply:
        whole = speak([{"content": part} for part in parts])(request)

        def pieces() -> Iterator[bytes]:
            for piece in whole.pieces:
                yield piece
                sent.append(time.monotonic())

        return replace(whole, pieces=pieces(), pace=0.4)

    heard: dict[tuple[str, ...], float] = {}
    book.server.play(in_parts)
    book.set(base_url=book.server.base_url, deadline=9.0)
    consult(
        survey(CARDS, book.shell.user_ns, settings=book.settings),
        connect(base_url=book.server.base_url, model="scripted"),
        Budget(9, 40_000, 1),
        replan=lambda before, _: before,
        settings=book.settings,
        hear=lambda arrival: heard.setdefault(arrival.finished, time.monotonic()),
    )
    stages = ("data_processing", "model", "candidates", "notes")
    assert list(heard) == [stages[:count] for count in range(5)]
    for number in range(1, 4):
        # The first piece names the role; the next part goes out a pace after this one.
        assert heard[stages[:number]] < sent[number + 1] - 0.1


def test_the_next_cell_is_answered_after_any_fault(book: Notebook) -> None:
    for name in ("refuses_everything_in_turn", "broken_json_event", "prose_only"):
        book.observe(FAULTS[name])
        book.server.play(answer(GOOD))
        book.run("--live")
        assert values_of(book.plan()).items() >= WANTED.items()
    assert book.server.posts[-1].streams


def test_the_checks_see_what_they_look_for(book: Notebook) -> None:
    plan = book.observe(FAULTS["fenced"]).plan
    (book.folder / "leak.txt").write_text(f"a {KEY} b")
    assert [*book.leaks("")] == ["file leak.txt"]
    (book.folder / "leak.txt").unlink()
    assert "the output" in [*book.leaks(json.dumps([HEADER]))]
    assert unsendable(packed({"value": "\ud83d"}))
    assert unsendable(packed({"value": float("nan")}))
    assert book.sent
    assert [*wrong_in(plan)] == []
    assert [*wrong_in(replace(plan, values=plan.values[1:]))] == ["values are missing"]
