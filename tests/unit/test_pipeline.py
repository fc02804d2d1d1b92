"""Cards to plan, from Python."""

import json
import re

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

import automl_gpt_magic
from automl_gpt_magic.connection import connect
from automl_gpt_magic.errors import AutoMLError, CardError
from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.build import build_plan
from tests.conftest import CARDS, small_adult
from tests.scripted_llm import ScriptedLLM, answer


def test_a_plan_has_plain_values_a_bounded_curve_code_and_prompt(adult):
    plan = automl_gpt_magic.plan(CARDS, frame=adult)
    assert json.loads(json.dumps(plan.hyperparameters)) == plan.hyperparameters
    assert plan.curve.metric == "log_loss"
    assert plan.curve.lower.shape == plan.curve.upper.shape == plan.curve.value.shape
    assert list(plan.code) == ["data", "model", "training"]
    assert "Small Adult" in plan.prompt


def test_the_same_cards_give_the_same_plan(adult):
    first, second = (automl_gpt_magic.plan(CARDS, frame=adult) for _ in range(2))
    assert first.code == second.code
    assert first.revision == second.revision
    assert np.array_equal(first.curve.value, second.curve.value)


def test_a_model_without_a_card_stands_once_in_the_prompt(adult):
    plan = automl_gpt_magic.plan({"data": {"name": "Small Adult", "target": "income"}}, frame=adult)
    assert plan.prompt.count("Model card. <card>Name: XGBoost") == 1


def answering(values, notes=""):
    hyperparameters = [{"name": name, "value": value, "reason": "noise"} for name, value in values.items()]
    candidate = {"hyperparameters": hyperparameters, "log": [], "expected": 0.4}
    return json.dumps({"candidates": [candidate], "notes": notes})


def planned_with(server, cards=CARDS, **options):
    return automl_gpt_magic.plan(cards, model=connect(base_url=server.base_url, model="scripted"), **options)


def test_every_value_has_its_source(adult):
    gamma = automl_gpt_magic.plan(CARDS, frame=adult).hyperparameters["gamma"] * 1.02
    with ScriptedLLM(answer(answering({"gamma": gamma}))) as server:
        plan = planned_with(server, frame=adult)
    sources = {planned.name: planned.source for planned in plan.values}
    assert (sources["max_depth"], sources["gamma"]) == ("user", "llm")
    assert sources["learning_rate"] in ("neighbour", "prior")
    assert (plan.llm, plan.chosen) == ("scripted", "LLM 1")
    assert len(server.posts) == 1


def test_what_an_llm_gets_wrong_is_sent_back_once_and_then_falls_back_to_the_evidence(adult):
    with ScriptedLLM(answer(answering({"subsample": 1.7}))) as server:
        with_llm = planned_with(server, frame=adult)
    assert with_llm.hyperparameters == automl_gpt_magic.plan(CARDS, frame=adult).hyperparameters
    (refused,) = with_llm.answer.refused
    assert "subsample 1.7 is above 1" in refused.reason
    assert "1.7" in next(planned.reason for planned in with_llm.values if planned.name == "subsample")
    first, second = (post.body["messages"] for post in server.posts)
    schema = server.posts[0].body["response_format"]["json_schema"]["schema"]
    _, *printed = re.split(r"(?:^|\n\n)\[(?:system|user|response_format.*)\]\n", with_llm.prompt)
    assert printed == [first[0]["content"], first[1]["content"], json.dumps(schema)]
    assert second[:2] == first
    assert "subsample 1.7 is above 1" in second[3]["content"]


def test_a_corrected_value_counts(adult):
    near = automl_gpt_magic.plan(CARDS, frame=adult).hyperparameters["subsample"] * 0.99
    with ScriptedLLM() as server:
        server.play(answer(answering({"subsample": 1.7})), answer(answering({"subsample": near}, "better")))
        plan = planned_with(server, frame=adult)
    assert plan.answer.refused == ()
    assert plan.hyperparameters["subsample"] == near
    assert plan.answer.notes == "better"


def test_a_configuration_that_measured_runs_predict_worse_does_not_win(adult):
    with ScriptedLLM(answer(answering({"learning_rate": 0.5, "min_child_weight": 0.5}))) as server:
        plan = planned_with(server, frame=adult)
    assert plan.hyperparameters == automl_gpt_magic.plan(CARDS, frame=adult).hyperparameters
    assert plan.chosen == "transferred"
    assert {"LLM 1", "default"} < {candidate.name for candidate in plan.candidates}
    ranked = [c.predicted for c in plan.candidates if not c.ruled_out and c.source != "search"]
    assert ranked == sorted(ranked)


def test_an_edit_changes_code_and_curve_but_not_the_revision(adult):
    situation = survey(CARDS, {}, frame=adult)
    before, after = build_plan(situation, {}), build_plan(situation, {"learning_rate": 0.4, "n_estimators": 33})
    assert "'learning_rate': 0.4" in after.code["training"]
    assert after.curve.steps[-1] == 33
    assert before.revision == after.revision
    assert before.curve.final != after.curve.final


def test_words_that_change_no_code_leave_every_cell_as_it_is(adult):
    before = automl_gpt_magic.plan(CARDS, frame=adult)
    after = automl_gpt_magic.plan(CARDS + "  Thank you.\n", frame=adult)
    assert before.prompt != after.prompt
    assert (before.code, before.revision) == (after.code, after.revision)


