"""Projects of every family: the exported model, and the one that ``train.py`` makes, predict as the notebook's."""

from __future__ import annotations

import json
import linecache
import zipfile

import numpy as np
import pandas as pd
import pytest
import yaml
from huggingface_hub import ModelCard
from PIL import Image

import automl_gpt_magic
from automl_gpt_magic.planning.families import FAMILIES, catalogue
from automl_gpt_magic.records.run import Ended
from automl_gpt_magic.training import CellProcess
from automl_gpt_magic.training.process import Job
from tests.conftest import small_adult
from tests.integration.exported import Case, export, front_matter, planned, run_projects

EARLY = {"early_stopping_rounds": 2}
OWN = """\
import math

RATE = {"start": 0.5}


def worse(epoch):
    return RATE["start"] / math.sqrt(1 + epoch)


def my_tree(config, report, train, valid):
    from sklearn.tree import DecisionTreeClassifier

    model = DecisionTreeClassifier(max_depth=config["depth"], random_state=0).fit(*train)
    report(log_loss=worse(0), accuracy=model.score(*valid))
    return model


def my_search(config, report):
    for epoch in range(config["epochs"]):
        report(log_loss=worse(epoch))
"""


def model_card(name, **values):
    family = next(family for family in FAMILIES if family.name == name)
    return {"name": name, "hyperparameters": {**({family.rounds: 3} if family.rounds else {}), **values}}


# Target and model card of each case, and the file of its model.
TABLES = {
    "XGBoost, stopped early": ("income", model_card("XGBoost", n_estimators=30, **EARLY), "ubj"),
    "LightGBM, two classes": ("income", model_card("LightGBM"), "txt"),
    "LightGBM, three classes": ("workclass", model_card("LightGBM", n_estimators=30, **EARLY), "txt"),
    "LightGBM, numbers": ("hours", model_card("LightGBM"), "txt"),
    "HistGradientBoosting": ("income", model_card("HistGradientBoosting", max_iter=30, **EARLY), "skops"),
    "RandomForestClassifier": ("workclass", model_card("RandomForestClassifier", n_estimators=10), "skops"),
    "RandomForestRegressor": ("hours", model_card("RandomForestRegressor", n_estimators=10), "skops"),
    "LogisticRegression": ("workclass", model_card("LogisticRegression", max_iter=1000), "skops"),
    "Ridge": ("hours", model_card("Ridge"), "skops"),
    "scikit-learn MLP, classes": ("income", model_card("scikit-learn MLP"), "skops"),
    "scikit-learn MLP, numbers": ("hours", model_card("scikit-learn MLP"), "skops"),
    "PyTorch MLP, classes": ("income", model_card("PyTorch MLP", **EARLY), "safetensors"),
    "PyTorch MLP, numbers": ("hours", model_card("PyTorch MLP"), "safetensors"),
}
OTHERS = {"TF-IDF": "skops", "CNN": "safetensors", "ViT": "safetensors"}
TAGS = {"ubj": "xgboost", "txt": "lightgbm", "skops": "sklearn", "safetensors": "pytorch"}


def trained_by_a_process(plan, sources, **tables):
    """Return what the Train button's process gives back."""
    ended: list[Ended] = []
    process = CellProcess(Job(plan.names, [*sources.items()][:3], tables, "."), lambda heard: None, ended.append)
    while process.running:
        process.join(0.1)
    assert ended[0].state == "finished", ended[0].said
    return dict(ended[0].defined)


