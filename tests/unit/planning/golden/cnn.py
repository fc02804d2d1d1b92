# Model: CNN for Digits (multiclass classification).
import copy
from contextlib import contextmanager

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from torch import nn


class task_Network(nn.Module):
    """Convolutions, each with twice the channels on half the height and width, and one layer over all of it."""

    def __init__(self, shape, n_outputs, channels, depth, dropout):
        super().__init__()
        layers, (before, height, width) = [], shape
        for block in range(depth):
            after = channels * 2**block
            convolution = nn.Conv2d(before, after, kernel_size=3, padding=1)
            layers += [convolution, nn.GroupNorm(1, after), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)]
            before, height, width = after, -(-height // 2), -(-width // 2)
        output = nn.Linear(before * height * width, n_outputs)
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(dropout), output)

    def forward(self, x):
        return self.layers(x)


class task_Classifier(ClassifierMixin, BaseEstimator):
    """The network behind scikit-learn's fit and predict; it computes on the GPU where there is one."""

    def __init__(
        self,
        learning_rate=0.001,
        epochs=20,
        batch_size=64,
        channels=16,
        depth=3,
        dropout=0.1,
        weight_decay=0.01,
        early_stopping_rounds=None,
        random_state=0,
    ):
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.channels = channels
        self.depth = depth
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.early_stopping_rounds = early_stopping_rounds
        self.random_state = random_state

    def train_epochs(self, x, y):
        """Train a new network, and pause after every epoch."""
        torch.manual_seed(self.random_state)
        x, y = task_tensor(x), self.targets(y)
        self.shape_ = tuple(x.shape[1:])
        self.network_ = self.new_network()
        weights = self.network_.parameters()
        optimizer = torch.optim.AdamW(weights, lr=self.learning_rate, weight_decay=self.weight_decay)
        for epoch in range(1, self.epochs + 1):
            with task_on_device(self.network_) as device:
                self.network_.train()
                for rows in torch.randperm(len(x)).split(self.batch_size):
                    optimizer.zero_grad()
                    loss = nn.functional.cross_entropy(self.network_(x[rows].to(device)), y[rows].to(device))
                    loss.backward()
                    optimizer.step()
            task_check(loss)
            yield epoch

    def new_network(self):
        return task_Network(self.shape_, self.n_outputs_, self.channels, self.depth, self.dropout)

    def fit(self, x, y):
        for _ in self.train_epochs(x, y):
            pass
        return self

    def outputs(self, x):
        """Return the network's last layer for every row."""
        with task_on_device(self.network_) as device, torch.no_grad():
            self.network_.eval()
            outputs = torch.cat([self.network_(part.to(device)).cpu() for part in task_tensor(x).split(512)])
        task_check(outputs)
        return outputs.double()

    def targets(self, y):
        self.classes_ = np.arange(int(np.max(y)) + 1)
        self.n_outputs_ = len(self.classes_)
        return torch.tensor(y)

    def predict_proba(self, x):
        return torch.softmax(self.outputs(x), dim=1).numpy()

    def predict(self, x):
        return self.outputs(x).argmax(dim=1).numpy()

    def measure(self, x, y):
        """Return the metrics of the log."""
        outputs, y = self.outputs(x), torch.tensor(y)
        accuracy = (outputs.argmax(dim=1) == y).double().mean()
        return {'accuracy': float(accuracy), 'log_loss': float(nn.functional.cross_entropy(outputs, y))}


def task_tensor(x):
    return torch.from_numpy(np.require(x, dtype='float32', requirements=['C', 'W']))


@contextmanager
def task_on_device(network):
    """Lend the network to the GPU, if any; it is kept on the CPU, so that it can be saved and loaded anywhere."""
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    network.to(device)
    try:
        yield device
    finally:
        network.cpu()


def task_check(numbers):
    if not torch.isfinite(numbers).all():
        raise ValueError('the training diverged: its numbers became infinite. Take a smaller learning_rate')


def task_build(hyperparameters):
    """Return an untrained model."""
    return task_Classifier(**hyperparameters)


def task_fit(model, train, valid, report=None):
    """Train, measuring both parts after every epoch; `report` hears the log and may end the training."""
    every = max(1, len(train[1]) // max(len(valid[1]), 1_000))  # a sample of a large training part is enough
    parts = {'training': [values[::every] for values in train], 'validation': valid}
    log = {part: {metric: [] for metric in ('accuracy', 'log_loss')} for part in parts}
    losses, best = log['validation']['log_loss'], None
    for _ in model.train_epochs(*train):
        for part, rows in parts.items():
            for metric, value in model.measure(*rows).items():
                log[part][metric].append(value)
        if report and report(log):
            break
        if model.early_stopping_rounds:
            epochs_since_best = len(losses) - 1 - int(np.argmin(losses))
            if epochs_since_best == 0:
                best = copy.deepcopy(model.network_)
            if epochs_since_best >= model.early_stopping_rounds:
                break
    model.network_ = best or model.network_
    return log