def test_an_edit_back_to_the_proposed_value_is_no_edit(adult):
    situation = survey(CARDS, {}, frame=adult)
    proposed = build_plan(situation, {}).proposed["subsample"]
    plan = build_plan(situation, {"subsample": proposed})
    assert plan.edits == {}
    assert next(p.source for p in plan.values if p.name == "subsample") != "user"


def test_cards_may_be_a_mapping_and_need_no_table():
    data = {
        "name": "Survey",
        "task": "binary classification",
        "n_rows": 9000,
        "n_features": 20,
        "n_categorical": 10,
        "class_balance": {"no": 0.7, "yes": 0.3},
    }
    plan = automl_gpt_magic.plan({"data": data, "model": "XGBoost"})
    assert plan.code == {}
    assert 0 < plan.curve.final < 0.7


def test_a_time_limit_in_the_request_is_checked(adult):
    (check,) = automl_gpt_magic.plan(CARDS, frame=adult).checks
    assert check.met is True
    assert "60 s" in check.text


def test_the_frame_is_looked_up_in_the_namespace(adult):
    assert survey(CARDS, {"adult": adult}).table.n_rows == 600
    with pytest.raises(CardError, match="adult"):
        survey(CARDS, {"adlut": adult})


def test_from_python_the_frame_is_passed_and_the_test_frame_is_the_codes_own(adult):
    cards = CARDS.replace("  target:", "  split: {test_frame: later}\n  target:")
    assert "later.dropna" in automl_gpt_magic.plan(cards, frame=adult).code["test"]
    with pytest.raises(CardError, match=r"plan\(cards, frame=adult\)"):
        automl_gpt_magic.plan(cards)


def test_a_csv_file(adult, tmp_path):
    path = tmp_path / "it's a file.csv"
    adult.to_csv(path, index=False)
    plan = automl_gpt_magic.plan({"data": {"name": "From csv", "path": str(path), "target": "income"}})
    namespace = {}
    for source in plan.code.values():
        exec(source.replace(f"'n_estimators': {plan.hyperparameters['n_estimators']}", "'n_estimators': 3"), namespace)
    assert namespace["from_csv_valid_scores"]["accuracy"] > 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("input_type: tabular", "input_type: image"), "line 3.*images come from a folder"),
        (
            ("input_type: tabular", "input_type: audio"),
            "line 3.*audio data cannot be planned yet; .*tabular and text can",
        ),
        (("target: income", "target: incme"), "line 8.*did you mean income"),
        (("name: XGBoost", "name: Swin"), r"line 10.*write XGBoost"),
        (("max_depth: 6", "max_dept: 6"), r"line 12.*did you mean max_depth"),
        (("metrics: [accuracy, log_loss]", "metrics: [acuracy]"), r"line 6.*did you mean accuracy"),
    ],
)
def test_what_a_user_gets_wrong_is_one_line_with_its_place(adult, change, message):
    with pytest.raises(AutoMLError, match=message) as caught:
        automl_gpt_magic.plan(CARDS.replace(*change), frame=adult)
    assert "\n" not in str(caught.value)


def test_one_class_and_no_rows(adult):
    with pytest.raises(AutoMLError, match="one value"):
        automl_gpt_magic.plan(CARDS, frame=adult.assign(income=">50K"))
    with pytest.raises(AutoMLError, match="row"):
        automl_gpt_magic.plan(CARDS, frame=adult[:0])


def test_small_and_tiny_tables_still_plan_and_run():
    frame = small_adult(40)
    plan = automl_gpt_magic.plan(CARDS, frame=frame)
    namespace = {"adult": frame}
    for source in plan.code.values():
        exec(source, namespace)
    assert namespace["small_adult_valid_scores"]["log_loss"] > 0


def test_a_family_without_runs_names_a_published_recipe_of_its_model_and_no_other(monkeypatch):
    cards = "data: {name: X, input_type: tabular, frame: adult, target: income}\nmodel: {name: %s}"
    monkeypatch.setattr("automl_gpt_magic.situations.is_recorded", lambda family, task: False)
    noted = automl_gpt_magic.plan(cards % "PyTorch MLP", frame=small_adult()).notes
    assert any(note.startswith("Not measured here, published: MLP on ") for note in noted)
    noted = automl_gpt_magic.plan(cards % "HistGradientBoosting", frame=small_adult()).notes
    assert not any("published" in note for note in noted)


def test_a_recorded_dataset_is_recognised_and_can_be_left_out(monkeypatch):
    frame = load_breast_cancer(as_frame=True).frame
    cards = "data: {name: Tumours, input_type: tabular, frame: cells, target: target}"
    plan = automl_gpt_magic.plan(cards, frame=frame)
    assert "breast_cancer" in {near.key for near in plan.evidence.neighbours}
    assert any("looks like the recorded Breast Cancer Wisconsin (diagnostic)" in note for note in plan.notes)
    monkeypatch.setenv("AUTOML_GPT_MAGIC_LEAVE_OUT_KNOWN", "1")
    plan = automl_gpt_magic.plan(cards, frame=frame)
    assert "breast_cancer" not in {near.key for near in plan.evidence.neighbours}
    assert any("was left out: it looks like this dataset" in note for note in plan.notes)


def test_a_table_is_measured_and_a_card_alone_is_not(adult):
    assert automl_gpt_magic.plan(CARDS, frame=adult).evidence.measured
    card = "data: {name: X, input_type: tabular, task: binary classification, n_rows: 600, n_features: 3}"
    assert not automl_gpt_magic.plan(card).evidence.measured
