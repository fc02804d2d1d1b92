# Model: XGBoost for Small Adult (binary classification).
from xgboost.callback import TrainingCallback
from xgboost import XGBClassifier


def task_build(hyperparameters):
    """Return an untrained model; the task fixes the objective, the training cell the rest."""
    return XGBClassifier(
        objective='binary:logistic',
        eval_metric=['error', 'logloss'],
        tree_method='hist',
        random_state=0,
        **hyperparameters,
    )


def task_fit(model, train, valid, report=None):
    """Train, measuring both parts after every round; `report` hears the log and may end the training."""

    class EachRound(TrainingCallback):
        def after_iteration(self, model, epoch, log):
            return bool(report and report(log))

    callbacks = model.callbacks
    model.callbacks = [*(callbacks or []), EachRound()]
    model.fit(*train, eval_set=[train, valid], verbose=False)
    model.callbacks = callbacks
    return model.evals_result()
