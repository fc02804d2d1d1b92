# Training: measure on the validation part of Small Adult, then refit on every row.
from time import perf_counter

from sklearn.base import clone
from sklearn.metrics import accuracy_score, log_loss
from sklearn.pipeline import make_pipeline

task_hyperparameters = {
    'learning_rate': 0.3,
    'n_estimators': 5,
    'max_depth': 3,
    'min_child_weight': 1.0,
    'subsample': 1.0,
    'colsample_bytree': 1.0,
    'reg_lambda': 1.0,
    'reg_alpha': 0.0,
    'gamma': 0.0,
}

task_candidate = task_build(task_hyperparameters)
task_parts = [
    (task_preprocessing.transform(task_train), task_target(task_train)),
    (task_preprocessing.transform(task_valid), task_target(task_valid)),
]
import automl_gpt_magic; task_fit = automl_gpt_magic.watch(task_fit, 'task', '12345678', task_hyperparameters, 'n_estimators')  # optional: draws the curve in the panel
task_seconds = -perf_counter()
task_log = task_fit(task_candidate, *task_parts)
task_seconds += perf_counter()


def task_scores(model, x, y):
    return {
        'accuracy': float(accuracy_score(y, model.predict(x))),
        'log_loss': float(log_loss(y, model.predict_proba(x), labels=range(len(task_classes)))),
    }


task_valid_scores = task_scores(task_candidate, *task_parts[1])
print('validation:', {name: round(score, 4) for name, score in task_valid_scores.items()}, f'in {task_seconds:.1f} s')

task_model = make_pipeline(
    clone(task_preprocessing), task_build(task_hyperparameters)
).fit(task_rows, task_target(task_rows))
print(f'refitted on all {len(task_rows):,} rows: task_model')
