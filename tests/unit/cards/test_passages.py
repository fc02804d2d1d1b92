"""Questions with passages: what is read of such files, and what is wrong with them."""

import json

import pytest

from automl_gpt_magic.cards import describe, load_table, read_cards
from automl_gpt_magic.errors import DataError
from automl_gpt_magic.records.card import RETRIEVAL


def question(number, **changed):
    right = {"title": f"Title {number}", "text": f"The answer is {number}.", "score": 1000}
    wrong = {"title": "Wrong", "text": f"Not {number}."}
    row = {
        "question": f"Which number is {number}?",
        "answers": [str(number)],
        "positive_ctxs": [right],
        "hard_negative_ctxs": [wrong],
        "negative_ctxs": [{"title": "Far", "text": "Something else."}],
    }
    return {**row, **changed}


def written(tmp_path, rows, name="questions.json"):
    path = tmp_path / name
    lines = "\n".join(map(json.dumps, rows))
    path.write_text(lines if name.endswith("l") else json.dumps(rows))
    return path


def read(path):
    cards = read_cards({"data": {"name": "NQ", "task": "open-domain question answering", "path": str(path)}})
    return cards, load_table(cards, {})


@pytest.mark.parametrize("name", ["questions.json", "questions.jsonl"])
def test_both_forms_are_read_alike(tmp_path, name):
    cards, table = read(written(tmp_path, [question(1), question(2)], name))
    assert table["question"].tolist() == ["Which number is 1?", "Which number is 2?"]
    assert table["positives"][0] == [["Title 1", "The answer is 1."]]
    assert table["negatives"][1] == [["Wrong", "Not 2."], ["Far", "Something else."]]
    cards, profile, notes = describe(cards, table)
    assert (cards.data.task, cards.data.input_type, cards.data.n_rows) == (RETRIEVAL, "text", 2)
    assert cards.data.metrics == ("recall_at_20", "mrr")
    assert profile.names("text") == ["question"]
    assert notes == ("2 questions with 5 different passages",)


def test_questions_without_a_right_passage_are_left_out_and_counted(tmp_path):
    cards, table = read(written(tmp_path, [question(1), question(2, positive_ctxs=[])]))
    _, profile, notes = describe(cards, table)
    assert (profile.n_rows, profile.n_unlabelled) == (1, 1)
    assert any("1 questions without a positive passage are left out" in note for note in notes)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"question": " "}, "question 1 has no text as question"),
        ({"question": 3}, "question 1 has no text as question"),
        ({"answers": "two"}, "question 1 has answers that are no list of texts"),
        ({"positive_ctxs": {"text": "a"}}, "question 1 has positive_ctxs that are no list"),
        ({"positive_ctxs": [{"title": "a"}]}, "question 1 has no title and text in positive_ctxs 0"),
        ({"hard_negative_ctxs": ["a"]}, "question 1 has no title and text in hard_negative_ctxs 0"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, changed, message):
    with pytest.raises(DataError, match=message):
        read(written(tmp_path, [question(1), question(2, **changed)]))


def test_a_question_without_passages_is_another_form(tmp_path):
    row = question(1)
    del row["positive_ctxs"]
    with pytest.raises(DataError, match="question 0 has no positive_ctxs"):
        read(written(tmp_path, [row]))


@pytest.mark.parametrize(("text", "message"), [("{}", "is no list of questions"), ("[", "cannot be read as JSON")])
def test_json_of_another_form_is_refused(tmp_path, text, message):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read(path)
