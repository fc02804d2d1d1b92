"""Object detection: the plan, its cells, the network's size, the loss, and the mean average precision."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import automl_gpt_magic
from automl_gpt_magic.errors import CardError, UsageError
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.planning.recipes.model import model_cell
from automl_gpt_magic.records.card import DETECTION, DataCard, Label
from automl_gpt_magic.training.cells import run_cells
from tests.coco_shapes import CLASSES, write_shapes

SCORES = Path(__file__).with_name("coco_scores.json")
SMALL = {
    "backbone": 10,
    "backbone_width": 16,
    "stages": 2,
    "dim": 32,
    "heads": 2,
    "encoder_layers": 1,
    "decoder_layers": 2,
    "feed_forward": 32,
    "queries": 6,
    "batch_size": 8,
    "learning_rate": 0.001,
    "backbone_learning_rate": 0.001,
    "gradient_clip": 1.0,
    "dropout": 0.0,
    "epochs": 2,
}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def planned(data, **fixed):
    model = {"name": "DETR", "hyperparameters": fixed} if fixed else {"name": "DETR"}
    return automl_gpt_magic.plan({"data": {"name": "Shapes", "task": DETECTION, **data}, "model": model})


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    return write_shapes(tmp_path_factory.mktemp("shapes"), 24, size=32)


@pytest.fixture(scope="module")
def plan(shapes):
    return planned({"path": str(shapes)}, **SMALL)


@pytest.fixture(scope="module")
def done(plan):
    return run_cells(list(plan.code.items()), {})


@pytest.fixture(scope="module")
def cell():
    """Give what the model cell defines, for three classes."""
    card = DataCard("Shapes", task=DETECTION, input_type="image")
    return run_cells([("model", model_cell(family_named("DETR"), "shapes", card))], {"shapes_classes": list(CLASSES)})


def test_coco_is_planned_from_its_card_alone():
    plan = planned({"name": "COCO", "input_type": "image", "metrics": ["mAP"]})
    values = {one.name: (one.value, one.source) for one in plan.values}
    assert values["learning_rate"] == (1e-4, "published")
    assert values["weight_decay"] == (1e-4, "published")
    assert values["epochs"] == (500, "published")
    assert values["drop_epoch"] == (400, "published")
    assert values["queries"] == (100, "default")
    reason = next(one.reason for one in plan.values if one.name == "learning_rate")
    assert "Carion et al. 2020" in reason
    assert "box AP 42%" in reason
    assert plan.curve.metric == "map"
    assert plan.curve.final == pytest.approx(0.42)
    assert not plan.code


def test_the_default_network_has_the_published_size():
    """41 million parameters and 86 billion multiply-adds: DETR R50 in Table 1 of arXiv:2005.12872 (80 classes)."""
    family = family_named("DETR")
    card = DataCard(
        "COCO",
        task=DETECTION,
        input_type="image",
        image_size=(800, 1066),
        label_space=tuple(Label(str(number)) for number in range(91)),
    )
    architecture = family.architecture(card, None, family.space.default)
    assert architecture.n_parameters == pytest.approx(41e6, rel=0.02)
    assert architecture.multiply_adds == pytest.approx(86e9, rel=0.1)


@pytest.mark.parametrize(
    ("shape", "changed"),
    [
        ((3, 32, 32), {}),
        ((1, 33, 70), {"backbone": 50, "stages": 4, "decoder_layers": 1}),
        ((3, 65, 40), {"backbone": 34, "stages": 3, "dim": 64, "heads": 4, "encoder_layers": 2}),
    ],
)
def test_the_planned_layers_are_those_of_the_cell(cell, shape, changed):
    # Without dropout PyTorch takes a kernel of attention that it does not count.
    values = {**family_named("DETR").space.default, **SMALL, "dropout": 0.1, **changed}
    labels = tuple(map(Label, CLASSES))
    card = DataCard(
        "S", task=DETECTION, input_type="image", image_size=shape[1:], n_channels=shape[0], label_space=labels
    )
    architecture = family_named("DETR").architecture(card, None, values)
    model = cell["shapes_build"](values)
    model.shape_ = shape
    network = model.new_network()
    with FlopCounterMode(display=False) as counted:
        scores, boxes = network(torch.zeros(1, *shape))
    assert architecture.n_parameters == sum(one.numel() for one in network.parameters())
    assert architecture.multiply_adds == counted.get_total_flops() // 2
    assert scores.shape == (values["decoder_layers"], 1, values["queries"], 4)
    assert boxes.shape == (values["decoder_layers"], 1, values["queries"], 4)


def test_the_cells_train_measure_and_predict_boxes(plan, done):
    log = done["shapes_log"]["validation"]
    assert list(log) == ["map_50", "map", "loss"]
    assert log["loss"][1] < log["loss"][0]
    assert set(done["shapes_valid_scores"]) == {"map", "map_50"}
    boxes = done["shapes_model"].predict(done["shapes_valid"])
    assert len(boxes) == len(done["shapes_valid"])
    assert boxes[0].shape == (SMALL["queries"], 6)
    assert (np.diff(boxes[0][:, 1]) <= 0).all()
    assert ((boxes[0][:, 2:] >= 0) & (boxes[0][:, 2:] <= 1)).all()


def test_boxes_are_shares_of_their_own_image(done):
    rows = done["shapes_rows"].head(1).assign(width=64, height=16, objects=[[["square", 8.0, 4.0, 16.0, 8.0]]])
    (objects,) = done["shapes_target"](rows)
    np.testing.assert_allclose(objects, [[1, 0.25, 0.5, 0.25, 0.5]])


def test_an_image_and_its_boxes_are_mirrored_together(done):
    model = done["shapes_build"]({**SMALL, "flip": 1.0})
    images, objects = model.mirrored(torch.arange(4.0).reshape(1, 1, 1, 4), [torch.tensor([[2, 0.25, 0.5, 0.5, 0.5]])])
    assert images.flatten().tolist() == [3, 2, 1, 0]
    assert objects[0].tolist() == [[2, 0.75, 0.5, 0.5, 0.5]]


def test_each_object_is_matched_with_the_query_nearest_to_it(cell):
    boxes = torch.tensor([[[0.2, 0.2, 0.1, 0.1], [0.8, 0.8, 0.2, 0.2], [0.5, 0.5, 0.9, 0.9]]])
    wanted = [torch.tensor([[1, 0.79, 0.8, 0.2, 0.2], [0, 0.2, 0.21, 0.1, 0.1]])]
    pairs = cell["shapes_matched"](torch.zeros(1, 3, 4), boxes, wanted)
    assert sorted((query, number) for _, query, number in pairs) == [(0, 1), (1, 0)]


def test_generalised_overlap_of_known_boxes(cell):
    """Same box: 1. Boxes that touch at no point: the share of the hull that neither covers, below 0."""
    boxes = torch.tensor([[0.5, 0.5, 0.2, 0.2], [0.1, 0.1, 0.2, 0.2]])
    others = torch.tensor([[0.5, 0.5, 0.2, 0.2], [0.9, 0.1, 0.2, 0.2]])
    assert cell["shapes_overlap"](boxes, others).tolist() == pytest.approx([1.0, -0.6], abs=1e-6)


def test_the_loss_of_an_image_without_objects_is_that_of_finding_nothing(cell):
    scores = torch.zeros(1, 1, 5, 4)
    loss = cell["shapes_loss"]((scores, torch.rand(1, 1, 5, 4)), [torch.zeros(0, 5)])
    assert float(loss) == pytest.approx(np.log(4))


@pytest.mark.parametrize("case", json.loads(SCORES.read_text()), ids=lambda case: case["name"])
def test_mean_average_precision_is_that_of_pycocotools(cell, case):
    """The scores come from pycocotools, by ``python -m tests.coco_scores``."""
    found, wanted = ([np.array(one, dtype="float64") for one in case[part]] for part in ("found", "wanted"))
    found, wanted = [one.reshape(-1, 6) for one in found], [one.reshape(-1, 5) for one in wanted]
    precisions = cell["shapes_precisions"](found, wanted, len(CLASSES))
    assert precisions.mean() == pytest.approx(case["map"], abs=1e-6)
    assert precisions[:, 0].mean() == pytest.approx(case["map_50"], abs=1e-6)


def test_other_models_say_why_not(shapes):
    for name in ("ViT", "CNN", "MLP", "XGBoost"):
        with pytest.raises(CardError, match=rf"'{name}' is not for object detection on image data; write DETR"):
            automl_gpt_magic.plan(
                {"data": {"name": "S", "task": DETECTION, "path": str(shapes)}, "model": {"name": name}}
            )


def test_detr_is_not_for_classes():
    with pytest.raises(CardError, match="'DETR' is not for multiclass classification on image data; write"):
        automl_gpt_magic.plan(
            {"data": {"name": "S", "input_type": "image", "task": "multiclass"}, "model": {"name": "DETR"}}
        )


def test_without_a_model_card_detr_is_planned(shapes):
    plan = automl_gpt_magic.plan({"data": {"name": "S", "task": DETECTION, "path": str(shapes)}})
    assert plan.space.family == "DETR"


def test_an_export_is_refused(plan, tmp_path):
    from automl_gpt_magic.export.project import export_plan

    with pytest.raises(UsageError, match="object detection cannot be exported yet"):
        export_plan(plan, plan.code, tmp_path / "out", frame=None, test_frame=None, run=None, model=None)
