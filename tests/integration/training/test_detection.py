"""Object detection through the magic: a small DETR is planned, trained in a process of its own, judged and kept."""

from __future__ import annotations

import pytest

from tests.coco_shapes import write_shapes

CARDS = """%%automl
data: {{name: Shapes, task: object detection, path: {path}}}
model:
  name: DETR
  hyperparameters: {{backbone: 10, backbone_width: 16, stages: 2, dim: 32, heads: 2, encoder_layers: 1,
    decoder_layers: 1, feed_forward: 32, queries: 5, batch_size: 8, epochs: 2, learning_rate: 0.001}}
"""


@pytest.fixture
def shell(one_shell, monkeypatch):
    monkeypatch.setattr(one_shell, "showtraceback", _raise)
    one_shell.run_line_magic("load_ext", "automl_gpt_magic")
    yield one_shell
    one_shell.run_line_magic("unload_ext", "automl_gpt_magic")


def _raise(*_, **__):
    raise


def test_it_trains_is_judged_and_kept(shell, tmp_path, capsys):
    path = write_shapes(tmp_path / "shapes", 20, size=32)
    shell.run_cell(CARDS.format(path=path)).raise_error()
    task = shell.magics_manager.registry["AutoMLMagics"].session.last
    assert task.plan.curve.metric == "map"
    assert next(one for one in task.plan.values if one.name == "weight_decay").source == "published"
    shell.run_cell("%automl train").raise_error()
    assert list(task.measured.curves) == ["map_50", "map", "loss"]
    assert len(shell.user_ns["shapes_log"]["validation"]["map"]) == 2
    boxes = shell.user_ns["shapes_model"].predict(shell.user_ns["shapes_rows"].head(2))
    assert [one.shape for one in boxes] == [(5, 6), (5, 6)]
    capsys.readouterr()
    shell.run_cell("%automl history").raise_error()
    assert "Shapes" in capsys.readouterr().out
