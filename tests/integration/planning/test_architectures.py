"""The planned layers against the networks that the cells really build, counted by PyTorch itself."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from automl_gpt_magic.pipeline import survey
from automl_gpt_magic.planning.architecture import planned_architecture
from automl_gpt_magic.planning.build import build_plan
from automl_gpt_magic.planning.families import FAMILIES, family_named
from automl_gpt_magic.planning.recipes.model import model_cell
from automl_gpt_magic.records.answer import CodeReport
from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION, DataCard
from automl_gpt_magic.records.plan import LLMCode
from automl_gpt_magic.records.table import Column, Encoded, TableProfile
from automl_gpt_magic.training.cells import run_cells
from tests.conftest import small_adult

N_CLASSES = {BINARY: 2, MULTICLASS: 7, REGRESSION: 0}
NETWORKS = [family for family in FAMILIES if family.module == "torch" and family.features != "boxes"]
IMAGES = [(1, 8, 8), (3, 9, 17), (1, 1, 1), (4, 20, 13), (2, 7, 32), (3, 16, 16)]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def drawn(parameter, random):
    """Return a value of a hyperparameter, as often small as large."""
    if parameter.kind == "choice":
        return parameter.choices[random.integers(len(parameter.choices))]
    if parameter.kind == "float":
        return float(random.uniform(parameter.low, parameter.high))
    return int(np.exp(random.uniform(np.log(parameter.low), np.log(parameter.high + 1))))


def cases(n_seeds):
    for family in NETWORKS:
        for seed in range(n_seeds):
            random = np.random.default_rng(seed)
            task = family.tasks[seed % len(family.tasks)]
            values = {one.name: drawn(one, random) for one in family.space.parameters}
            yield pytest.param(family, task, values, seed, id=f"{family.name}, {task}, {seed}")


def described(family, task, seed):
    """Return a card and a profile of the task, with inputs of another size for each seed."""
    table = TableProfile((), 100, class_counts=(50,) * N_CLASSES[task], encoded=Encoded(3 + 5 * seed, 3 + 5 * seed))
    if family.features != "images":
        return DataCard("Task", task=task), table
    channels, *size = IMAGES[seed % len(IMAGES)]
    return DataCard("Task", task=task, input_type="image", image_size=tuple(size), n_channels=channels), table


def built(family, card, values, architecture):
    """Return the network that the model cell builds of data of the architecture's shape."""
    done = run_cells([("model", model_cell(family, "task", card))], {})
    model = done["task_build"](values)
    model.targets(np.arange(max(N_CLASSES[card.task], 2)))
    model.shape_ = architecture.input_shape
    return model.new_network()


