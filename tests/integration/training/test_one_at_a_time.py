"""One training at a time in a notebook, unless asked."""

import pytest
from IPython.display import DisplayHandle

from automl_gpt_magic.answers import Options
from automl_gpt_magic.errors import UsageError
from automl_gpt_magic.session import Session
from automl_gpt_magic.settings import AutoML
from tests.conftest import CARDS, small_adult


@pytest.fixture
def tasks(one_shell):
    shell = one_shell
    shell.user_ns["adult"] = small_adult()
    session, planned = Session(shell), []
    for name in ("First", "Second"):
        session.plan(CARDS.replace("name: Small Adult", f"name: {name}"), 2, DisplayHandle(), AutoML(), Options())
        planned.append(session.last)
    yield planned
    for task in planned:
        task.running.cancel()
    session.close()


def test_a_second_plan_waits_for_the_first_unless_asked(tasks):
    first, second = tasks
    began = first.train()
    with pytest.raises(UsageError, match="First is being trained in this notebook"):
        second.train()
    beside = second.train(concurrent=True)
    with pytest.raises(UsageError, match="training or search of this plan runs already"):
        second.train(concurrent=True)
    for process in (began, beside):
        process.join(60)
        assert not process.running
    assert first.measured and second.measured
    second.train().join(60)
