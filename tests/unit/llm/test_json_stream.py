"""An object is read as it arrives: nothing that was cut off is taken for whole."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl_gpt_magic.llm.json_stream import JsonStream, read_json

KEYS = ("data", "model", "candidates", "notes")
WHOLE = {
    "data": {"techniques": [{"technique": "one-hot", "reason": 'a "quoted" \\ reason, {with} [brackets] // and /*'}]},
    "model": {"card": "XGBoost", "layers": ["a", "b"], "depth": 12.5e-1, "none": None, "yes": True},
    "candidates": [
        {"values": [{"name": "eta", "value": 0.125}, {"name": "n", "value": 1200}], "log": [[1, 0.5], [2, 0.25]]}
    ],
    "notes": "né 日本 😀",
}
GOOD = json.dumps(WHOLE)


def fed(*pieces: str) -> JsonStream:
    stream = JsonStream(KEYS)
    for piece in pieces:
        stream.feed(piece)
    return stream


def agrees(part: Any, whole: Any) -> bool:
    """Return whether ``part`` is ``whole`` with its end missing: no scalar differs."""
    if isinstance(whole, dict) and isinstance(part, dict):
        named = list(part) == list(whole)[: len(part)]
        return named and all(agrees(value, whole[name]) for name, value in part.items())
    if isinstance(whole, list) and isinstance(part, list):
        return len(part) <= len(whole) and all(map(agrees, part, whole))
    return type(part) is type(whole) and part == whole


@pytest.mark.parametrize("indent", [None, 1], ids=["one line", "indented"])
def test_every_prefix_agrees_with_the_whole(indent: int | None) -> None:
    text = json.dumps(WHOLE, indent=indent, ensure_ascii=False)
    stream, last = JsonStream(KEYS), 0
    for end, letter in enumerate(text, start=1):
        stream.feed(letter)
        assert agrees(stream.draft, WHOLE), text[:end]
        assert len(stream.finished) >= last
        last = len(stream.finished)
        assert stream.whole == (end == len(text))
    assert stream.draft == WHOLE
    assert stream.finished == tuple(WHOLE)


def test_a_part_is_finished_with_its_last_bracket() -> None:
    end = GOOD.index(', "model"')
    assert fed(GOOD[: end - 1]).finished == ()
    assert fed(GOOD[:end]).finished == ("data",)
    assert fed(GOOD[:end]).draft == {"data": WHOLE["data"]}


@pytest.mark.parametrize(
    "cut", ['{"notes": 12', '{"notes": 1', '{"notes": "wor', '{"notes": tru', '{"notes": -', '{"no']
)
def test_what_was_cut_off_is_not_there(cut: str) -> None:
    assert read_json(cut, KEYS) == ({}, False)


def test_a_number_counts_once_a_comma_ended_it() -> None:
    assert fed('{"notes": 12').draft == {}
    assert fed('{"notes": 12', "0,").draft == {"notes": 120}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
PROSE = st.text(st.characters(exclude_characters='{}[]"', exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), JSON_VALUES, min_size=1),
    st.sampled_from([None, 0, 2]),
    st.booleans(),
    PROSE,
    PROSE,
    st.data(),
)
def test_any_object_is_read_through_any_pieces(whole, indent, ascii_only, before, after, data) -> None:
    text = before + json.dumps(whole, indent=indent, ensure_ascii=ascii_only) + after
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    stream = JsonStream(KEYS)
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        stream.feed(text[start:end])
        assert agrees(stream.draft, whole)
    assert (stream.draft, stream.whole) == (whole, True)
    assert read_json(text, KEYS) == (whole, True)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('{}[]",:/*\\ \n1tné\ud83d'), max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    found, whole = read_json(text, ["n", "t", ""])
    assert isinstance(found, dict)
    assert whole in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{GOOD}\n```",
        f"Sure {{a, b}}, {{}} and [1]: {GOOD} (the end of {{x}})",
        f"It is like {{ this: {GOOD}",
        f"<think>\nMaybe {{\"notes\": 1}}?\n</think>\n{GOOD}",
        f"<think>{{\"notes\": 1</think>{GOOD}",
        f'{{"notes": "first"}}\n{GOOD}',
        f'{GOOD}\n{{"example": true}}',
        f"[{GOOD}]",
        f'{{"answer": {GOOD}}}',
        f"\ufeff\0{GOOD}<|im_end|>",
        GOOD.replace("{", "{ // a comment with } and \"\n", 1)[:-1] + ", /* ** done ] */ }",
        GOOD.replace("]", ",]").replace("}", ", }"),
    ],
    ids=[
        "fence", "brackets in prose", "open bracket in prose", "thought", "open object in a thought", "the last counts",
        "an unknown one does not", "in a list", "under a key", "control characters", "comments", "trailing commas",
    ],
)  # fmt: skip
def test_more_than_the_object(text: str) -> None:
    found, whole = read_json(text, KEYS)
    assert whole
    assert list(found) == list(WHOLE)
    assert {**found, "data": WHOLE["data"]} == WHOLE  # the commas that are put before brackets reach its text too


def test_a_thought_that_never_ends_is_no_answer() -> None:
    assert read_json(f"<think>{GOOD}", KEYS) == ({}, False)


@pytest.mark.parametrize("deep", [31, 5000, 200_000])
def test_deep_nesting_is_left(deep: int) -> None:
    assert read_json('{"notes": ' + "[" * deep + "]" * deep + "}", KEYS)[0] == {}
    assert read_json('{"notes": ' + "[" * deep + "]" * deep + "} " + GOOD, KEYS) == (WHOLE, True)


def test_a_number_of_thousands_of_digits_leaves_the_rest() -> None:
    found, whole = read_json('{"model": {"a": ' + "9" * 5000 + ', "b": -' + "9" * 5000 + '}, "notes": "x"}', KEYS)
    assert whole
    assert found == {"model": {"a": math.inf, "b": -math.inf}, "notes": "x"}


def test_half_a_letter_can_be_sent_to_a_page() -> None:
    found, _ = read_json('{"notes": ["\\ud83d", {"\\ude00x": "\\ud83d\\ude00"}]}', KEYS)
    assert found == {"notes": ["\ufffd", {"\ufffdx": "😀"}]}
    json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text", ["", "prose", "null", "[]", "{}", '{"other": 1}', '"{\\"notes\\": 1}"', "{'notes': 1}"]
)
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert read_json(text, KEYS) == ({}, False)
