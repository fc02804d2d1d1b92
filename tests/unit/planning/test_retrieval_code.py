"""The cells for passage retrieval: the data cell is really run; the networks are, in the integration tests."""

from __future__ import annotations

import ast
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from automl_gpt_magic.cards import describe, load_table, read_cards
from automl_gpt_magic.errors import DataError
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.planning.recipes.data import data_cell, data_steps
from automl_gpt_magic.planning.recipes.model import model_cell
from automl_gpt_magic.planning.recipes.next_steps import next_cells
from automl_gpt_magic.planning.recipes.training import training_cell
from automl_gpt_magic.records.card import RETRIEVAL, DataCard, Split
from automl_gpt_magic.training.cells import run_cells

GOLDEN = Path(__file__).parent / "golden"
DPR = family_named("DPR")
CARD = DataCard("Task", "text", task=RETRIEVAL, metrics=("recall_at_20", "mrr"), path="questions.json")


def passage(text, title="Title"):
    return {"title": title, "text": text, "score": 1.0, "passage_id": "7"}


def question(text, right, wrong=(), **more):
    contexts = {"positive_ctxs": [passage(one) for one in right], "hard_negative_ctxs": [passage(one) for one in wrong]}
    return {"question": text, "answers": ["x"], **contexts, **more}


def ten(**first):
    """Return ten questions, each with a right passage of its own, and the next one's as a hard wrong one."""
    entries = [question(f"q{n}", [f"p{n}"], [f"p{(n + 1) % 10}"]) for n in range(10)]
    return [{**entries[0], **first}, *entries[1:]]


def written(entries, folder, name="questions.json"):
    lines = name.endswith(".jsonl")
    text = "\n".join(map(json.dumps, entries)) if lines else json.dumps(entries)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def prepared(entries, folder, name="questions.json", **split):
    card = replace(CARD, path=written(entries, folder, name), split=Split(**split))
    return run_cells([("data", data_cell(DPR, "task", card, None))], {})


def read(path):
    cards = read_cards({"data": {"name": "Task", "task": RETRIEVAL, "path": str(path)}})
    return describe(cards, load_table(cards, {}))


@pytest.mark.parametrize("stage", ["data", "model", "training"])
def test_the_cells_are_the_golden_ones(stage):
    source = {
        "data": lambda: data_cell(DPR, "task", CARD, None),
        "model": lambda: model_cell(DPR, "task", CARD),
        "training": lambda: training_cell(DPR, "task", CARD, DPR.space.default, "12345678"),
    }[stage]()
    ast.parse(source)
    path = GOLDEN / f"retrieval_{stage}.py"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(source + "\n")
    assert source + "\n" == path.read_text()


@pytest.mark.parametrize("name", ["questions.json", "questions.jsonl"])
def test_the_passages_of_all_questions_are_the_pool_each_once(tmp_path, name):
    done = prepared(ten(), tmp_path, name)
    assert sorted(done["task_passages"]) == [("Title", f"p{n}") for n in range(10)]
    right, wrong = done["task_target"](done["task_rows"])[3]
    assert [done["task_passages"][place] for place in right + wrong] == [("Title", "p3"), ("Title", "p4")]


def test_texts_are_cleaned_and_what_is_equal_then_is_one_passage(tmp_path):
    entries = ten(question="  Ｑ0\u00a0 now\n", positive_ctxs=[passage(" p\u0301 x"), passage("ṕ x ", title="Title ")])
    done = prepared(entries, tmp_path)
    assert done["task_questions"](done["task_rows"])[0] == "Q0 now"
    assert [passage for passage in done["task_passages"] if "ṕ" in passage[1]] == [("Title", "ṕ x")]


def test_a_question_without_a_right_passage_is_dropped_and_said(tmp_path):
    entries = ten(positive_ctxs=[])
    done = prepared(entries, tmp_path)
    assert len(done["task_rows"]) == 9
    cards, profile, _ = read(tmp_path / "questions.json")
    assert data_steps(DPR, cards.data, profile)[0].technique == "drop questions without a right passage"
    assert "1 have none" in data_steps(DPR, cards.data, profile)[0].reason


