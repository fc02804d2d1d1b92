"""The data cell for passage retrieval: read questions with their passages, clean, pool, split."""

from __future__ import annotations

from string import Template

from ...records.card import DataCard
from ...records.plan import Step
from ...records.table import TableProfile
from .source import comment

_WHAT = "Read questions with their passages, clean, pool, split"
_IMPORTS = """\
import json
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer"""
_READ = Template('''\
def ${n}_clean(text):
    """Return a text in one Unicode form and without needless blanks; the encoder's tokenizer lower-cases if it does."""
    return ' '.join(unicodedata.normalize('NFKC', text or '').split())


def ${n}_read(file):
    """Return a row for each question that has a right passage; a passage is its title and its text."""
    text = Path(file).expanduser().read_text(encoding='utf-8')
    lines = file.lower().endswith('.jsonl')
    entries = [json.loads(line) for line in text.splitlines() if line.strip()] if lines else json.loads(text)

    def passages(entry, *names):
        every = [one for name in names for one in entry.get(name) or []]
        return [(${n}_clean(one.get('title')), ${n}_clean(one['text'])) for one in every]

    return pd.DataFrame([
        {
            'question': ${n}_clean(entry['question']),
            'answers': entry.get('answers', []),
            'positives': passages(entry, 'positive_ctxs'),
            'negatives': passages(entry, 'hard_negative_ctxs', 'negative_ctxs'),
        }
        for entry in entries
        if entry['positive_ctxs']
    ])


${n}_rows = ${n}_read($path)
# The passages of all questions are what is searched.
${n}_passages = list(dict.fromkeys(
    one for column in ('positives', 'negatives') for some in ${n}_rows[column] for one in some
))
${n}_places = {passage: place for place, passage in enumerate(${n}_passages)}


def ${n}_target(rows):
    """Return of each question the places of its right and of its hard wrong passages among all."""
    pairs = zip(rows['positives'], rows['negatives'], strict=True)
    places = [[[${n}_places[one] for one in some] for some in pair] for pair in pairs]
    return [(right, [place for place in wrong if place not in right]) for right, wrong in places]


def ${n}_questions(rows):
    return [${n}_clean(question) for question in rows['question']]''')
_SPLIT = Template("""\
# Questions with the same right passage stay together: none that answers a validation question was trained on as right.
${n}_right = [
    (row, place) for row, (right, _) in enumerate(${n}_target(${n}_rows)) for place in right
]
${n}_answered = csr_matrix(
    (np.ones(len(${n}_right)), tuple(zip(*${n}_right, strict=True))),
    shape=(len(${n}_rows), len(${n}_passages)),
)
${n}_n_groups, ${n}_groups = connected_components(${n}_answered @ ${n}_answered.T)
if ${n}_n_groups == 1:
    print('All questions share right passages, so the parts do too.')
    ${n}_groups = np.arange(len(${n}_rows))
${n}_splitter = GroupShuffleSplit(n_splits=1, test_size=$share, random_state=$seed)
${n}_split = next(${n}_splitter.split(${n}_rows, groups=${n}_groups))
${n}_train, ${n}_valid = (${n}_rows.iloc[places] for places in ${n}_split)
# Nor was it trained on as a wrong one.
${n}_hidden = {place for right, _ in ${n}_target(${n}_valid) for place in right}
${n}_train = ${n}_train.assign(negatives=[
    [one for one in some if ${n}_places[one] not in ${n}_hidden]
    for some in ${n}_train['negatives']
])

${n}_preprocessing = make_pipeline(FunctionTransformer(${n}_questions)).fit(${n}_train)
print(
    f'{len(${n}_train):,} training questions, {len(${n}_valid):,} validation questions,'
    f' {len(${n}_passages):,} passages'
)""")


def data_steps(card: DataCard, table: TableProfile | None) -> tuple[Step, ...]:
    """List the techniques that `data_cell` writes, each with its reason."""
    without = table.n_unlabelled if table else 0
    steps = [
        (
            without > 0,
            "drop questions without a right passage",
            f"{without} have none; there is nothing to learn from them",
        ),
        (
            True,
            "clean texts",
            "one Unicode form (NFKC), no needless blanks; lower case where the tokenizer makes it so",
        ),
        (True, "join title and text of a passage", "as the pair of texts that the encoder reads"),
        (True, "pool the passages of all questions", "each once; all of them are searched for every question"),
        (
            True,
            "split by question",
            f"{card.split.validation:.0%}, seed {card.split.seed}; questions that share a right passage stay in one "
            "part, and what answers a validation question is no negative in training",
        ),
        (
            True,
            "tokenise in the model",
            "by the encoder's own tokenizer, cut to its lengths, padded to a batch's longest",
        ),
    ]
    return tuple(Step(technique, reason) for wanted, technique, reason in steps if wanted)


def data_cell(names: str, card: DataCard) -> str:
    """Return the source of the data cell.

    It defines ``{names}_rows``, ``_train`` and ``_valid`` (a row a question), ``_passages`` (pairs of title and text),
    ``_target`` (rows to the places of right and wrong passages) and ``_preprocessing`` (rows to clean questions).
    """
    return "\n\n\n".join(
        [
            f"{comment(f'Data: {card.name}. {_WHAT}; plain code, yours to edit.')}\n{_IMPORTS}",
            _READ.substitute(n=names, path=repr(card.path)),
            _SPLIT.substitute(n=names, share=repr(card.split.validation), seed=repr(card.split.seed)),
        ]
    )


def predict_cell(names: str, card: DataCard) -> str:
    """Return the source that finds passages for questions with the trained model."""
    head = comment(f"Predict: the passages that the model of {card.name} finds for questions, the best first.")
    return f"{head}\n{_PREDICT.substitute(n=names)}"


_PREDICT = Template("""\
import pandas as pd

${n}_new = ${n}_valid.head(3)  # change this line for other questions: a table with a column question
${n}_found = ${n}_model.predict(${n}_new)[:, :3]
${n}_predictions = pd.DataFrame([
    (question, rank, place, *${n}_passages[place])
    for question, places in zip(${n}_new['question'], ${n}_found, strict=True)
    for rank, place in enumerate(places, start=1)
], columns=['question', 'rank', 'place', 'title', 'text'])
${n}_predictions""")
