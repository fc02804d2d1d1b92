"""Exported projects, really run: without this package, without a notebook, and with the notebook's own scores."""

from __future__ import annotations

import json
import py_compile
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

import automl_gpt_magic
from automl_gpt_magic.cards import describe, read_cards
from automl_gpt_magic.errors import DataError, UsageError
from automl_gpt_magic.export import folder as project_folder
from automl_gpt_magic.export import imports, project, trained
from automl_gpt_magic.export.markdown import user
from automl_gpt_magic.planning.recipes import tabular
from automl_gpt_magic.records.curve import Curve
from automl_gpt_magic.records.run import Measured
from automl_gpt_magic.training.kept import kept_run
from tests.conftest import CARDS, small_adult
from tests.integration.exported import QUICK, Case, export, front_matter, planned, run_projects

TEST_CARDS = CARDS.replace("{max_depth: 6}", "{n_estimators: 4}").replace(
    "  target:", "  split: {test_frame: adult_test}\n  target:"
)
HOSTILE = 'a"""b\\ \': {x: 1}\n---\n# | <script>alert(1)</script> [x](http://evil) \u202e'
COLUMN = "it's \"\\ | `<b>`\n: #"
PREPARE = "def task_prepare(rows):\n    return rows.assign(ratio=rows['hours'] / rows['age'])\n"


