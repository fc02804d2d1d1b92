# Model: Ridge for Task (regression).
import numpy as np
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from sklearn.linear_model import Ridge


def task_build(hyperparameters):
    """Return an untrained model; the training cell fixes its hyperparameters."""
    return Ridge(random_state=0, **hyperparameters)


def task_measure(log, step, *parts):
    """Add a step to the log; a part is its target and prediction. Return how many steps ago the loss was best."""
    log.setdefault('step', []).append(step)
    for name, (y, p) in zip(('training', 'validation'), parts, strict=True):
        part = log.setdefault(name, {'mae': [], 'rmse': []})
        part['mae'].append(float(mean_absolute_error(y, p)))
        part['rmse'].append(float(root_mean_squared_error(y, p)))
    return step - log['step'][int(np.argmin(log['validation']['rmse']))]


def task_fit(model, train, valid, report=None):
    """Train in one step, and measure both parts; `report` hears the log."""
    log = {}
    model.fit(*train)
    task_measure(log, 1, *((y, model.predict(x)) for x, y in (train, valid)))
    if report:
        report(log)
    return log
