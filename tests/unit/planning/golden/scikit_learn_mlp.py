# Model: scikit-learn MLP for Task (binary classification).
import warnings
from copy import deepcopy
import numpy as np
from sklearn.metrics import accuracy_score, log_loss
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

warnings.filterwarnings('ignore', category=ConvergenceWarning)  # max_iter is meant, not a limit


def task_build(hyperparameters):
    """Return an untrained model; the task fixes the loss, the training cell the rest."""
    own = {name: value for name, value in hyperparameters.items() if name != 'early_stopping_rounds'}
    model = MLPClassifier(random_state=np.random.RandomState(0), n_iter_no_change=10**9, **own)
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
    """Train epoch by epoch, each measured on both parts; `report` hears the log and may end the training."""
    stopping = getattr(model, 'early_stopping_rounds', None)
    network, n_epochs = model, model.max_iter
    log, best = {}, None
    for epoch in range(1, n_epochs + 1):
        network.partial_fit(*train, classes=np.unique(train[1]))
        waited = task_measure(log, epoch, *((y, model.predict_proba(x)) for x, y in (train, valid)))
        if not waited:
            best = deepcopy((network.coefs_, network.intercepts_))
        if (report and report(log)) or (stopping and waited >= stopping):
            break
    if stopping:
        network.coefs_, network.intercepts_ = best
    return log
