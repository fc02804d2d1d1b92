"""The source of a dual encoder over passages: DPR's training (Karpukhin et al. 2020) around a pretrained encoder."""

from __future__ import annotations

from string import Template

IMPORTS = (
    "import copy",
    "import warnings",
    "from contextlib import contextmanager",
    "from importlib.metadata import distribution",
    "from pathlib import Path",
    "from time import perf_counter",
    "",
    "import numpy as np",
    "import torch",
    "from sklearn.base import BaseEstimator",
    "from torch import nn",
    "from transformers import AutoModel, AutoTokenizer",
    "from transformers.utils import logging",
)
ENCODER = Template('''\
def ${n}_weights(encoder):
    """Return the folder of the packaged weights; any other encoder is a folder, or a name that the hub knows."""
    if encoder != $packaged:
        return str(Path(encoder).expanduser()) if Path(encoder).expanduser().is_dir() else encoder
    files = distribution($package).files
    return str(next(file for file in files if file.name == 'model.safetensors').locate().parent)


class ${n}_Encoder(nn.Module):
    """A pretrained encoder with only some of its layers, evenly spaced; it makes one vector of a text."""

    def __init__(self, encoder, layers, pooling, dropout):
        super().__init__()
        logging.disable_progress_bar()
        self.transformer = AutoModel.from_pretrained(
            ${n}_weights(encoder),
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
        return (words * mask).sum(dim=1) / mask.sum(dim=1)''')
RETRIEVER = Template('''\
class ${n}_Retriever(BaseEstimator):
    """Finds the passages whose vectors have the largest dot product with the question's.

    `fit` takes questions, and of each the places of its right and of its hard wrong passages among `passages`.
    """

    def __init__(
        self,
        passages,
$parameters
        early_stopping_rounds=None,
        random_state=0,
    ):
        self.passages = passages
$assignments
        self.early_stopping_rounds = early_stopping_rounds
        self.random_state = random_state

    def train_epochs(self, questions, judged):
        """Train, and pause after every epoch."""
        torch.manual_seed(self.random_state)
        self.start()
        weights = list(self.encoders_.parameters())
        optimizer = torch.optim.$optimizer(weights, lr=self.learning_rate, weight_decay=self.weight_decay)
        schedule = self.schedule(optimizer, self.epochs * -(-len(questions) // self.batch_size))
        for epoch in range(1, self.epochs + 1):
            with ${n}_on_device(self.encoders_):
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
        self.tokenizer_ = AutoTokenizer.from_pretrained(${n}_weights(self.encoder))
        new = ${n}_Encoder(self.encoder, self.layers, self.pooling, self.dropout)
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
        with ${n}_on_device(self.encoders_), torch.inference_mode():
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
        """Return the places of the best passages of each question, the best first: (questions, $top)."""
        found = [
            self.scores(questions[start : start + 256]).topk(min($top, len(self.index_))).indices
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
$measured
        }


@contextmanager
def ${n}_on_device(encoders):
    """Lend the encoders to the GPU, if any; they are kept on the CPU, where questions are answered."""
    encoders.to('cuda' if torch.cuda.is_available() else 'cpu')
    try:
        yield
    finally:
        encoders.cpu()


def ${n}_build(hyperparameters):
    """Return an untrained model over the passages of the data cell."""
    return ${n}_Retriever(${n}_passages, **hyperparameters)''')
KEEP = """\
    if best is not None:
        model.encoders_ = best
        model.deploy()"""
SAVE_IMPORTS = """\
import json
import torch
from safetensors import safe_open
from safetensors.torch import save_file"""
# Both encoders share their tensors where there is one, which the format does not allow.
SAVE = Template("""\
${n}_trained = ${n}_model[-1]
${n}_kept = {name: value for name, value in ${n}_trained.get_params().items() if name != 'passages'}
${n}_sides = ('question',) if ${n}_trained.encoders == 'one' else ('question', 'passage')
save_file(
    {'index': ${n}_trained.index_}
    | {
        f'{side}.{name}': weights.contiguous()
        for side in ${n}_sides
        for name, weights in ${n}_trained.encoders_[side].state_dict().items()
    },
    ${n}_folder / 'model.safetensors',
    metadata={'parameters': json.dumps(${n}_kept), 'passages': json.dumps(${n}_trained.passages)},
)""")
LOAD = Template("""\
with safe_open(${n}_folder / 'model.safetensors', framework='pt') as saved:
    about = {name: json.loads(text) for name, text in saved.metadata().items()}
    weights = {name: saved.get_tensor(name) for name in saved.keys()}
model = ${n}_Retriever([tuple(passage) for passage in about['passages']], **about['parameters']).start()
for side in ('question',) if model.encoders == 'one' else ('question', 'passage'):
    kept = {name.removeprefix(side + '.'): one for name, one in weights.items() if name.startswith(side + '.')}
    model.encoders_[side].load_state_dict(kept)
model.reader_ = model.reader()
model.index_ = weights['index']""")