def digits(n_images=60):
    random = np.random.default_rng(0)
    labels = np.array(["a", "b", "c"] * (n_images // 3))
    pixels = random.integers(0, 255, (n_images, 8, 8), dtype="uint8")
    return np.where((labels == "a")[:, None, None], pixels // 4, pixels), labels


def of_images(home):
    images, labels = digits()
    np.savez(home / "images.npz", images=images, labels=labels)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        (home / "pictures" / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(home / "pictures" / label / f"{number}.png")
    card = {"input_type": "image", "target": "label", "image_size": [8, 8]}
    npz = {**card, "path": str(home / "images.npz"), "split": {"test_path": str(home / "images.npz")}}
    cnn, vit = model_card("CNN", channels=4), model_card("ViT", dim=16, depth=1)
    return {
        "CNN": Case(home / "cnn", planned(None, model=cnn, **npz), run=trained_by_a_process),
        "ViT": Case(home / "vit", planned(None, model=vit, **card, path=str(home / "pictures"))),
    }


def of_text(home):
    words = ["a good film", "bad and dull", "good, so good", "a dull one"]
    reviews = pd.DataFrame({"review": [f"{words[n % 4]} {n}" for n in range(80)], "label": ["yes", "no"] * 40})
    plan = planned(reviews, "label", input_type="text", model=model_card("TF-IDF + linear"))
    return {"TF-IDF": Case(home / "text", plan, reviews)}


def of_own_functions(home, frame):
    """Return projects of functions that were defined in a notebook."""
    linecache.cache["<cell>"] = (len(OWN), None, OWN.splitlines(keepends=True), "<cell>")
    notebook = {"__name__": "__main__"}
    exec(compile(OWN, "<cell>", "exec"), notebook)
    automl_gpt_magic.trainer("My tree", parameters={"depth": (1, 6)})(notebook["my_tree"])
    automl_gpt_magic.trainer("My search", parameters={"epochs": (1, 4)}, rounds="epochs")(notebook["my_search"])
    search = {"data": {"name": "Task", "task": "regression"}, "model": [{"name": "My search"}]}

    def run(plan, sources, **names):
        done = {**notebook, **names}
        for source in sources.values():
            exec(source, done)
        return done

    return {
        "own": Case(home / "own", planned(frame, model={"name": "My tree"}), frame, run=run),
        "own data": Case(home / "search", automl_gpt_magic.plan(search), run=run),
    }


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Return the projects after one process has run them all, in a folder of its own."""
    home = tmp_path_factory.mktemp("families")
    adult = small_adult(200).dropna(subset=["workclass"])
    found = {
        name: Case(home / str(number), planned(adult, target, model=card), adult)
        for number, (name, (target, card, _)) in enumerate(TABLES.items())
    }
    found |= of_text(home) | of_images(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "_own", {})
        found |= of_own_functions(home, adult)
    rows = {name: "" if name in ("CNN", "ViT") else "data/train.parquet" for name in found}
    run_projects(home, [(case.folder, rows[name]) for name, case in found.items()])
    return found


def kind_of(name):
    return TABLES[name][2] if name in TABLES else OTHERS[name]


@pytest.mark.parametrize("name", [*TABLES, *OTHERS])
def test_the_exported_model_and_the_projects_own_predict_as_the_notebooks(cases, name):
    case = cases[name]
    rows = case.done["task_rows"] if case.frame is None else case.frame
    wanted = case.model.predict(rows).tolist()
    assert case.saved == {f"model.{kind_of(name)}", "preprocessing.skops"}
    # The trees of a forest are summed in any order.
    assert case.predicted == (pytest.approx(wanted), pytest.approx(wanted))
    assert json.loads((case.folder / "scores.json").read_text())["validation"] == case.scores("valid")


def test_every_family_is_among_them(cases):
    assert {case.plan.space.family for case in cases.values()} >= {
        family.name
        for family in FAMILIES
        if family.features not in ("boxes", "passages")  # these are not exported yet
    }


@pytest.mark.parametrize("name", [*TABLES, *OTHERS])
def test_no_file_holds_a_pickle_or_needs_the_package(cases, name):
    case = cases[name]
    assert "automl_gpt_magic" not in "".join(path.read_text() for path in case.folder.glob("*.py"))
    assert "+" not in (case.folder / "requirements.txt").read_text()  # such as torch's +cpu, which no index knows
    for file in case.folder.glob("*.skops"):
        assert all(part.endswith((".json", ".npy", ".npz")) for part in zipfile.ZipFile(file).namelist())


@pytest.mark.parametrize("name", [*TABLES, *OTHERS])
def test_the_model_card_names_family_library_and_task(cases, name):
    front, text = front_matter(cases[name].folder)
    card, family = cases[name].plan.cards.data, cases[name].plan.space.family
    kind = f"{card.input_type}-{'classification' if card.is_classification else 'regression'}"
    assert (front["library_name"], front["pipeline_tag"]) == (TAGS[kind_of(name)], kind)
    assert {card.input_type, kind, TAGS[kind_of(name)]} <= {*front["tags"]}
    assert front.get("model_file") == (f"model.{kind_of(name)}" if kind_of(name) == "skops" else None)
    assert ModelCard.load(cases[name].folder / "README.md").data.to_dict() == front
    assert f"\n# {family} for Task\n" in text
    assert "XGBoost" not in text or family == "XGBoost"
    assert f"in `model.{kind_of(name)}`" in text


def test_predictions_of_images_name_them_and_their_classes(cases):
    for name in ("CNN", "ViT"):
        classes = [["a", "b", "c"][code] for code in cases[name].predicted[1]]
        lines = (cases[name].folder / "predicted.txt").read_text().split()
        assert [line.rpartition(",")[2] for line in lines] == ["prediction", *classes]
    assert lines[1].startswith(str(cases["ViT"].folder.parent / "pictures" / "a"))


def test_paths_of_images_are_in_the_configuration(cases):
    config = yaml.safe_load((cases["CNN"].folder / "config.yaml").read_text())
    assert config["data"] == {"path": "../images.npz", "test_path": "../images.npz"}
    assert str(cases["CNN"].folder.parent) not in (cases["CNN"].folder / "train.py").read_text()


def test_a_function_of_the_users_goes_along_and_its_model_is_made_again(cases):
    case = cases["own"]
    wanted = case.model.predict(case.frame).tolist()
    assert case.saved == set()
    assert case.predicted == (None, wanted)
    code = (case.folder / "model.py").read_text()
    assert "import math\n" in code
    assert "RATE = {'start': 0.5}" in code
    assert "def worse(epoch):" in code
    front, text = front_matter(case.folder)
    assert "library_name" not in front
    assert "The trained model is not saved" in text


def test_a_function_with_data_of_its_own_is_run_by_train_alone(cases):
    case = cases["own data"]
    assert not (case.folder / "predict.py").exists()
    assert json.loads((case.folder / "scores.json").read_text())["validation"] == case.scores("valid")


def test_a_model_of_another_kind_is_made_again(tmp_path):
    adult = small_adult(200)
    plan = planned(adult)
    own = "class Own(XGBClassifier):\n    pass\n\n\ndef task_build"
    model = plan.code["model"].replace("def task_build", own).replace("return XGBClassifier", "return Own")
    case = Case(tmp_path / "p", plan, adult, sources={**plan.code, "model": model})
    assert case.saved == set()
    assert "from train import task_model" in (tmp_path / "p" / "predict.py").read_text()


@pytest.mark.parametrize(
    ("split", "config", "said"),
    [
        ({"group": "team"}, {"validation": 0.2, "seed": 0}, "chosen at random by team, no value of which is in both"),
        ({"time": "day"}, None, "the last 20% of the rows by day"),
    ],
)
def test_the_card_tells_how_the_rows_were_split(tmp_path, split, config, said):
    frame = small_adult(100).assign(team=[f"team {n % 9}" for n in range(100)], day=range(100))
    export(planned(frame, split=split), tmp_path / "p", frame=frame)
    assert yaml.safe_load((tmp_path / "p" / "config.yaml").read_text()).get("split") == config
    assert said in front_matter(tmp_path / "p")[1]
