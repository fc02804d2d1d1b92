# Training: measure on the validation part of Task.
from time import perf_counter

from sklearn.pipeline import make_pipeline

task_hyperparameters = {
    'encoder': 'all-MiniLM-L6-v2',
    'encoders': 'two',
    'layers': 12,
    'pooling': 'mean',
    'max_length': 256,
    'max_question_length': 64,
    'dropout': 0.1,
    'batch_size': 16,
    'epochs': 5,
    'learning_rate': 2e-05,
    'warmup_steps': 0,
    'weight_decay': 0.0,
    'gradient_clip': 2.0,
    'hard_negatives': 1,
    'question_dtype': 'float32',
    'index_dtype': 'float32',
}

task_candidate = task_build(task_hyperparameters)
task_parts = [
    (task_preprocessing.transform(task_train), task_target(task_train)),
    (task_preprocessing.transform(task_valid), task_target(task_valid)),
]
import automl_gpt_magic; task_fit = automl_gpt_magic.watch(task_fit, 'task', '12345678', task_hyperparameters, 'epochs')  # optional: draws the curve in the panel
task_seconds = -perf_counter()
task_log = task_fit(task_candidate, *task_parts)
task_seconds += perf_counter()


def task_scores(model, x, y):
    scores = model.measure(x, y)
    return {name: scores[name] for name in ['recall_at_20', 'mrr']}


task_valid_scores = task_scores(task_candidate, *task_parts[1])
print('validation:', {name: round(score, 4) for name, score in task_valid_scores.items()}, f'in {task_seconds:.1f} s')

task_model = make_pipeline(task_preprocessing, task_candidate)  # trained on the training part, not refitted
