"""With ``mask_names`` a server reads no name of dataset, class or column, whatever is asked."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from automl_gpt_magic.answers import Answers, Options
from automl_gpt_magic.connection import connect
from automl_gpt_magic.consult import consult
from automl_gpt_magic.pipeline import budget_of, survey
from automl_gpt_magic.planning.build import build_plan
from automl_gpt_magic.records.mask import Mask
from automl_gpt_magic.settings import AutoML
from automl_gpt_magic.situations import replanner
from tests.conftest import small_adult
from tests.scripted_llm import ScriptedLLM, answer

RENAMED = {"age": "Wing_Span", "workclass": "hive-keeper", "hours": "größe in mm", "income": "Queen Alive"}
CLASSES = {"<=50K": "<=lost", ">50K": ">=kept"}
NAMES = [*RENAMED.values(), "wing span", *CLASSES.values(), "Zeidler", "swarmed off", "Breast Cancer Wisconsin"]
CARDS = """\
data:
  name: Zeidler Apiaries
  task: binary classification
  description: Hives of the Zeidler family, measured by wing span.
  label_space: [{name: "<=lost", description: has swarmed off}, {name: ">=kept", description: still there}]
  frame: bees
  target: Queen Alive
  metrics: [accuracy, log_loss]
model:
  - name: XGBoost for Zeidler Apiaries
    description: tuned on zeidler apiaries, where wing span mattered
  - name: XGBoost shallow for "Queen Alive"
    hyperparameters: {max_depth: 3}
request: |
  Train under a minute. Find every ">=kept" of the Zeidler Apiaries; wing-span and "größe in mm" are unreliable.
"""


def bees():
    frame = small_adult().rename(columns=RENAMED)
    return frame.replace({"Queen Alive": CLASSES})


def surveyed(cards=CARDS, **options):
    settings = AutoML(cache="", mask_names=True, **options)
    return survey(cards, {}, frame=bees(), settings=settings), settings


def said(values=(), code="", card="", notes=""):
    hyperparameters = [
        {"name": name, "value": value, "reason": "column 1 is noisy"} for name, value in dict(values).items()
    ]
    return json.dumps(
        {
            "data_processing": {"techniques": [{"technique": "fill Column 3", "reason": "of class 2"}], "code": code},
            "model": {"card": card, "why": "class 1 is rare"},
            "candidates": [{"hyperparameters": hyperparameters, "log": [], "expected": 0.4}],
            "notes": notes,
        }
    )


PREPARE = """def prepare(rows):
    rows = rows.copy()
    rows["column 1 known"] = rows["column 1"].notna()
    return rows
