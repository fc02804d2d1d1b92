"""The cells of the PyTorch families, really run: on images from a file, a folder and scikit-learn, and on a table."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import cloudpickle
import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from sklearn.base import clone
from sklearn.datasets import load_digits

from automl_gpt_magic.cards import describe, load_table, read_cards
from automl_gpt_magic.planning.families import family_named, family_of, plannable
from automl_gpt_magic.planning.recipes import tabular
from automl_gpt_magic.planning.recipes.data import data_cell, data_steps
from automl_gpt_magic.planning.recipes.model import model_cell
from automl_gpt_magic.planning.recipes.training import test_cell as scoring_cell
from automl_gpt_magic.planning.recipes.training import training_cell
from automl_gpt_magic.records.card import DataCard, ModelCard
from automl_gpt_magic.training.cells import CellError, run_cells
from tests.conftest import CARDS, small_adult

GOLDEN = Path(__file__).parents[2] / "unit" / "planning" / "golden"
DIGITS = {"name": "Digits", "dataset": "sklearn/digits", "input_type": "image"}
QUICK = {
    "PyTorch MLP": {"epochs": 3, "width": 16},
    "CNN": {"epochs": 3, "channels": 8, "depth": 2},
    "ViT": {"epochs": 3, "dim": 17, "depth": 1, "patch_size": 7},
}
IMAGES = ("CNN", "ViT")


@pytest.fixture(autouse=True)
def one_thread():
    """Threads that wait for each other take longer than these trainings."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def read(card, tables=None):
    cards = read_cards({"data": card} if isinstance(card, dict) else card)
    cards, table, _ = describe(cards, load_table(cards, tables or {}))
    return tabular.card_as_trained(cards, table), table


def code_for(family, card, tables=None, **values):
    (data, table), family = read(card, tables), family_named(family)
    code = {
        "data": data_cell(family, "task", data, table),
        "model": model_cell(family, "task", data),
        "training": training_cell(
            family, "task", data, {**family.space.default, **QUICK[family.name], **values}, "12345678"
        ),
    }
    if data.split.test_path:
        code["test"] = scoring_cell("task", data, table)
    return code


def run(code, **tables):
    return run_cells(code.items(), tables)


def stripes(n_images=60, size=9, channels=None, seed=0):
    """Return images with stripes one way or the other, and which."""
    random = np.random.default_rng(seed)
    y = np.arange(n_images) % 2
    lines = np.where(np.arange(size) % 2, 200, 20)[None, :, None]
    x = np.where(y[:, None, None], lines, lines.swapaxes(1, 2)) + random.integers(0, 40, (n_images, size, size))
    return (x if channels is None else np.repeat(x[..., None], channels, axis=3)).astype("uint8"), y


def npz(path, **more):
    x, y = stripes(**more)
    np.savez(path, images=x, labels=np.where(y, "across", "down"))
    return {"name": "Stripes", "path": str(path)}


def folder(path, n_images=40, size=12):
    x, y = stripes(n_images, size)
    for number, (image, label) in enumerate(zip(x, y, strict=True)):
        (path / f"class {label}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).convert("RGB").save(path / f"class {label}" / f"{number}.png")
    return {"name": "Stripes", "path": str(path), "image_size": [10, 8]}


@pytest.mark.parametrize("family", IMAGES)
def test_the_model_cell_is_the_golden_one(family):
    written = code_for(family, DIGITS)["model"]
    path = GOLDEN / f"{family.lower()}.py"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(written + "\n")
    assert written + "\n" == path.read_text()


@pytest.mark.parametrize(
    ("source", "changed"),
    [("npz", {"path": "x.npz"}), ("folder", {"path": "x", "image_size": (32, 32), "n_channels": 3}), ("digits", {})],
)
def test_the_data_cell_is_the_golden_one(source, changed):
    data, table = read(DIGITS)
    written = data_cell(family_named("CNN"), "task", replace(data, **changed), table)
    path = GOLDEN / f"images_{source}.py"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(written + "\n")
    assert written + "\n" == path.read_text()


@pytest.mark.parametrize("family", IMAGES)
def test_the_networks_learn_digits(family):
    shape = {"dim": 32, "patch_size": 4} if family == "ViT" else {}
    done = run(code_for(family, DIGITS, learning_rate=0.003, **shape))
    assert done["task_valid_scores"]["accuracy"] > 0.8
    assert done["task_log"]["validation"]["log_loss"][-1] == pytest.approx(done["task_valid_scores"]["log_loss"])
    assert (done["task_model"].predict(done["task_rows"]) == done["task_rows"]["target"]).mean() > 0.8


@pytest.mark.parametrize("channels", [None, 3])
@pytest.mark.parametrize("family", IMAGES)
def test_images_of_a_file_grey_and_colour(family, channels, tmp_path):
    card = npz(tmp_path / "train.npz", channels=channels)
    npz(tmp_path / "test.npz", n_images=20, channels=channels, seed=1)
    card["split"] = {"test_path": str(tmp_path / "test.npz")}
    done = run(code_for(family, card, learning_rate=0.01, epochs=8, dropout=0.0))
    matrix = done["task_preprocessing"].transform(done["task_train"])
    assert matrix.shape == (48, channels or 1, 9, 9)
    assert matrix.dtype == np.float32
    assert (abs(matrix.mean()), matrix.std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))
    assert done["task_test_scores"]["accuracy"] > 0.9
    new = pd.DataFrame({"image": list(stripes(4, channels=channels)[0])})
    assert (done["task_model"].predict(new) == [1, 0, 1, 0]).all()  # across is the first class


