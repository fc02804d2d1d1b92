# Model: XGBoost for Small Adult (binary classification).
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
