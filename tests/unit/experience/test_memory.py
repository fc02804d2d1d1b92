import json
import math
from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.errors import ExperienceError
from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.memory import FILE, amount, load_memory, parts, predicted_memory, read_sizes
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION, DataCard
from automl_gpt_magic.records.curve import Curve

TABLE = DataCard(
    "X", task=BINARY, n_rows=5_000, n_features=30, n_numeric=25, n_categorical=5, class_balance={"a": 0.5, "b": 0.5}
)
IMAGES = DataCard(
    "X", input_type="image", task=MULTICLASS, n_rows=2_000, image_size=(28, 28), n_channels=1,
    class_balance={f"k{number}": 0.2 for number in range(5)},
)  # fmt: skip
CARDS = {"XGBoost": TABLE, "LightGBM": TABLE, "PyTorch MLP": TABLE, "CNN": IMAGES, "ViT": IMAGES}
ABOUT = json.loads(FILE.read_text())


def predicted(family, **changed):
    return predicted_memory(family, replace(CARDS[family], **changed), family_named(family).space.default)


@pytest.mark.parametrize("family", CARDS)
def test_four_fifths_of_the_measurements_lie_in_their_bands(family):
    fitted, measured = load_memory()[family], ABOUT["families"][family]["measured"]
    inside = []
    for one in measured:
        memory = fitted.memory(parts(family, read_sizes(one["sizes"]), one["configuration"]))
        assert not memory.note
        inside.append(memory.lower <= one["bytes"] <= memory.upper)
    assert sum(inside) / len(inside) > 0.75


@pytest.mark.parametrize("family", CARDS)
def test_more_rows_take_more_memory_and_never_less(family):
    growing = [predicted(family, n_rows=rows).bytes for rows in (50, 300, 2_000, 10_000, 50_000, 1_000_000)]
    assert growing == sorted(growing)
    assert growing[-1] > 3 * growing[0]


@pytest.mark.parametrize(
    ("family", "more"),
    [
        ("XGBoost", {"max_depth": 10}),
        ("LightGBM", {"num_leaves": 200}),
        ("PyTorch MLP", {"batch_size": 1024, "width": 512}),
        ("CNN", {"channels": 64}),
        ("ViT", {"patch_size": 2}),
    ],
)
def test_a_larger_model_takes_more_memory(family, more):
    default = family_named(family).space.default
    small, large = (predicted_memory(family, CARDS[family], one) for one in (default, {**default, **more}))
    assert large.bytes > 1.02 * small.bytes


def test_a_regression_needs_no_classes():
    assert predicted("XGBoost", task=REGRESSION, class_balance={}).bytes == predicted("XGBoost").bytes


def test_beyond_the_measured_sizes_the_band_widens_and_says_so():
    inside, outside = predicted("XGBoost"), predicted("XGBoost", n_rows=50_000_000)
    assert "wider" in outside.note and not inside.note
    assert outside.upper / outside.bytes > 1.2 * inside.upper / inside.bytes
    assert outside.lower / outside.bytes < inside.lower / inside.bytes / 1.2


@pytest.mark.parametrize(
    "memory",
    [
        lambda: predicted_memory("Ridge", TABLE, {}),
        lambda: predicted("XGBoost", n_rows=None),
        lambda: predicted("XGBoost", n_features=None),
        lambda: predicted("XGBoost", class_balance={}),
        lambda: predicted("CNN", image_size=None),
        lambda: predicted_memory("CNN", TABLE, family_named("CNN").space.default),
        lambda: predicted_memory("XGBoost", IMAGES, family_named("XGBoost").space.default),
    ],
)
def test_what_was_not_measured_or_is_not_said_is_not_known(memory):
    assert all(math.isnan(number) for number in memory()[:3])


def test_a_forecast_tells_the_memory():
    space = family_named("XGBoost").space
    advice = Advice(TABLE, None, space, {}, encoder="")
    begun = Curve("log_loss", np.array([1, 2]), np.array([0.6, 0.5]), source="measured")
    known = predicted("XGBoost")
    for forecast in (
        advice.forecast(space.default),
        advice.continued(space.default, {"log_loss": begun}).forecast,
    ):
        assert (forecast.memory, *forecast.memory_band) == known[:3]


def test_amounts_are_said_in_two_digits():
    assert [amount(one) for one in (3.4e6, 218e6, 996e6, 1.34e9, 25e9)] == [
        "3.4 MB",
        "220 MB",
        "1 GB",
        "1.3 GB",
        "25 GB",
    ]


def damaged(tmp_path, change):
    about = json.loads(FILE.read_text())
    change(about)
    path = tmp_path / "memory.json"
    path.write_text(json.dumps(about))
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda about: about["families"]["CNN"]["bytes_each"].update(step=math.nan),
        lambda about: about["families"]["CNN"]["bytes_each"].update(step=-1.0),
        lambda about: about["families"]["CNN"]["bytes_each"].pop("step"),
        lambda about: about["families"]["CNN"].update(band=[1.2, 1.5]),
        lambda about: about["families"]["CNN"].update(band=[0.5]),
        lambda about: about["families"]["CNN"].update(measured=[]),
        lambda about: about["families"]["CNN"]["measured"][0]["sizes"].pop("n_rows"),
        lambda about: about["families"]["CNN"]["measured"][0]["sizes"].update(image=[]),
        lambda about: about["families"].update(Other=about["families"]["CNN"]),
        lambda about: about.update(families=[]),
        lambda about: about.pop("schema_version"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, change):
    with pytest.raises(ExperienceError, match="reinstall"):
        load_memory(damaged(tmp_path, change))


def test_a_file_cut_short_or_missing_is_refused(tmp_path):
    path = tmp_path / "memory.json"
    path.write_text(FILE.read_text()[:5_000])
    with pytest.raises(ExperienceError, match="reinstall"):
        load_memory(path)
    with pytest.raises(ExperienceError, match="reinstall"):
        load_memory(tmp_path / "none.json")


def test_a_newer_schema_is_refused(tmp_path):
    with pytest.raises(ExperienceError, match=r"schema 99.*upgrade"):
        load_memory(damaged(tmp_path, lambda about: about.update(schema_version=99)))
