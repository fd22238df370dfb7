"""Composed polynomial kernels, <x, y>^(d^l), by sign and logarithm: d^l reaches 8^6 = 262 144."""

import numpy as np
from numpy.typing import ArrayLike

from core.arrays import Array
from core.validation import check_integer

MAX_DEGREE, MAX_DEPTH = 8, 6


def composed_degree(degree: int, depth: int) -> int:
    """d^l, the degree of the polynomial kernel of degree d composed to depth l.

    Raises
    ------
    ValueError
        For a degree outside 1 to 8 or a depth outside 1 to 6.
    """
    check_integer("degree", degree, 1, MAX_DEGREE)
    check_integer("depth", depth, 1, MAX_DEPTH)
    return int(degree**depth)


def composed_polynomial(inner_product: ArrayLike, degree: int, depth: int) -> tuple[Array, Array]:
    """The polynomial kernel composed to a depth (problem 2.1); depth 1 is <x, y>^d itself.

    Parameters
    ----------
    inner_product : array_like
        <x, y>, any shape.
    degree : int
        d, from 1 to 8.
    depth : int
        l, from 1 to 6.

    Returns
    -------
    sign : Array
        -1, 0 or 1, of the same shape.
    log_magnitude : Array
        Natural logarithm of the kernel's magnitude; -inf where it is 0.

    Raises
    ------
    ValueError
        For another degree or depth.
    """
    power = composed_degree(degree, depth)
    inner = np.asarray(inner_product, dtype=np.float64)
    with np.errstate(divide="ignore"):
        log_magnitude = power * np.log(np.abs(inner))
    sign = np.sign(inner) if power % 2 else np.abs(np.sign(inner))
    return sign, log_magnitude
