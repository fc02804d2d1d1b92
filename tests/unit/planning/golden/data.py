# Data: Small Adult. Select, clean, split and encode; plain code, yours to edit.
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder

task_numeric = ['age', 'hours']
task_categorical = ['workclass']
task_classes = ['<=50K', '>50K']

task_rows = adult.dropna(subset=['income'])


def task_features(rows):
    """Select the columns the model reads; missing, infinite and huge values become NaN."""
    numbers = rows[task_numeric].apply(pd.to_numeric, errors='coerce').astype('float64')
    numbers = numbers.where(numbers.abs() < 3e38)  # many models' numbers have 32 bits
    words = rows[task_categorical].astype(object)
    words = words.map(str, na_action='ignore').astype(object).where(words.notna(), np.nan)
    return pd.concat([numbers, words], axis=1)


def task_target(rows):
    """Number the classes in the order of task_classes."""
    codes = pd.Categorical(rows['income'], categories=task_classes).codes
    if (codes < 0).any():
        unknown = sorted(set(map(str, rows.loc[codes < 0, 'income'])))[:5]
        raise ValueError(f'the target holds {unknown}, which task_classes does not name')
    return codes.astype('int64')


task_train, task_valid = train_test_split(
    task_rows, test_size=0.2, random_state=0, stratify=task_target(task_rows)
)

task_preprocessing = make_pipeline(
    FunctionTransformer(task_features),
    ColumnTransformer([
        ('numbers', 'passthrough', task_numeric),
        ('categories', OrdinalEncoder(handle_unknown='use_encoded_value', unknown_value=np.nan), task_categorical),
    ]),
).fit(task_train)

print(f'{len(task_train):,} training rows, {len(task_valid):,} validation rows')
