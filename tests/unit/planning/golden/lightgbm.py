# Model: LightGBM for Task (binary classification).
from lightgbm.callback import EarlyStopException
from lightgbm import LGBMClassifier


def task_build(hyperparameters):
    """Return an untrained model; the task fixes the objective, the training cell the rest."""
    return LGBMClassifier(
        objective='binary',
        subsample_freq=1,  # without it, subsample does nothing
        deterministic=True,
        force_row_wise=True,
        random_state=0,
        verbosity=-1,
        **hyperparameters,
    )


def task_fit(model, train, valid, report=None):
    """Train, measuring both parts after every round; `report` hears the log and may end the training."""
    log = {part: {'binary_error': [], 'binary_logloss': []} for part in ('training', 'validation')}

    def each_round(env):
        for part, metric, value, _ in env.evaluation_result_list:
            log[part][metric].append(value)
        if report and report(log):
            raise EarlyStopException(env.iteration, env.evaluation_result_list)

    model.set_params(metric=['binary_logloss', 'binary_error'], first_metric_only=True)  # the first is stopped by
    xs, ys = zip(train, valid)
    model.fit(*train, eval_X=xs, eval_y=ys, eval_names=list(log), callbacks=[each_round])
    return log
