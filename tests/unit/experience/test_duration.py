from dataclasses import replace

import pytest

from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.experience.duration import Duration
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.records.card import MULTICLASS, DataCard

IMAGES = DataCard(
    "X", input_type="image", task=MULTICLASS, n_rows=1_300, image_size=(28, 28), n_channels=1,
    class_balance={f"k{i}": 0.2 for i in range(5)},
)  # fmt: skip


def seconds(card):
    family = family_named("CNN")
    return Duration(load_bank("cnn"), card, family.space).seconds({**family.space.default, "epochs": 12})


def test_it_is_near_what_was_recorded():
    bank = load_bank("cnn")
    recorded = [bank.seconds[place].mean() for place, one in enumerate(bank.datasets) if one["image_size"] == [28, 28]]
    assert min(recorded) / 3 < seconds(IMAGES) < 3 * max(recorded)


def test_beyond_the_recorded_sizes_the_time_is_proportional_to_the_data():
    usual = seconds(IMAGES)
    assert seconds(replace(IMAGES, n_rows=130_000)) / usual == pytest.approx(100, rel=0.5)
    assert seconds(replace(IMAGES, image_size=(280, 280))) / usual == pytest.approx(100, rel=0.9)
    many = {f"k{i}": 0.001 for i in range(1_000)}
    assert seconds(replace(IMAGES, class_balance=many)) / usual == pytest.approx(1, rel=0.2)


def test_a_round_of_boosting_takes_longer_with_many_classes_and_deep_trees():
    space, bank = family_named("XGBoost").space, load_bank()
    two, twenty = (
        Duration(bank, DataCard("X", task=MULTICLASS, n_rows=5_000, n_features=20, class_balance=shares), space)
        for shares in ({"a": 0.5, "b": 0.5}, {str(i): 0.05 for i in range(20)})
    )
    assert twenty.seconds(space.default) > 4 * two.seconds(space.default)
    assert two.seconds({**space.default, "max_depth": 12}) > 1.1 * two.seconds({**space.default, "max_depth": 3})
