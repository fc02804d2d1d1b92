"""Plans that stand on a published recipe: its values, its result as anchor, and the band around it."""

import numpy as np
import pytest

from automl_gpt_magic.experience.anchor import Anchored, anchoring, half_width, published_results
from automl_gpt_magic.records.card import DETECTION, DataCard
from automl_gpt_magic.records.metric import METRICS
from automl_gpt_magic.records.space import Parameter, SearchSpace, StepLimit

COCO = DataCard("COCO", task=DETECTION, input_type="image")
SPACE = SearchSpace(
    "DETR",
    (
        Parameter("learning_rate", "float", 0.5, 1e-6, 1),
        Parameter("epochs", "int", 7, 1, 1000),
        Parameter("drop_epoch", "int", 5, 1, 1000),
        Parameter("batch_size", "int", 2, 1, 8),
        Parameter("queries", "int", 9, 1, 300),
    ),
)


def anchored(card=COCO, fixed=None, most=None):
    return Anchored(card, anchoring(card, "DETR"), SPACE, fixed or {}, "epochs", most_steps=most)


def test_the_recipe_of_the_named_model_is_taken_and_not_a_variants():
    assert anchoring(COCO, "DETR").model == "DETR R50"
    assert anchoring(COCO, "Deformable DETR").model == "Deformable DETR R50"
    assert anchoring(COCO, "XGBoost") is None
    assert anchoring(DataCard("x", task="binary classification"), "MLP") is None


def test_it_gives_the_values_that_it_names_and_that_are_allowed():
    evidence = anchored().evidence
    assert evidence.configuration == {
        "learning_rate": 1e-4,
        "epochs": 500,
        "drop_epoch": 400,
        "batch_size": 2,
        "queries": 9,
    }
    assert set(evidence.reasons) == {"learning_rate", "epochs", "drop_epoch"}
    assert evidence.source == "published"
    assert "Carion et al. 2020" in evidence.reasons["epochs"]


def test_values_of_the_card_and_limits_of_the_request_stand():
    evidence = anchored(fixed={"learning_rate": 0.01}, most=StepLimit("epochs", 50, "epochs")).evidence
    assert evidence.configuration["learning_rate"] == 0.01
    assert evidence.configuration["epochs"] == 50
    assert set(evidence.reasons) == {"drop_epoch"}


def test_the_log_ends_at_the_published_result_within_the_spread_of_others():
    advice = anchored()
    curve = advice.forecast(advice.evidence.configuration).curves["map"]
    assert curve.steps[-1] == 500
    assert curve.final == pytest.approx(0.42)
    assert (np.diff(curve.value) >= 0).all()
    assert curve.half_width == pytest.approx(half_width(published_results(anchoring(COCO, "DETR"))), rel=0.01)
    assert 0.03 < curve.half_width < 0.12
    assert "published" in advice.evidence.note


def test_fewer_epochs_end_lower():
    advice = anchored()
    few = advice.forecast({**advice.evidence.configuration, "epochs": 50}).curves["map"]
    assert few.steps[-1] == 50
    assert few.final < 0.3


@pytest.mark.parametrize(
    "card",
    [
        DataCard("Drawn shapes in COCO format", task=DETECTION, input_type="image"),
        DataCard("COCO", task=DETECTION, input_type="image", n_rows=80),
    ],
    ids=["another dataset", "a sample"],
)
def test_on_other_data_the_band_says_that_nothing_is_known(card):
    advice = anchored(card)
    forecast = advice.forecast(advice.evidence.configuration)
    curve = forecast.curves["map"]
    assert curve.lower[-1] == 0
    assert curve.upper[-1] == METRICS["map"].highest
    assert "another dataset or another scale" in forecast.note


def test_the_width_is_that_of_one_more_result_like_these():
    """By hand: mean 2, s = 1, n = 3, Student's t at 0.9 with 2 degrees of freedom 1.8856."""
    assert half_width([1.0, 2.0, 3.0]) == pytest.approx(1.8856 * np.sqrt(4 / 3), rel=1e-4)
    assert half_width([0.4]) == 1.0
