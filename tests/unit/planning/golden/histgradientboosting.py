# Model: HistGradientBoosting for Task (binary classification).
import numpy as np
from sklearn.metrics import accuracy_score, log_loss
from sklearn.ensemble import HistGradientBoostingClassifier


def task_build(hyperparameters):
    """Return an untrained model; the task fixes the loss, the training cell the rest."""
    own = {name: value for name, value in hyperparameters.items() if name != 'early_stopping_rounds'}
    model = HistGradientBoostingClassifier(early_stopping=False, random_state=0, **own)
    model.early_stopping_rounds = hyperparameters.get('early_stopping_rounds')  # for task_fit
    return model


def task_measure(log, step, *parts):
    """Add a step to the log; a part is its target and prediction. Return how many steps ago the loss was best."""
    log.setdefault('step', []).append(step)
    for name, (y, p) in zip(('training', 'validation'), parts, strict=True):
        part = log.setdefault(name, {'accuracy': [], 'log_loss': []})
        part['accuracy'].append(float(accuracy_score(y, p.argmax(axis=1))))
        part['log_loss'].append(float(log_loss(y, p, labels=range(p.shape[1]))))
    return step - log['step'][int(np.argmin(log['validation']['log_loss']))]


def task_fit(model, train, valid, report=None):
    """Train in steps, each measured on both parts; `report` hears the log and may end the training."""
    n_rounds, stopping = model.max_iter, getattr(model, 'early_stopping_rounds', None)
    # Going on and measuring cost a prediction by all trees so far: the steps double, and of the training part at
    # most 10,000 rows are measured.
    sizes = [5 * 2 ** doubling for doubling in range(20)]
    some = slice(None, None, -(-len(train[1]) // 10_000))
    parts = [(train[0][some], train[1][some]), valid]
    log = {}
    for size in [*(few for few in sizes if few < n_rounds), n_rounds]:
        model.set_params(max_iter=size, warm_start=True).fit(*train)
        waited = task_measure(log, size, *((y, model.predict_proba(x)) for x, y in parts))
        if (report and report(log)) or (stopping and waited >= stopping):
            break
    model.set_params(warm_start=False)
    if stopping and waited:
        model.set_params(max_iter=model.max_iter - waited).fit(*train)
    return log
