"""The cells' training loop of a PyTorch network: measured after every epoch, stopped early, reported live."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

_FIT = Template('''\
def ${names}_fit(model, train, valid, report=None):
    """Train, measuring both parts after every epoch; `report` hears the log and may end the training."""
    every = max(1, len(train[1]) // max(len(valid[1]), 1_000))  # a sample of a large training part is enough
    parts = {'training': [values[::every] for values in train], 'validation': valid}
    log = {part: {metric: [] for metric in $metrics} for part in parts}
    losses, best = log['validation'][$last], None
    for _ in model.train_epochs(*train):$ready
        for part, rows in parts.items():
            for metric, value in model.measure(*rows).items():
                log[part][metric].append(value)
        if report and report(log):
            break
        if model.early_stopping_rounds:
            epochs_since_best = len(losses) - 1 - int(np.argmin(losses))
            if epochs_since_best == 0:
                best = copy.deepcopy(model.$network)
            if epochs_since_best >= model.early_stopping_rounds:
                break
$keep
    return log''')


def fit_code(
    names: str,
    metrics: Sequence[str],
    *,
    network: str = "network_",
    ready: str = "",
    keep: str = "    model.network_ = best or model.network_",
) -> str:
    """Return the source of ``{names}_fit``, which measures a network after every epoch and may stop early.

    Parameters
    ----------
    names : str
    metrics : sequence of str
        What ``model.measure`` returns, the loss last.
    network : str
        The model's attribute that is kept of the best epoch.
    ready : str
        What is done to the model before it is measured, a statement.
    keep : str
        Statements, indented, that give the model its ``best`` network; None where it is the last.
    """
    return _FIT.substitute(
        names=names,
        metrics=tuple(metrics),
        last=repr(metrics[-1]),
        network=network,
        ready=f"\n        {ready}" if ready else "",
        keep=keep,
    )