@pytest.fixture(scope="module")
def plan():
    return planned(small_adult())


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Return the projects after one process has run them all, in a folder of its own."""
    home = tmp_path_factory.mktemp("projects")
    adult = small_adult()
    multiclass = adult.assign(income=pd.cut(adult["hours"], 3, labels=["low", "mid", "high"]).astype(str))
    hostile = adult.assign(income=HOSTILE + adult["income"]).rename(columns={"hours": COLUMN, "income": HOSTILE})
    edited = planned(adult)
    code = {**edited.code, "data": _prepared(adult)}
    found = {
        "binary": Case(home / "binary", automl_gpt_magic.plan(TEST_CARDS, frame=adult), adult, small_adult(200, 1)),
        "regression": Case(home / "regression", planned(adult, "hours", task="regression"), adult),
        "multiclass": Case(
            home / "multiclass",
            planned(multiclass, metrics=["log_loss", "f1", "roc_auc"]),
            multiclass,
            with_model=False,
        ),
        "hostile": Case(
            home / "hostile",
            planned(hostile, HOSTILE, HOSTILE, description=HOSTILE, licence=HOSTILE, source=HOSTILE),
            hostile,
        ),
        "prepared": Case(home / "prepared", edited, adult, sources=code),
    }
    run_projects(home, [(case.folder, "data/train.parquet") for case in found.values()])
    return found


def _prepared(adult):
    """Return a data cell whose columns are known only once the rows are read."""
    cards, table, _ = describe(read_cards({"data": {"name": "Task", "target": "income", "frame": "frame"}}), adult)
    return tabular.data_cell("task", tabular.card_as_trained(cards, table), table, PREPARE)


ALL = ["binary", "regression", "multiclass", "hostile", "prepared"]


@pytest.mark.parametrize("name", ALL)
def test_a_project_without_the_package_scores_as_the_cells_do(cases, name):
    case = cases[name]
    scores = json.loads((case.folder / "scores.json").read_text())
    assert scores["validation"] == case.scores("valid")
    assert "automl_gpt_magic" not in "".join(path.read_text() for path in case.folder.glob("*.py"))


@pytest.mark.parametrize("name", ALL)
def test_the_saved_model_predicts_as_the_notebooks(cases, name):
    case = cases[name]
    wanted = case.model.predict(case.frame).tolist()
    assert case.predicted == (wanted if case.saved else None, wanted)


def test_the_test_rows_are_scored(cases):
    scores = json.loads((cases["binary"].folder / "scores.json").read_text())
    assert scores["test"] == cases["binary"].scores("test")


def test_the_exported_model_is_that_of_the_notebook_and_no_pickle(cases, tmp_path, monkeypatch):
    case = cases["binary"]
    assert case.saved == {"model.ubj", "preprocessing.skops"}
    folder = tmp_path / "again"
    export(case.plan, folder, frame=case.frame, test_frame=small_adult(9, 1), model=case.model)
    assert {*zipfile.ZipFile(folder / "preprocessing.skops").namelist()} == {"schema.json"}
    (folder / "data" / "train.parquet").unlink()
    monkeypatch.syspath_prepend(folder)
    try:
        from predict import load_model

        rows = small_adult(50, seed=3)
        assert (load_model().predict_proba(rows) == case.model.predict_proba(rows)).all()
    finally:
        for name in ("predict", "preprocess", "model"):
            sys.modules.pop(name, None)


def test_columns_that_only_the_rows_show_leave_the_preprocessing_to_be_rebuilt(cases):
    assert cases["prepared"].saved == {"model.ubj"}
    assert "rebuilds it from the training rows" in front_matter(cases["prepared"].folder)[1]


@pytest.mark.parametrize("name", ALL)
def test_scripts_compile_and_the_card_parses(cases, name, tmp_path):
    case = cases[name]
    for script in case.folder.glob("*.py"):
        py_compile.compile(str(script), cfile=str(tmp_path / "c"), doraise=True)
    front, text = front_matter(case.folder)
    assert front["library_name"] == "xgboost"
    assert "model-index" not in front
    assert "Measured results\n\nNone." in text
    config = yaml.safe_load((case.folder / "config.yaml").read_text(encoding="utf-8"))
    assert config["hyperparameters"] == case.plan.hyperparameters
    assert config["split"] == ({"validation": 0.2, "seed": 0})
    assert config["about"]["target"] == case.plan.cards.data.target


def test_hostile_text_stays_text(cases):
    front, text = front_matter(cases["hostile"].folder)
    assert front["license"] == "other"
    assert front["license_name"].replace("-", "").isalnum()
    assert "<script>" not in text
    assert "http://evil" not in text
    assert "\u202e" not in text
    assert "\n---\n#" not in text
    assert len(front["datasets"]) == 1


def test_requirements_are_exact_and_only_what_is_imported(cases):
    lines = (cases["binary"].folder / "requirements.txt").read_text().split("\n")
    assert f"pandas=={pd.__version__}" in lines
    assert all("==" in line for line in lines[1:-1])
    assert not any("automl" in line for line in lines)


def test_a_module_of_no_package_is_named():
    assert "# of_the_user: of no installed package" in imports.requirements(["os", "of_the_user"])


def test_predict_prints_the_names_of_the_classes(cases):
    lines = (cases["binary"].folder / "predicted.txt").read_text().split()
    assert lines[0] == "prediction"
    assert lines[1:] == [["<=50K", ">50K"][code] for code in cases["binary"].model.predict(cases["binary"].frame)]


def measured_run(plan, sources=None, **changes):
    steps = np.arange(1, 4)
    curves = {"log_loss": Curve("log_loss", steps, np.array([0.6, 0.5, 0.4321]), source="measured")}
    measured = Measured(plan.names, plan.revision, plan.hyperparameters, curves, 1.5, 3, True)
    code = sources or plan.code
    return replace(kept_run(plan, measured, "f", [code["data"], code["model"]], "cell"), **changes)


def test_measured_numbers_are_results_and_predicted_ones_are_not(tmp_path, adult):
    plan = planned(adult, licence="CC BY 4.0", metrics=["log_loss"])
    export(plan, tmp_path / "p", run=measured_run(plan))
    front, text = front_matter(tmp_path / "p")
    (result,) = front["model-index"][0]["results"]
    assert [(one["type"], one["value"]) for one in result["metrics"]] == [("log_loss", 0.4321)]
    assert front["license"] == "cc-by-4.0"
    measured, predicted = text.partition("## Predicted, not measured")[::2]
    assert "0.4321" in measured
    assert "xgboost" in measured
    assert f"{plan.curve.final:.4g} | {plan.curve.lower[-1]:.4g} to" in predicted
    for curve in plan.forecast.curves.values():
        numbers = [f"{number:.4g}" for number in (curve.final, curve.lower[-1], curve.upper[-1])]
        assert not any(number in str(front) + measured for number in numbers)


def test_the_result_of_a_training_that_stopped_early_is_that_of_its_best_step(tmp_path):
    plan = planned(small_adult(), model={"name": "XGBoost", "hyperparameters": {"early_stopping_rounds": 2}})
    steps, losses = np.arange(1, 4), np.array([0.6, 0.4321, 0.5])
    curves = {"log_loss": Curve("log_loss", steps, losses, source="measured", kept=1)}
    export(plan, tmp_path / "p", run=measured_run(plan, curves=curves))
    front, text = front_matter(tmp_path / "p")
    assert front["model-index"][0]["results"][0]["metrics"][0]["value"] == 0.4321
    assert "after the best boosting round" in text


def test_hugging_face_reads_the_card(tmp_path, plan):
    cards = pytest.importorskip("huggingface_hub").ModelCard
    export(plan, tmp_path / "p", run=measured_run(plan))
    (result,) = cards.load(tmp_path / "p" / "README.md").data.eval_results
    assert (result.metric_type, result.metric_value) == ("log_loss", 0.4321)


@pytest.mark.parametrize("changes", [{"code": "other"}, {"configuration": {"max_depth": 1}}, {"dataset": "Other"}])
def test_a_run_of_something_else_is_no_result(tmp_path, changes, plan):
    export(plan, tmp_path / "p", run=measured_run(plan, **changes))
    front, text = front_matter(tmp_path / "p")
    assert "model-index" not in front
    assert "0.4321" not in text
    assert "of other cells or values" in text


def test_edits_in_the_cells_are_kept(tmp_path, adult, plan):
    sources = dict(plan.code)
    sources["data"] = sources["data"].replace("random_state=0", "random_state=7")
    sources["data"] = sources["data"].replace("task_rows = ", "# mine\nfar = 60  # hours\ntask_rows = ")
    sources["training"] = sources["training"].replace("'n_estimators': 3", "'n_estimators': 2")
    export(plan, tmp_path / "p", sources, frame=adult)
    config = yaml.safe_load((tmp_path / "p" / "config.yaml").read_text())
    assert config["split"]["seed"] == 7
    assert config["hyperparameters"]["n_estimators"] == 2
    assert "# mine\nfar = 60  # hours\n" in (tmp_path / "p" / "preprocess.py").read_text()
    text = front_matter(tmp_path / "p")[1]
    assert "| n\\_estimators | 2 | user | set in the training cell |" in text
    assert "The data code was edited by the user." in text
    assert "Nothing was predicted for these values." in text


@pytest.mark.parametrize(
    "line",
    ["task_numeric.remove('age')", "task_numeric = task_numeric[:1]", "task_features2 = lambda rows: task_rows"],
)
def test_code_that_cannot_be_divided_stays_in_one_module(tmp_path, adult, line, plan):
    data = plan.code["data"].replace("task_train, task_valid =", f"{line}\ntask_train, task_valid =")
    export(plan, tmp_path / "p", {"data": data}, frame=adult)
    assert line in (tmp_path / "p" / "preprocess.py").read_text()
    assert ".fit(task_train)" in (tmp_path / "p" / "preprocess.py").read_text()


def test_a_file_is_referred_to_from_the_project(tmp_path, adult, monkeypatch):
    (tmp_path / "rows").mkdir()
    adult.to_csv(tmp_path / "rows" / "it's.csv", index=False)
    monkeypatch.chdir(tmp_path)
    cards = {"data": {"name": "Task", "target": "income", "path": "rows/it's.csv"}, "model": QUICK}
    export(automl_gpt_magic.plan(cards), tmp_path / "out" / "p")
    config = yaml.safe_load((tmp_path / "out" / "p" / "config.yaml").read_text())
    assert config["data"] == {"path": "../../rows/it's.csv"}
    assert "task_folder / task_config['data']['path']" in (tmp_path / "out" / "p" / "train.py").read_text()
    assert not (tmp_path / "out" / "p" / "data").exists()


def test_rows_that_are_not_given_are_asked_for(tmp_path, plan):
    export(plan, tmp_path / "p")
    assert "into data/train.parquet before training" in front_matter(tmp_path / "p")[1]
    assert not (tmp_path / "p" / "data").exists()


def test_rows_that_parquet_does_not_take_are_csv(tmp_path, adult):
    mixed = adult.assign(odd=pd.Series([1, "1", 2.5] * 200, dtype=object))
    files = export(planned(mixed), tmp_path / "p", frame=mixed)
    assert tmp_path / "p" / "data" / "train.csv" in files
    assert "read back otherwise than in the notebook, so scores may differ: odd." in front_matter(tmp_path / "p")[1]


# What is refused


def test_a_foreign_folder_is_refused_and_an_earlier_export_replaced(tmp_path, adult, plan):
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty and holds no earlier export; name a new"):
        export(plan, folder)
    assert [*tmp_path.glob("**/*.txt")] == [folder / "notes.txt"]
    (folder / "notes.txt").unlink()
    export(plan, folder, frame=adult)
    (folder / "notes.txt").write_text("mine")
    (folder / "scores.json").write_text("{}")
    (folder / "train.py").write_text("old")
    export(plan, folder)
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "train.py").read_text() != "old"
    assert not (folder / "scores.json").exists()
    assert (folder / "data" / "train.parquet").exists()
    with pytest.raises(UsageError, match="is a file"):
        export(plan, folder / "notes.txt")


@pytest.mark.parametrize("text", ["exported_by: someone\n", "- a\n", "{", "!!python/object:os.system {}\n"])
def test_another_config_is_no_marker(tmp_path, text, plan):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(UsageError, match="no earlier export"):
        export(plan, tmp_path)


@pytest.mark.parametrize("before", [False, True])
def test_a_failing_write_leaves_all_as_it_was(tmp_path, adult, monkeypatch, before, plan):
    folder = tmp_path / "p"
    if before:
        export(plan, folder)
    earlier = {path: path.read_bytes() for path in folder.rglob("*")}
    monkeypatch.setattr(project, "requirements", lambda modules: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(DataError, match="No space left"):
        export(plan, folder, frame=adult)
    assert {path: path.read_bytes() for path in folder.rglob("*")} == earlier
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".p")] == []
    assert folder.exists() == before


def test_a_folder_where_a_file_belongs_is_left_alone(tmp_path, adult, plan):
    folder = tmp_path / "p"
    export(plan, folder)
    (folder / "data" / "train.csv").mkdir(parents=True)
    (folder / "data" / "train.csv" / "mine").write_text("mine")
    with pytest.raises(DataError, match="is a folder, where a file belongs"):
        export(plan, folder, frame=adult)
    assert (folder / "data" / "train.csv" / "mine").read_text() == "mine"


@pytest.mark.parametrize("at", [1, 8])
def test_a_failing_move_puts_the_earlier_export_back(tmp_path, monkeypatch, at, plan):
    folder = tmp_path / "p"
    export(plan, folder)
    for path in folder.iterdir():
        if path.name != "config.yaml":
            path.write_text("earlier")
    earlier = {path: path.read_bytes() for path in folder.iterdir()}
    move, calls = project_folder._move, iter(range(1, 100))

    def failing(source, target):
        if next(calls) == at:
            raise PermissionError(13, "Permission denied")
        move(source, target)

    monkeypatch.setattr(project_folder, "_move", failing)
    with pytest.raises(DataError, match="Permission denied"):
        export(plan, folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == earlier


@pytest.mark.parametrize(
    ("stage", "old", "new", "message"),
    [
        ("data", "import numpy", "%time import numpy", "not plain Python in line 2"),
        ("data", "task_rows = ", "task_limit = limit\ntask_rows = ", "read limit, which only the notebook has"),
        ("training", "task_model = ", "model = ", "no longer define task_model"),
        ("training", "task_seconds = -", "automl_gpt_magic.plan({})\ntask_seconds = -", "uses automl_gpt_magic"),
    ],
)
def test_cells_that_need_the_notebook_are_refused(tmp_path, stage, old, new, message, plan):
    with pytest.raises(UsageError, match=message) as caught:
        export(plan, tmp_path / "p", {**plan.code, stage: plan.code[stage].replace(old, new, 1)})
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "p").exists()


def test_a_model_that_is_not_the_cells_is_refused(tmp_path, cases):
    case = cases["regression"]
    for model in (object(), SimpleNamespace(steps=[("a", 1)])):
        with pytest.raises(UsageError, match="no pipeline"):
            export(case.plan, tmp_path / "p", model=model)
    sources = {
        **case.plan.code,
        "training": case.plan.code["training"].replace("'n_estimators': 3", "'n_estimators': 4"),
    }
    with pytest.raises(UsageError, match=r"other values than the training cell \(n_estimators\)"):
        export(case.plan, tmp_path / "p", sources, model=case.model)


def test_without_skops_a_model_is_refused_and_a_plan_exported(tmp_path, cases, monkeypatch):
    case = cases["regression"]
    monkeypatch.setitem(sys.modules, "skops", None)
    monkeypatch.setitem(sys.modules, "skops.io", None)
    monkeypatch.setattr(project, "has_skops", lambda: False)
    with pytest.raises(UsageError, match=r"pip install 'automl_gpt_magic\[export\]'"):
        trained.packed_preprocessing(case.model, ["task_features"])
    with pytest.raises(UsageError, match=r"automl_gpt_magic\[export\]"):
        export(case.plan, tmp_path / "p", frame=case.frame, model=case.model)
    export(case.plan, tmp_path / "p", frame=case.frame)
    assert "skops" not in "".join(path.read_text() for path in (tmp_path / "p").glob("*.*"))


def test_a_plan_without_rows_is_refused(tmp_path):
    plan = automl_gpt_magic.plan({"data": {"name": "Task", "task": "regression", "n_rows": 100, "n_features": 4}})
    with pytest.raises(UsageError, match="nothing to export"):
        export(plan, tmp_path / "p")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b`c`\n\nd", "a\\|b\\`c\\` d"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("0.5 of 1", "0.5 of 1"),
        ("# head", "\\# head"),
        ("&lt;<b>", "&amp;lt;&lt;b&gt;"),
        ("see https://x.y", "see https\\://x.y"),
        ("x\ud800\u2028y", "x y"),
    ],
)
def test_users_text_in_markdown(text, shown):
    assert user(text) == shown


def test_the_readme_of_a_long_description_has_no_line_of_its_own(tmp_path, adult):
    export(planned(adult, description="---\n# Results\naccuracy 1.0"), tmp_path / "p")
    lines = Path(tmp_path / "p" / "README.md").read_text().split("\n")
    assert "\\--- \\# Results accuracy 1.0" in lines