def test_images_of_a_folder(tmp_path):
    card = folder(tmp_path / "train")
    folder(tmp_path / "test", n_images=10)
    (tmp_path / "train" / "class 0" / "notes.txt").write_text("no image")
    card["split"] = {"test_path": str(tmp_path / "test")}
    done = run(code_for("CNN", card, learning_rate=0.01, epochs=6))
    assert done["task_classes"] == ["class 0", "class 1"]
    assert set(map(len, (done["task_rows"], done["task_test"]))) == {40, 10}
    assert done["task_preprocessing"].transform(done["task_valid"]).shape == (8, 3, 10, 8)
    assert done["task_valid_scores"]["accuracy"] > 0.9
    assert done["task_model"].predict(pd.DataFrame({"image": ["class 1/1.png"]})) == [1]


def test_the_rows_of_the_cell_are_those_of_the_card(tmp_path):
    for card in (DIGITS, npz(tmp_path / "x.npz"), folder(tmp_path / "folder")):
        cards = read_cards({"data": card})
        done = run({"data": code_for("CNN", card)["data"]})
        pd.testing.assert_frame_equal(done["task_rows"], load_table(cards, {}), check_dtype=False)


def test_rows_without_class_and_classes_with_one_image_are_left_out(tmp_path):
    x, y = stripes(30)
    np.savez(tmp_path / "x.npz", x=x, y=np.where(np.arange(30) == 0, np.nan, np.where(np.arange(30) == 1, 7.0, y)))
    card = {"name": "Stripes", "path": str(tmp_path / "x.npz"), "task": "classification"}
    done = run({"data": code_for("CNN", card)["data"]})
    assert (len(done["task_rows"]), done["task_classes"]) == (28, [0.0, 1.0])
    techniques = [step.technique for step in data_steps(family_named("CNN"), *read(card))]
    assert techniques[:2] == ["drop images without class", "drop classes with one image"]


def test_pixels_that_are_no_numbers_become_zero(tmp_path):
    x, y = stripes(20)
    broken = x.astype(float)
    broken[0, 0, 0], broken[1, 0, 0] = np.nan, np.inf
    np.savez(tmp_path / "x.npz", x=broken, y=y)
    done = run({"data": code_for("CNN", {"name": "Stripes", "path": str(tmp_path / "x.npz")})["data"]})
    assert (done["task_images"](done["task_rows"])[:2, 0, 0, 0] == 0).all()


@pytest.mark.parametrize(("family", "hyperparameter"), [("CNN", {"depth": 5}), ("ViT", {"patch_size": 16, "heads": 3})])
@pytest.mark.parametrize("shape", [(12, 1, 1), (12, 3, 17)])
def test_images_of_any_size(family, hyperparameter, shape, tmp_path):
    np.savez(tmp_path / "x.npz", x=np.random.default_rng(0).random(shape), y=np.arange(12) % 2)
    card = {"name": "Odd", "path": str(tmp_path / "x.npz")}
    done = run(code_for(family, card, epochs=1, batch_size=1, **hyperparameter))
    assert done["task_model"].predict_proba(done["task_rows"]).shape == (12, 2)


