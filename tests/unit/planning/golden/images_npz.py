# Data: Digits. List the images, split, read and scale; plain code, yours to edit.
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

task_classes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
task_source = Path('x.npz').expanduser()


def task_listed(source):
    """Return a row for each image of a file: its number there, and its class."""
    with np.load(source, allow_pickle=False) as file:
        labels = file['y']
    return pd.DataFrame({'image': np.arange(len(labels)), 'target': labels}).dropna(subset=['target'])


def task_pixels(source, images):
    """Return the pixels of the images with these numbers; an image may be an array itself."""
    if not pd.api.types.is_integer_dtype(images):
        return np.stack(list(images))
    with np.load(source, allow_pickle=False) as file:
        return file['x'][images.to_numpy()]


task_rows = task_listed(task_source)


def task_target(rows):
    """Number the classes in the order of task_classes."""
    codes = pd.Categorical(rows['target'], categories=task_classes).codes
    if (codes < 0).any():
        unknown = sorted(set(map(str, rows.loc[codes < 0, 'target'])))[:5]
        raise ValueError(f'the target holds {unknown}, which task_classes does not name')
    return codes.astype('int64')


task_train, task_valid = train_test_split(
    task_rows, test_size=0.2, random_state=0, stratify=task_target(task_rows)
)


def task_images(rows):
    """Return the images as numbers: (images, channels, height, width). Those missing or infinite become 0."""
    pixels = task_pixels(task_source, rows['image'])
    pixels = pixels.reshape(*pixels.shape[:3], -1).transpose(0, 3, 1, 2).astype('float32', order='C')
    return np.nan_to_num(pixels, copy=False, posinf=0, neginf=0)


class task_Scaling(TransformerMixin, BaseEstimator):
    """Each channel with mean 0 and deviation 1."""

    def fit(self, images, y=None):
        channels = images.swapaxes(0, 1)
        mean, deviation = ([measure(one, dtype='float64') for one in channels] for measure in (np.mean, np.std))
        self.mean_ = np.array(mean, dtype='float32')[:, None, None]
        self.deviation_ = np.array([one or 1 for one in deviation], dtype='float32')[:, None, None]
        return self

    def transform(self, images):
        return (images - self.mean_) / self.deviation_


task_preprocessing = make_pipeline(FunctionTransformer(task_images), task_Scaling()).fit(task_train)
print(f'{len(task_train):,} training rows, {len(task_valid):,} validation rows')
