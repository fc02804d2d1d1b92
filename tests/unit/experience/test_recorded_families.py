"""Every family of the shipped bank gives evidence and forecasts, not XGBoost alone."""

import numpy as np
import pytest

from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.bank import FOLDER, load_bank
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.recording.configurations import RECORDED
from automl_gpt_magic.records.card import DataCard

SHIPPED = sorted(path.stem for path in FOLDER.glob("*.json"))


def card_of(dataset):
    names = ("n_rows", "n_features", "n_categorical", "class_balance", "missing_fraction", "image_size", "n_channels")
    fields = {name: dataset[name] for name in names} | {"class_balance": dataset["class_balance"] or {}}
    if fields["image_size"]:
        fields["image_size"] = tuple(fields["image_size"])
    return DataCard(name="Mine", task=dataset["task"], input_type=dataset["input_type"], **fields)


def family_of(stem):
    return next(one for one in RECORDED if one.family.lower().replace(" ", "_") == stem)


@pytest.fixture(params=SHIPPED)
def recorded(request):
    return family_of(request.param), load_bank(request.param)


def test_every_run_is_there_and_finite(recorded):
    family, bank = recorded
    shape = (len(bank.datasets), len(bank.configurations), len(bank.rounds))
    assert bank.valid.shape == bank.train.shape == bank.error.shape == shape
    assert bank.rounds[-1] == family.steps
    assert bank.step_name == family.model.rounds


def test_each_task_gets_a_configuration_of_the_space_and_a_curve(recorded):
    family, bank = recorded
    for task in {dataset["task"] for dataset in bank.datasets}:
        card = card_of(next(dataset for dataset in bank.datasets if dataset["task"] == task))
        space = family_named(family.family).space
        advice = Advice(card, None, space, {}, encoder="")
        chosen = advice.evidence.configuration
        assert {name: space[name].check(value) for name, value in chosen.items()} == dict(chosen)
        assert sum(one.weight for one in advice.evidence.neighbours) == pytest.approx(1)
        forecast = advice.forecast(chosen)
        assert 0 < forecast.seconds < 600
        for curve in forecast.curves.values():
            assert curve.steps[-1] == chosen[bank.step_name]
            assert np.isfinite(curve.value).all()
            assert (curve.lower <= curve.value + 1e-9).all()
            assert (curve.value <= curve.upper + 1e-9).all()


def test_another_configuration_has_another_forecast(recorded):
    family, bank = recorded
    advice = Advice(card_of(bank.datasets[0]), None, family_named(family.family).space, {}, encoder="")
    chosen = advice.evidence.configuration
    other = {**chosen, "learning_rate": family_named(family.family).space["learning_rate"].high}
    (metric, *_), changed = advice.forecast(chosen).curves, advice.forecast(other).curves
    assert abs(changed[metric].value - advice.forecast(chosen).curves[metric].value).max() > 1e-3


def test_the_step_that_is_fixed_is_kept(recorded):
    family, bank = recorded
    advice = Advice(card_of(bank.datasets[0]), None, family_named(family.family).space, {bank.step_name: 7}, encoder="")
    assert advice.evidence.configuration[bank.step_name] == 7


def test_no_accuracy_is_below_nothing_or_outside_its_band(recorded):
    family, bank = recorded
    if not any(dataset["task"] == "multiclass classification" for dataset in bank.datasets):
        pytest.skip("no runs with several classes")
    balance = {f"k{i}": 0.1 for i in range(10)}
    card = DataCard(name="Mine", task="multiclass classification", n_rows=1_500, n_features=5, class_balance=balance)
    space = family_named(family.family).space
    advice = Advice(card, None, space, {}, encoder="")
    extremes = ({one.name: one.high for one in space.parameters if one.kind != "choice"}, space.default)
    for values in extremes:
        curve = advice.forecast({**space.default, **values}).curves["accuracy"]
        assert (curve.lower >= 0).all()
        assert (curve.lower <= curve.value).all()
        assert (curve.value <= curve.upper).all()
