"""What a training that has begun can still come to."""

import numpy as np
import pytest

from automl_gpt_magic.experience import Advice
from automl_gpt_magic.experience.bank import load_bank
from automl_gpt_magic.experience.outlook import Outlook
from automl_gpt_magic.planning.families import XGBOOST
from automl_gpt_magic.records.card import BINARY, MULTICLASS, REGRESSION, DataCard

CARD = DataCard(name="People", task=BINARY, n_rows=5000, n_features=14, class_balance={"low": 0.75, "high": 0.25})
LATE = {**XGBOOST.default, "n_estimators": 600}


@pytest.fixture(scope="module")
def reachable():
    return Advice(CARD, None, XGBOOST, {}).reachable


@pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION])
def test_one_left_out_training_in_ten_at_most_passes_the_bound(task):
    bank, passed = load_bank().for_task(task), []
    best = np.minimum.accumulate(bank.valid, axis=2)
    for dataset in range(len(bank.datasets)):
        outlook = Outlook(bank.subset(np.delete(np.arange(len(bank.datasets)), dataset)), XGBOOST)
        for index in range(3, len(bank.configurations), 9):
            row = dict(zip(bank.parameters, bank.configurations[index], strict=True))
            at = np.searchsorted(bank.rounds, 50)
            bound = outlook.reachable_loss(
                {**row, "n_estimators": 600}, 50, float(best[dataset, index, at]), is_error=False
            )
            passed.append(best[dataset, index, -1] < bound - 1e-9)
    assert 0 < np.mean(passed) < 0.12


def test_a_training_at_its_end_comes_no_further_and_one_at_its_start_does(reachable):
    assert reachable("log_loss", LATE, 600, 0.3) == pytest.approx(0.3)
    slow = {**LATE, "learning_rate": 0.01}
    assert reachable("log_loss", slow, 20, 0.5) < reachable("log_loss", slow, 200, 0.5) < 0.5


def test_fewer_rounds_come_less_far(reachable):
    slow = {**LATE, "learning_rate": 0.02}
    assert reachable("log_loss", {**slow, "n_estimators": 60}, 50, 0.5) > reachable("log_loss", slow, 50, 0.5)


def test_an_accuracy_rises(reachable):
    assert 0.8 < reachable("accuracy", {**LATE, "learning_rate": 0.02}, 20, 0.8) <= 1