@pytest.mark.parametrize("family", QUICK)
def test_two_trainings_are_alike_and_the_model_can_be_sent_and_cloned(family, tmp_path):
    card = CARDS if family == "PyTorch MLP" else npz(tmp_path / "x.npz")
    code = code_for(family, card, {"adult": small_adult()}, epochs=2)
    done, again = (run(code, adult=small_adult()) for _ in range(2))
    assert done["task_log"] == again["task_log"]
    model, rows = done["task_model"], done["task_valid"]
    assert np.array_equal(cloudpickle.loads(cloudpickle.dumps(model)).predict_proba(rows), model.predict_proba(rows))
    assert clone(done["task_candidate"]).get_params()["epochs"] == 2


def test_a_true_answer_ends_the_training(tmp_path):
    done = run(code_for("CNN", npz(tmp_path / "x.npz"), epochs=1))
    heard = []
    model = done["task_build"]({**done["task_hyperparameters"], "epochs": 50})
    plain = done["task_fit"].__wrapped__
    log = plain(model, *done["task_parts"], report=lambda log: heard.append(1) or len(heard) == 2)
    assert (len(heard), len(log["validation"]["log_loss"])) == (2, 2)


def test_early_stopping_keeps_the_best_network_and_the_refit_its_number_of_epochs():
    frame = small_adult(80).assign(income=np.random.default_rng(0).choice(["no", "yes"], 80))  # nothing to learn
    code = code_for(
        "PyTorch MLP",
        {"name": "Noise", "frame": "adult", "target": "income"},
        {"adult": frame},
        epochs=60,
        learning_rate=0.01,
        early_stopping_rounds=3,
    )
    done = run(code, adult=frame)
    losses = done["task_log"]["validation"]["log_loss"]
    assert len(losses) == int(np.argmin(losses)) + 4 < 60
    assert done["task_final"]["epochs"] == int(np.argmin(losses)) + 1
    assert done["task_valid_scores"]["log_loss"] == pytest.approx(min(losses))


@pytest.mark.parametrize("family", QUICK)
def test_a_training_that_diverges_is_one_line_that_says_what_to_do(family, tmp_path):
    card = CARDS if family == "PyTorch MLP" else npz(tmp_path / "x.npz")
    code = code_for(family, card, {"adult": small_adult()}, learning_rate=1e30)
    with pytest.raises(CellError, match=r"the training diverged.*smaller learning_rate"):
        run(code, adult=small_adult())


def test_a_regression_is_learned_in_its_own_scale():
    frame = small_adult().assign(income=lambda rows: 1e6 + 1e4 * rows["hours"])
    card = {"name": "Hours", "frame": "adult", "target": "income", "task": "regression"}
    done = run(code_for("PyTorch MLP", card, {"adult": frame}, epochs=20, learning_rate=0.01), adult=frame)
    assert done["task_valid_scores"]["rmse"] < 0.3 * frame["income"].std()
    assert done["task_log"]["validation"]["rmse"][-1] == pytest.approx(done["task_valid_scores"]["rmse"])


def test_the_first_family_for_images_is_the_small_cnn():
    cards, _, _ = describe(read_cards({"data": DIGITS}), load_table(read_cards({"data": DIGITS}), {}))
    assert plannable(cards)[0].name == "CNN"


@pytest.mark.parametrize(
    ("written", "input_type", "meant"),
    [
        ("MLP", "tabular", "PyTorch MLP"),
        ("tabular MLP", "tabular", "PyTorch MLP"),
        ("neural network", "tabular", "PyTorch MLP"),
        ("small CNN", "image", "CNN"),
        ("Convolutional neural network", "image", "CNN"),
        ("Vision Transformer", "image", "ViT"),
        ("ViT-Tiny", "image", "ViT"),
    ],
)
def test_what_a_model_cards_name_means(written, input_type, meant):
    assert family_of(ModelCard(written), DataCard("x", input_type=input_type)).name == meant


@pytest.mark.parametrize("written", ["Mask R-CNN", "Recurrent neural network", "GraViTy", "ResNet"])
def test_names_of_other_networks_are_not_taken(written):
    assert family_of(ModelCard(written), DataCard("x", input_type="image")) is None


def test_digits_are_what_scikit_learn_gives():
    done = run({"data": code_for("CNN", DIGITS)["data"]})
    assert np.array_equal(done["task_images"](done["task_rows"])[:, 0], load_digits().images)
