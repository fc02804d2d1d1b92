"""Which trials of a search are given up."""

import numpy as np
import pytest

from automl_gpt_magic.planning.pruning import is_hopeless
from automl_gpt_magic.records.curve import QUANTILES, Curve


def gives_up(done: int, best: float, planned: int = 100) -> bool:
    """Ask of a training that stands at 0.5 and is forecast to come to 0.4, one in twenty to 0.3."""
    steps = np.array([1, done])
    so_far = Curve("log_loss", steps, np.array([0.7, 0.5]), source="measured")
    ends = [0.3 if level <= 0.05 else 0.4 if level <= 0.5 else 0.45 for level in QUANTILES]
    rest = Curve(
        "log_loss", np.array([done, planned]), np.array([0.5, 0.4]), quantiles=np.array([[0.5, one] for one in ends])
    )
    return is_hopeless(so_far, rest, best, last_counts=False)


@pytest.mark.parametrize(("done", "gives_it_up"), [(19, False), (20, True)])
def test_before_a_fifth_of_the_planned_steps_nothing_is_given_up(done, gives_it_up):
    assert gives_up(done, best=0.1) is gives_it_up


def test_the_chance_of_one_in_twenty_decides():
    assert gives_up(50, best=0.29)
    assert not gives_up(50, best=0.31)
