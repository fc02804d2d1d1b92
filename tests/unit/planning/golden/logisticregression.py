# Model: LogisticRegression for Task (binary classification).
import numpy as np
from sklearn.metrics import accuracy_score, log_loss
from sklearn.linear_model import LogisticRegression


def task_build(hyperparameters):
    """Return an untrained model; the training cell fixes its hyperparameters."""
    return LogisticRegression(random_state=0, **hyperparameters)


def task_measure(log, step, *parts):
    """Add a step to the log; a part is its target and prediction. Return how many steps ago the loss was best."""
    log.setdefault('step', []).append(step)
    for name, (y, p) in zip(('training', 'validation'), parts, strict=True):
        part = log.setdefault(name, {'accuracy': [], 'log_loss': []})
        part['accuracy'].append(float(accuracy_score(y, p.argmax(axis=1))))
        part['log_loss'].append(float(log_loss(y, p, labels=range(p.shape[1]))))
    return step - log['step'][int(np.argmin(log['validation']['log_loss']))]


def task_fit(model, train, valid, report=None):
    """Train in one step, and measure both parts; `report` hears the log."""
    log = {}
    model.fit(*train)
    task_measure(log, 1, *((y, model.predict_proba(x)) for x, y in (train, valid)))
    if report:
        report(log)
    return log
