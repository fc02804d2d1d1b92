"""Parameters and multiply-adds of the parts that networks are made of.

One multiply-add is one product and its addition to a sum, counted for one example. Biases, normalisation, activation,
pooling and softmax are not counted, and the padding of an image is counted as if it held numbers: the convention of
He et al., Deep Residual Learning for Image Recognition (2016), and of Howard et al., MobileNets (2017).
"""

from __future__ import annotations

from typing import NamedTuple


class Count(NamedTuple):
    """The size of a part; `plus` joins two."""

    parameters: int
    multiply_adds: int = 0

    def plus(self, *others: Count) -> Count:
        return Count(*map(sum, zip(self, *others, strict=True)))


def linear(inputs: int, outputs: int, places: int = 1) -> Count:
    """Count a layer from ``inputs`` to ``outputs`` numbers with bias, applied at each of ``places``."""
    return Count((inputs + 1) * outputs, places * inputs * outputs)


def convolution(before: int, after: int, kernel: int, places: int) -> Count:
    """Count a convolution of ``kernel`` × ``kernel`` pixels from ``before`` to ``after`` channels with bias.

    ``places`` are the pixels of its output: height × width × kernel² × before × after multiply-adds (Howard et al.
    2017, equation 2).
    """
    return Count((kernel**2 * before + 1) * after, places * kernel**2 * before * after)


def normalisation(channels: int) -> Count:
    """Count a scale and a shift for each channel."""
    return Count(2 * channels)


def attention(numbers: int, places: int) -> Count:
    """Count self-attention over ``places`` of ``numbers`` each.

    Queries, keys, values and the output are linear; queries with keys and attention weights with values are two
    products of ``places``² × ``numbers``, however many heads share them (Vaswani et al., Attention Is All You Need,
    2017, table 1 and section 3.2).
    """
    products = Count(0, 2 * places**2 * numbers)
    return linear(numbers, 3 * numbers, places).plus(linear(numbers, numbers, places), products)
