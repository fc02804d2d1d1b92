"""A network's layers with their sizes, counted before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LayerKind = Literal["linear", "convolution", "attention", "positions"]
Shape = tuple[int, ...]

_BYTES = 4  # of a number with 32 bits


@dataclass(frozen=True)
class Layer:
    """One layer with the normalisation and the activation that belong to it.

    Attributes
    ----------
    name : str
        Such as ``hidden 1``.
    kind : str
    output : tuple of int
        The shape of what it gives for one example: units; channels, height and width; or patches and their numbers.
    parameters : int
        Of one repeat: weights, biases and those of the normalisation.
    multiply_adds : int
        Of one repeat for one example: products of weights and inputs, and in attention those of queries with keys and
        of attention weights with values. Biases, normalisation, activation, pooling and softmax are not counted.
    activation : str
        Empty where there is none.
    repeats : int
        How many such layers there are, each with parameters of its own.
    """

    name: str
    kind: LayerKind
    output: Shape
    parameters: int
    multiply_adds: int
    activation: str = ""
    repeats: int = 1


@dataclass(frozen=True)
class Architecture:
    """A network as its cell builds it for the training part.

    Attributes
    ----------
    layers : tuple of Layer
        In the order of the data.
    input_shape, output_shape : tuple of int
        Of one example: columns; or channels, height and width.
    loss, optimizer : str
        By the library's own names.
    special : tuple of str
        What sets the network apart from plain layers, such as ``self-attention with 4 heads``.
    exact : bool
        Whether the counts are those of the network that the cells build; if not, the number of columns that it reads
        is known only once the data cell ran, and the counts are near.
    refitted : Architecture or None
        The same network as it is refitted on every row, where it then reads another number of columns.
    """

    layers: tuple[Layer, ...]
    input_shape: Shape
    output_shape: Shape
    loss: str
    optimizer: str
    special: tuple[str, ...] = ()
    exact: bool = True
    refitted: Architecture | None = None

    @property
    def n_parameters(self) -> int:
        """Every number that is learned."""
        return sum(layer.repeats * layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Those of one example, from input to output."""
        return sum(layer.repeats * layer.multiply_adds for layer in self.layers)

    @property
    def n_bytes(self) -> int:
        """What the parameters take as numbers with 32 bits."""
        return _BYTES * self.n_parameters
