# Model: RandomForestRegressor for Task (regression).
import numpy as np
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from sklearn.ensemble import RandomForestRegressor


def task_build(hyperparameters):
    """Return an untrained model; the task fixes the loss, the training cell the rest."""
    own = {name: value for name, value in hyperparameters.items() if name != 'early_stopping_rounds'}
    model = RandomForestRegressor(n_jobs=-1, random_state=0, **own)
    model.early_stopping_rounds = hyperparameters.get('early_stopping_rounds')  # for task_fit
    return model


def task_measure(log, step, *parts):
    """Add a step to the log; a part is its target and prediction. Return how many steps ago the loss was best."""
    log.setdefault('step', []).append(step)
    for name, (y, p) in zip(('training', 'validation'), parts, strict=True):
        part = log.setdefault(name, {'mae': [], 'rmse': []})
        part['mae'].append(float(mean_absolute_error(y, p)))
        part['rmse'].append(float(root_mean_squared_error(y, p)))
    return step - log['step'][int(np.argmin(log['validation']['rmse']))]


def task_fit(model, train, valid, report=None):
    """Grow the forest in steps, each measured on both parts; `report` hears the log and may end the training."""
    n_trees, stopping = model.n_estimators, getattr(model, 'early_stopping_rounds', None)
    parts = [(np.asarray(x, dtype='float32'), y) for x, y in (train, valid)]
    log, sums, grown = {}, [0, 0], 0
    for size in [*(few for few in (1, 5, *range(10, n_trees, 10)) if few < n_trees), n_trees]:
        model.set_params(n_estimators=size, warm_start=True).fit(*train)
        for tree in model.estimators_[grown:]:  # each tree predicts each part once
            sums = [so_far + tree.predict(x, check_input=False) for so_far, (x, _) in zip(sums, parts)]
        grown = size
        waited = task_measure(log, size, *((y, so_far / size) for so_far, (_, y) in zip(sums, parts)))
        if (report and report(log)) or (stopping and waited >= stopping):
            break
    model.set_params(warm_start=False)
    if stopping:
        model.estimators_ = model.estimators_[:model.n_estimators - waited]
        model.set_params(n_estimators=len(model.estimators_))
    return log
