"""Networks of images are recorded epoch by epoch."""

import json
from dataclasses import replace

import numpy as np
import pytest

from automl_gpt_magic.recording import record as recording
from automl_gpt_magic.recording.configurations import recorded_family, shared_configurations


@pytest.mark.parametrize("family", ["CNN", "ViT"])
def test_runs_are_recorded_epoch_by_epoch(family, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    short = replace(recorded_family(family), steps=2, most_rows=100)
    monkeypatch.setattr(recording, "recorded_family", lambda name: short)
    monkeypatch.setattr(recording, "shared_configurations", lambda recorded: shared_configurations(recorded)[:2])
    path = recording.record(family, "digits_8x8_01234", tmp_path)
    with np.load(path) as logs:
        assert logs["train"].shape == logs["valid"].shape == logs["other"].shape == (2, 2)
        assert (logs["train"][:, 1] < logs["train"][:, 0]).all()
        assert (logs["seconds"] > 0).all() and ((logs["other"] >= 0) & (logs["other"] <= 1)).all()
    card = json.loads((tmp_path / "digits_8x8_01234.json").read_text())
    assert (card["input_type"], card["image_size"], card["n_channels"]) == ("image", [8, 8], 1)
    assert (card["n_rows"], card["n_rows_whole"]) == (100, 901)
    shares = np.array(list(card["class_balance"].values()))
    assert card["loss_scale"] == pytest.approx(-(shares * np.log(shares)).sum())
    assert card["drawn_from"] == [f"digits_8x8/{digit}" for digit in range(5)]