"""
GOOD = said({"gamma": 1.0}, PREPARE, notes="column 2 tells class 1")


@pytest.fixture
def server():
    with ScriptedLLM(answer(GOOD)) as running:
        yield running


def ask(server, situation, settings):
    settings = settings.changed(retries=0)
    model = connect(base_url=server.base_url, model="scripted")
    return consult(situation, model, budget_of(settings), replan=replanner(settings), settings=settings)


def leaked(server):
    whole = "\n".join(json.dumps(post.body, ensure_ascii=False) for post in server.posts).casefold()
    return [name for name in NAMES if name.casefold() in whole or name.strip("<>=").casefold() in whole]


def test_without_the_setting_names_are_sent(server):
    settings = AutoML(cache="")
    ask(server, survey(CARDS, {}, frame=bees(), settings=settings), settings)
    assert len(leaked(server)) >= len(NAMES) - 1


def test_no_name_is_in_any_request_of_a_conversation_with_repair_rounds_and_another_card(server):
    situation, settings = surveyed(rounds=3)
    wrong = 'def prepare(rows):\n    return rows[["column 7"]]'
    other = 'XGBoost shallow for "target"'
    server.play(
        *(answer(said({"gamma": 1.0, "subsample": 7.0}, wrong, other)), answer(said({"gamma": 2.0}, PREPARE, other)))
    )
    done = ask(server, situation, settings)
    assert len(server.posts) == 4
    assert "reads the column 'column 7'" in json.dumps(server.posts[1].body)
    assert leaked(server) == []
    assert done.situation.model.name == 'XGBoost shallow for "Queen Alive"'
    assert done.situation.prompt.mask is not None


def test_the_request_still_reads_as_one(server):
    situation, _ = surveyed()
    user = situation.prompt.messages[1].content
    assert 'Find every "class 2" of the dataset; column 1 and "column 3" are unreliable.' in user
    assert "column 1 (numeric), column 2 (categorical), column 3 (numeric)" in user
    assert "label space: class 1, class 2" in user
    assert "description: none" in user


def test_the_answer_is_shown_with_the_names(server):
    situation, settings = surveyed()
    found = ask(server, situation, settings).situation.answer
    assert found.notes == "hive-keeper tells <=lost"
    assert found.techniques == (("fill größe in mm", "of >=kept"),)
    assert found.model_reason == "<=lost is rare"
    assert found.suggestions[0].reasons == {"gamma": "Wing_Span is noisy"}
    assert found.refused == ()


def test_the_code_in_the_cell_reads_the_real_columns(server):
    situation, settings = surveyed()
    done = ask(server, situation, settings)
    source = done.situation.answer.data_code.source
    assert "column" not in source
    plan = build_plan(done.situation, {}, {source: True})
    defined = {"bees": bees()}
    exec(plan.code["data"], defined)
    prepared = defined["zeidler_apiaries_prepare"](bees()[["Wing_Span", "hive-keeper", "größe in mm"]])
    assert isinstance(prepared, pd.DataFrame)
    assert list(prepared.columns)[-1] == "Wing_Span known"


def test_code_whose_names_cannot_be_put_back_is_refused_and_said_so_and_sent_back(server):
    code = 'def prepare(rows):\n    return rows.drop(columns=[f"column {i}" for i in (1, 2)])'
    server.play(answer(said({"gamma": 1.0}, code)))
    situation, settings = surveyed()
    done = ask(server, situation, settings)
    assert [one.part for one in done.situation.answer.refused] == ["preprocessing code"]
    assert "write each name out" in done.situation.answer.refused[0].reason
    assert len(server.posts) == 2
    assert leaked(server) == []
    assert "write each name out" in json.dumps(server.posts[1].body)


def test_a_recorded_answer_is_replayed_with_the_mask_and_not_without(server, tmp_path):
    situation, settings = surveyed()
    settings = settings.changed(base_url=server.base_url, model="scripted")
    options = {
        "budget": budget_of(settings),
        "replan": replanner(settings),
        "begin": lambda _: None,
        "hear": lambda _: None,
    }
    Answers().get(situation, settings, Options(), **options)
    again = Answers().get(situation, settings, Options(), **options)
    assert len(server.posts) == 1
    assert again.situation.answer.notes == "hive-keeper tells <=lost"
    plain = settings.changed(mask_names=False, base_url="")
    options |= {"replan": replanner(plain), "budget": budget_of(plain)}
    other = Answers().get(survey(CARDS, {}, frame=bees(), settings=plain), plain, Options(), **options)
    assert other.situation.answer is None
    assert "mask_names changed since" in " ".join(other.notes)


def test_names_are_found_in_any_case_and_between_any_signs_and_no_other_words():
    mask = Mask({"column 1": "age", "column 2": "fixed_acidity", "column 3": "7", "column 4": "no"}, {}, {}, {})
    assert mask.hide("Age, AGE; average no 7") == "column 1, column 1; average no 7"
    assert mask.hide("(Fixed acidity) fixed-acidity fixed_acidity2") == "(column 2) column 2 fixed_acidity2"


def test_ten_thousand_names_are_hidden_quickly():
    names = {f"class {number}": f"label number {number}" for number in range(10_000)}
    assert Mask({}, names, {}, {}).hide("about label number 77 " * 200).startswith("about class 77 about")


def test_the_environment_sets_it(monkeypatch):
    assert not AutoML().mask_names
    for value, wanted in (("1", True), ("true", True), ("0", False), ("no", False), ("", False)):
        monkeypatch.setenv("AUTOML_GPT_MAGIC_MASK_NAMES", value)
        assert AutoML().mask_names is wanted
    monkeypatch.setenv("AUTOML_GPT_MAGIC_ENCODER", "clip-ViT-B-32")
    assert AutoML().encoder == "clip-ViT-B-32"
