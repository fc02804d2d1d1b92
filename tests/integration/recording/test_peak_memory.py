"""What a real training takes at its peak is about what is predicted."""

from pathlib import Path

import numpy as np
import pytest

from automl_gpt_magic.experience.memory import Sizes, load_memory, parts
from automl_gpt_magic.planning.families import family_named
from automl_gpt_magic.recording.memory import Training, peak_memory

measures = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux resets a process's peak")


@measures
def test_a_training_takes_about_the_memory_that_is_predicted():
    configuration = {**family_named("XGBoost").space.default, "n_estimators": 10}
    trainings = [Training("XGBoost", Sizes(rows, 12, 2, 2), configuration) for rows in (500, 40_000)]
    small, large = [peak_memory(one) for one in trainings]
    assert large > 1.5 * small
    for training, peak in zip(trainings, (small, large), strict=True):
        held = parts("XGBoost", training.sizes, configuration)
        assert 0.5 < peak / load_memory()["XGBoost"].memory(held).bytes < 2


@measures
def test_what_the_parent_process_holds_is_not_counted():
    held = np.ones(60_000_000)  # 480 MB
    configuration = {**family_named("XGBoost").space.default, "n_estimators": 1}
    assert peak_memory(Training("XGBoost", Sizes(300, 4, 0, 2), configuration)) < 0.2 * held.nbytes
