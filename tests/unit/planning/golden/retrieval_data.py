# Data: Task. Read questions with their passages, clean, pool, split; plain code, yours to edit.
import json
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def task_clean(text):
    """Return a text in one Unicode form and without needless blanks; the encoder's tokenizer lower-cases if it does."""
    return ' '.join(unicodedata.normalize('NFKC', text or '').split())


def task_read(file):
    """Return a row for each question that has a right passage; a passage is its title and its text."""
    text = Path(file).expanduser().read_text(encoding='utf-8')
    lines = file.lower().endswith('.jsonl')
    entries = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)

    def passages(entry, *names):
        every = [one for name in names for one in entry.get(name) or []]
        return [(task_clean(one.get('title')), task_clean(one['text'])) for one in every]

    return pd.DataFrame([
        {
            'question': task_clean(entry['question']),
            'answers': entry.get('answers', []),
            'positives': passages(entry, 'positive_ctxs'),
            'negatives': passages(entry, 'hard_negative_ctxs', 'negative_ctxs'),
        }
        for entry in entries
        if entry['positive_ctxs']
    ])


task_rows = task_read('questions.json')
# The passages of all questions are what is searched.
task_passages = list(dict.fromkeys(
    one for column in ('positives', 'negatives') for some in task_rows[column] for one in some
))
task_places = {passage: place for place, passage in enumerate(task_passages)}


def task_target(rows):
    """Return of each question the places of its right and of its hard wrong passages among all."""
    pairs = zip(rows['positives'], rows['negatives'], strict=True)
    places = [[[task_places[one] for one in some] for some in pair] for pair in pairs]
    return [(right, [place for place in wrong if place not in right]) for right, wrong in places]


def task_questions(rows):
    return [task_clean(question) for question in rows['question']]


# Questions with the same right passage stay together: none that answers a validation question was trained on as right.
task_right = [
    (row, place) for row, (right, _) in enumerate(task_target(task_rows)) for place in right
]
task_answered = csr_matrix(
    (np.ones(len(task_right)), tuple(zip(*task_right, strict=True))),
    shape=(len(task_rows), len(task_passages)),
)
task_n_groups, task_groups = connected_components(task_answered @ task_answered.T)
if task_n_groups == 1:
    print('All questions share right passages, so the parts do too.')
    task_groups = np.arange(len(task_rows))
task_splitter = GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=0)
task_split = next(task_splitter.split(task_rows, groups=task_groups))
task_train, task_valid = (task_rows.iloc[places] for places in task_split)
# Nor was it trained on as a wrong one.
task_hidden = {place for right, _ in task_target(task_valid) for place in right}
task_train = task_train.assign(negatives=[
    [one for one in some if task_places[one] not in task_hidden]
    for some in task_train['negatives']
])

task_preprocessing = make_pipeline(FunctionTransformer(task_questions)).fit(task_train)
print(
    f'{len(task_train):,} training questions, {len(task_valid):,} validation questions,'
    f' {len(task_passages):,} passages'
)