def parts(network, architecture):
    """Return for each planned layer, repeats one by one, the modules and parameters of the network that it is."""
    if hasattr(network, "layers"):
        *layers, output = network.layers
        return [*([layers[at : at + 4]] for at in range(0, len(layers) // 4 * 4, 4)), [[output]]]
    blocks = [[[block.self_attn, block.norm1] for block in network.blocks]]
    blocks += [[[block.linear1, block.linear2, block.norm2] for block in network.blocks]]
    return [[[network.patches]], [[network.positions]], *blocks, [[*network.output]]]


def n_parameters(part):
    return part.numel() if isinstance(part, torch.nn.Parameter) else sum(p.numel() for p in part.parameters())


def counted(network, shape):
    """Return PyTorch's own count of the multiply-adds of one example, by module; and each module's output."""
    outputs = {}
    for module in network.modules():
        module.register_forward_hook(lambda module, _, output: outputs.update({module: output}))
    names = {f"{type(network).__name__}.{name}": module for name, module in network.named_modules()}
    with FlopCounterMode(display=False) as counter:
        outputs[network] = network.train()(torch.zeros(1, *shape))
    by_module = {names.get(name): sum(counts.values()) / 2 for name, counts in counter.get_flop_counts().items()}
    return counter.get_total_flops() / 2, by_module, outputs


@pytest.mark.parametrize(("family", "task", "values", "seed"), cases(12))
def test_every_layer_is_the_one_that_the_cell_builds(family, task, values, seed):
    card, table = described(family, task, seed)
    planned = family.architecture(card, table, values)
    network = built(family, card, values, planned)
    total, by_module, outputs = counted(network, planned.input_shape)
    assert planned.n_parameters == n_parameters(network)
    assert planned.n_bytes == sum(p.numel() * p.element_size() for p in network.parameters())
    assert planned.multiply_adds == total
    assert planned.output_shape == outputs[network].shape[1:]
    for layer, repeats in zip(planned.layers, parts(network, planned), strict=True):
        assert len(repeats) == layer.repeats, layer.name
        for modules in repeats:
            assert sum(map(n_parameters, modules)) == layer.parameters, layer.name
            assert sum(by_module.get(module, 0) for module in modules) == layer.multiply_adds, layer.name


@pytest.mark.parametrize(("family", "task", "values", "seed"), cases(4))
def test_shapes_and_activations_are_those_of_the_cell(family, task, values, seed):
    card, table = described(family, task, seed)
    planned = family.architecture(card, table, values)
    network = built(family, card, values, planned)
    *_, outputs = counted(network, planned.input_shape)
    for layer, repeats in zip(planned.layers, parts(network, planned), strict=True):
        for modules in repeats:
            last = modules[-1]
            if layer.kind == "attention":
                given, activations = outputs[modules[0]][0], []
            elif isinstance(last, torch.nn.Parameter):
                given, activations = last, []
            elif layer.name == "feed forward":
                block = next(one for one in network.blocks if one.linear2 in modules)
                given, activations = outputs[block], [block.activation.__name__.upper()]
            elif layer.name == "patches":
                given, activations = outputs[last].flatten(2).transpose(1, 2), []
            else:
                given = outputs[last]
                activations = [type(one).__name__ for one in modules if isinstance(one, torch.nn.ReLU)]
            assert tuple(given.shape[1:]) == layer.output, layer.name
            assert activations == ([layer.activation] if layer.activation else []), layer.name


@pytest.mark.parametrize(("family", "task", "values", "seed"), cases(3))
def test_loss_optimizer_and_special_parts_are_in_the_code(family, task, values, seed):
    card, table = described(family, task, seed)
    planned, code = family.architecture(card, table, values), family.build("task", card)
    assert re.findall(r"loss = nn\.functional\.(\w+)\(", code) == [planned.loss]
    assert re.findall(r"torch\.optim\.(\w+)\(", code) == [planned.optimizer]
    said, network = " ".join(planned.special), built(family, card, values, planned)
    kinds = {type(module).__name__ for module in network.modules()}
    for words, kind in {
        "layer normalisation": "LayerNorm",
        "group normalisation": "GroupNorm",
        "self-attention": "MultiheadAttention",
        "largest of 2 × 2": "MaxPool2d",
        "dropout": "Dropout",
    }.items():
        assert (words in said) == (kind in kinds), words
    assert {one.p for one in network.modules() if isinstance(one, torch.nn.Dropout)} == {values["dropout"]}
    assert f"dropout {values['dropout']:g}" in said


def test_families_without_layers_have_no_architecture():
    card, table = described(family_named("PyTorch MLP"), BINARY, 1)
    for family in FAMILIES:
        if family.module not in ("torch", "transformers"):
            assert family.architecture(card, table, family.space.default) is None


def test_without_rows_nothing_is_counted():
    for family in NETWORKS:
        card, table = described(family, family.tasks[0], 1)
        assert family.architecture(card, None, family.space.default) is None
        unknown = replace(card, n_channels=None, image_size=None)
        assert (family.architecture(unknown, table, family.space.default) is None) == (family.features == "images")


def test_a_class_with_one_row_is_no_output():
    family = family_named("PyTorch MLP")
    card, table = described(family, MULTICLASS, 0)
    planned = family.architecture(card, replace(table, class_counts=(1, 20, 1, 7, 9)), family.space.default)
    assert planned.output_shape == (3,)


def test_columns_that_nobody_counted_are_about_those_of_the_profile():
    family = family_named("PyTorch MLP")
    card, table = described(family, BINARY, 0)
    columns = (
        Column("n", "numeric", 0.0, 90),
        Column("gaps", "numeric", 0.1, 90),
        Column("day", "date", 0.0, 90),
        Column("few", "categorical", 0.0, 4),
        Column("few with gaps", "categorical", 0.3, 4),
        Column("many", "categorical", 0.0, 60),
        Column("text", "text", 0.0, 90),
        Column("same", "constant", 0.0, 1),
    )
    planned = family.architecture(card, replace(table, columns=columns, encoded=None), family.space.default)
    assert (planned.input_shape, planned.exact, planned.refitted) == ((1 + 2 + 1 + 4 + 5 + 50,), False, None)
    assert family.architecture(card, table, family.space.default).exact


def test_columns_of_a_language_models_code_are_known_only_once_it_runs():
    family = family_named("PyTorch MLP")
    card, table = described(family, BINARY, 2)
    values, report = family.space.default, CodeReport("def task_prepare(rows):\n    return rows")
    table = replace(table, encoded=Encoded(10, 12))

    def planned(used):
        return planned_architecture(family, card, table, values, {"data": LLMCode(report, used)})

    assert (planned(False).exact, planned(False).refitted.input_shape) == (True, (12,))
    assert (planned(True).exact, planned(True).refitted, planned(True).input_shape) == (False, None, (10,))


def frame_with_rare_categories():
    frame = small_adult(200)
    towns = [f"town {n}" for n in range(45)] + ["capital"] * 155
    return frame.assign(town=np.random.default_rng(3).permutation(towns))


CARDS = {
    "binary": {"target": "income"},
    "multiclass": {"target": "workclass"},
    "regression": {"target": "hours", "task": "regression"},
}


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_the_plan_of_a_table_is_the_network_that_its_cells_train(card):
    frame = frame_with_rare_categories()
    fixed = {"width": 12, "depth": 3, "epochs": 1}
    cards = {
        "data": {"name": "Task", "frame": "frame", **card},
        "model": {"name": "PyTorch MLP", "hyperparameters": fixed},
    }
    situation = survey(cards, None, frame=frame)
    plan = build_plan(situation, {})
    done = run_cells(plan.code.items(), {"frame": frame})
    model, refitted = done[f"{plan.names}_candidate"], done[f"{plan.names}_model"][-1]
    planned = plan.architecture
    assert planned.exact and planned.input_shape == model.shape_
    assert planned.n_parameters == n_parameters(model.network_)
    assert planned.multiply_adds == counted(model.network_, model.shape_)[0]
    assert model.shape_ < refitted.shape_, "some towns are only among the held-out rows"
    assert planned.refitted.n_parameters == n_parameters(refitted.network_)


def test_an_edit_changes_the_architecture_but_not_the_inputs():
    frame = frame_with_rare_categories()
    cards = {"data": {"name": "Task", "frame": "frame", "target": "income"}, "model": {"name": "PyTorch MLP"}}
    situation = survey(cards, None, frame=frame)
    before, after = (build_plan(situation, edits) for edits in ({}, {"width": 17, "depth": 1}))
    n = before.architecture.input_shape[0]
    assert after.architecture.input_shape == (n,)
    assert after.architecture.n_parameters == 17 * (n + 1) + 2 * 17 + 2 * (17 + 1) != before.architecture.n_parameters
    network = run_cells([(stage, after.code[stage]) for stage in after.code], {"frame": frame})
    assert after.architecture.n_parameters == n_parameters(network[f"{after.names}_candidate"].network_)


def test_other_plans_do_not_count_columns():
    frame = small_adult(200)
    plan = build_plan(survey({"data": {"name": "Task", "frame": "frame", "target": "income"}}, None, frame=frame), {})
    assert (plan.architecture, plan.table.encoded) == (None, None)


@pytest.mark.parametrize("name", ["CNN", "ViT"])
@pytest.mark.parametrize("source", ["npz, grey", "npz, four channels", "folder", "folder, grey", "digits"])
def test_the_plan_of_images_is_the_network_that_its_cells_train(name, source, tmp_path):
    data = {"name": "Task", **images(tmp_path, source)}
    cards = {"data": data, "model": {"name": name, "hyperparameters": {"epochs": 1, "depth": 2}}}
    plan = build_plan(survey(cards, None), {})
    code = [(stage, plan.code[stage]) for stage in ("data", "model")]
    done = run_cells(code, {})
    rows = done[f"{plan.names}_train"]
    model = done[f"{plan.names}_build"](plan.hyperparameters)
    model.fit(done[f"{plan.names}_preprocessing"].transform(rows), done[f"{plan.names}_target"](rows))
    planned = plan.architecture
    assert planned.exact and planned.refitted is None
    assert planned.input_shape == model.shape_
    assert planned.n_parameters == n_parameters(model.network_)
    assert planned.multiply_adds == counted(model.network_, model.shape_)[0]
    assert math.prod(planned.output_shape) == model.n_outputs_


def images(folder, source):
    """Write some images and return how a card names them."""
    random = np.random.default_rng(0)
    if source == "digits":
        return {"dataset": "sklearn/digits", "input_type": "image"}
    if source.startswith("npz"):
        shape = (12, 6, 11, 4) if "four" in source else (12, 6, 11)
        np.savez(folder / "x.npz", x=random.integers(0, 255, shape).astype("uint8"), y=np.arange(12) % 3)
        return {"path": str(folder / "x.npz")}
    from PIL import Image

    mode = "L" if "grey" in source else "RGBA"
    for number in range(12):
        (folder / f"class {number % 2}").mkdir(exist_ok=True)
        pixels = random.integers(0, 255, (9, 14, 4)).astype("uint8")
        Image.fromarray(pixels).convert(mode).save(folder / f"class {number % 2}" / f"{number}.png")
    return {"path": str(folder)}