def test_no_passage_that_answers_a_validation_question_is_trained_on(tmp_path):
    entries = [question(f"q{n}", [f"p{n // 2}"], [f"p{(n // 2 + step) % 15}" for step in (1, 2)]) for n in range(30)]
    done = prepared(entries, tmp_path, validation=0.3)
    train, valid = (done["task_target"](done[f"task_{part}"]) for part in ("train", "valid"))
    answering = {place for right, _ in valid for place in right}
    assert len(valid) >= 8
    assert len(train) + len(valid) == 30
    assert not answering & {place for right, wrong in train for place in (*right, *wrong)}
    assert any(wrong for _, wrong in train)


def test_where_all_questions_share_a_passage_they_are_still_split_and_it_is_said(tmp_path, capsys):
    entries = [question(f"q{n}", ["everybody's", f"p{n}"]) for n in range(10)]
    done = prepared(entries, tmp_path)
    assert (len(done["task_train"]), len(done["task_valid"])) == (8, 2)
    assert "All questions share right passages" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_parts(tmp_path):
    first, again, other = (list(prepared(ten(), tmp_path, seed=seed)["task_valid"].index) for seed in (0, 0, 1))
    assert first == again != other


def test_a_right_passage_is_no_wrong_one_of_the_same_question(tmp_path):
    done = prepared(ten(hard_negative_ctxs=[passage("p0"), passage("p5")]), tmp_path)
    right, wrong = done["task_target"](done["task_rows"])[0]
    assert right == [0]
    assert [done["task_passages"][place] for place in wrong] == [("Title", "p5")]


def test_what_a_file_says_is_data_and_no_code(tmp_path):
    hostile = "'''\n__import__('os').system('echo')\n{n} ${n} \\"
    done = prepared(ten(question=hostile), tmp_path)
    assert "__import__('os')" in done["task_questions"](done["task_rows"])[0]
    cell = data_cell(DPR, "task", replace(CARD, name=hostile, path="a'\n\"b.json"), None)
    assert cell.splitlines()[1] == "import json"
    assert "task_read('a\\'\\n\"b.json')" in cell


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "is no list of questions"),
        ('{"question": "q"}', "is no list of questions"),
        ("[3]", "question 0 is no mapping"),
        (json.dumps([{"answers": [], "positive_ctxs": []}]), "question 0 has no text as question"),
        (json.dumps([{"question": "q", "answers": []}]), "question 0 has no positive_ctxs"),
        (json.dumps([question("q", [])]), "no question of .* has a positive passage"),
        (json.dumps(ten(positive_ctxs=[{"title": "no text"}])), "has no title and text in positive_ctxs 0"),
        (json.dumps(ten(positive_ctxs="p")), "positive_ctxs that are no list"),
        (json.dumps(ten(hard_negative_ctxs=[passage("x" * 200_000)])), "no title and text in hard_negative_ctxs 0"),
        (json.dumps(ten(answers=[1])), "answers that are no list of texts"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path, content, wrong):
    (tmp_path / "bad.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=wrong) as refused:
        read(tmp_path / "bad.json")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_only_passages_are_found_next():
    assert list(next_cells(DPR, "task", CARD, None)) == ["predict"]
    ast.parse(next_cells(DPR, "task", CARD, None)["predict"])


def test_the_trained_model_is_not_trained_again_on_all_rows():
    cell = training_cell(DPR, "task", CARD, DPR.space.default, "12345678")
    assert "not refitted" in cell
    assert "clone" not in cell


@pytest.mark.parametrize(
    ("values", "n_parameters"),
    [({}, 2 * 22_565_376), ({"encoders": "one"}, 22_565_376), ({"encoders": "one", "layers": 3}, 17_241_984)],
)
def test_the_parameters_are_those_of_the_packaged_encoder(values, n_parameters):
    planned = DPR.architecture(CARD, None, {**DPR.space.default, **values})
    assert planned.n_parameters == n_parameters


def test_berts_parameters_are_those_of_bert_base_without_its_pooler():
    """Devlin et al. 2018 (arXiv 1810.04805, section 3) give 110 million in all."""
    planned = DPR.architecture(CARD, None, {**DPR.space.default, "encoder": "bert-base-uncased", "encoders": "one"})
    assert planned.n_parameters == 109_482_240 - (768 * 768 + 768)
