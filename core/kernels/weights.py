"""Random rows of a layer, and what an infinitely wide layer of them computes.

A row is (w_1, w_2), and a bias b if there is one. Its two preactivations are <w, x> + b and <w, y> + b, with x and y in
the plane of w. For Gaussian rows this is every layer, in any dimension, by rotation invariance (step 1 of problem 2.3);
for other rows it is a layer of two inputs, and the limit depends on how the pair lies to the axes.
"""

from dataclasses import dataclass
from itertools import product
from math import atan2, cos, gamma, hypot, inf, pi, sin, sqrt

import numpy as np
from numpy.polynomial.legendre import leggauss

from core.arrays import Array
from core.kernels.angular import MAX_ORDER, angular_function, checked_angle
from core.validation import check_choice, check_integer, check_number

DISTRIBUTIONS = {
    "gaussian": "Gaussian",
    "uniform": "uniform",
    "signs": "random signs",
    "heavy": "heavy tails (Student t, 5 degrees of freedom)",
}
"""Laws of a weight, all of mean 0 and variance 1, in words."""
_DEGREES = 5  # of freedom of the heavy tails: the fourth moment is finite, the fifth (absolute) and all beyond are not
_REACH, _STEP = 50.0, 0.5  # of the trapezoidal rule for heavy tails: relative errors of 1e-10 from either


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """How the rows of a layer are drawn, and how its two inputs lie.

    Attributes
    ----------
    distribution : str
        Law of a weight, a key of `DISTRIBUTIONS`.
    bias : float
        Standard deviation of a row's bias, which has the law of a weight, scaled; 0 is no bias.
    tilt : float
        Angle in radians by which the pair is turned from the first axis. Gaussian rows do not feel it.
    norms : tuple of float
        |x| and |y|.
    """

    distribution: str = "gaussian"
    bias: float = 0.0
    tilt: float = 0.0
    norms: tuple[float, float] = (1.0, 1.0)

    def __post_init__(self) -> None:
        check_choice("distribution", self.distribution, DISTRIBUTIONS)
        check_number("bias", self.bias, 0.0, 10.0)
        check_number("tilt", self.tilt, -pi, pi)
        for norm in self.norms:
            check_number("norms", norm, 0.1, 10.0)


GAUSSIAN = Layer()
"""The layer of the problem set: Gaussian rows, no bias, unit inputs."""


def input_pair(angle: float, layer: Layer = GAUSSIAN) -> Array:
    """X and y in the coordinates of a row, shape (2, 2), or (2, 3) with a bias, whose deviation comes third."""
    theta, (first, second) = float(checked_angle(angle)), layer.norms
    x = [first * cos(layer.tilt), first * sin(layer.tilt)]
    y = [second * cos(theta + layer.tilt), second * sin(theta + layer.tilt)]
    return np.array([[*x, layer.bias], [*y, layer.bias]]) if layer.bias else np.array([x, y])


def draw_rows(generator: np.random.Generator, distribution: str, shape: tuple[int, ...]) -> Array:
    """Independent weights of variance 1. They are drawn one after the other: two calls continue one stream."""
    if distribution == "gaussian":
        return generator.standard_normal(shape)
    if distribution == "uniform":
        return generator.uniform(-sqrt(3.0), sqrt(3.0), shape)
    if distribution == "signs":
        return np.where(generator.random(shape) < 0.5, -1.0, 1.0)
    return np.asarray(sqrt((_DEGREES - 2) / _DEGREES) * generator.standard_t(_DEGREES, shape), dtype=np.float64)


def row_terms(order: int, rows: Array, pair: Array) -> Array:
    """2 Theta(u) Theta(v) u^n v^n for each row, u = <w, x> + b and v = <w, y> + b, with Theta(0) = 0.

    Parameters
    ----------
    order : int
        n.
    rows : Array
        Shape (..., d), d = 2, or 3 with a bias.
    pair : Array
        `input_pair`, shape (2, d).

    Returns
    -------
    Array
        Shape (...).
    """
    u, v = _preactivations(rows, pair[0]), _preactivations(rows, pair[1])
    if order == 0:
        return np.where((u > 0.0) & (v > 0.0), 2.0, 0.0)
    with np.errstate(under="ignore"):
        return np.asarray(2.0 * (np.maximum(u, 0.0) * np.maximum(v, 0.0)) ** order)


def _preactivations(rows: Array, vector: Array) -> Array:
    """Coordinate by coordinate: a matrix product may round a row differently in blocks of another size."""
    total = rows[..., 0] * vector[0]
    for i in range(1, vector.size):
        total += rows[..., i] * vector[i]
    return np.asarray(total)


def gaussian_pair(angle: float, layer: Layer) -> tuple[float, float]:
    """Product of the preactivations' standard deviations, and the angle whose cosine is their correlation.

    A bias is one more coordinate, sigma_b, of both inputs: the variances are |x|^2 + sigma_b^2 and |y|^2 + sigma_b^2,
    the covariance <x, y> + sigma_b^2.
    """
    theta, bias, (first, second) = float(checked_angle(angle)), layer.bias, layer.norms
    if bias == 0.0:
        return first * second, theta
    apart = second - first - 2.0 * second * sin(0.5 * theta) ** 2  # |y| cos(theta) - |x|
    across = hypot(first * second * sin(theta), bias * second * sin(theta), bias * apart)  # |x cross y|
    return hypot(first, bias) * hypot(second, bias), atan2(across, first * second * cos(theta) + bias**2)


def infinite_width_limit(order: int, angle: float, layer: Layer = GAUSSIAN) -> float:
    """E 2 Theta Theta u^n v^n: what the estimate of a layer tends to as its width grows.

    Gaussian rows: (s_x s_y)^n J_n/pi at the angle of the preactivations (`gaussian_pair`), for unit inputs
    (1 + sigma_b^2)^n J_n(theta_b)/pi. Signs: the mean over all rows. Uniform: a piecewise polynomial, integrated
    exactly. Heavy tails: by quadrature, relative error below 1e-9; infinite where the mean does not exist, which is
    from n = 3 on (below pi/2, or with a bias) and from n = 5 on always.

    Parameters
    ----------
    order : int
        n, from 0 to 100.
    angle : float
        theta in radians, from 0 to pi.
    layer : Layer
        Its rows and inputs.

    Returns
    -------
    float
        The limit, possibly infinite.

    Raises
    ------
    ValueError
        For another order, or an angle outside [0, pi].
    """
    check_integer("order", order, 0, MAX_ORDER)
    if layer.distribution == "gaussian":
        scale, theta = gaussian_pair(angle, layer)
        return scale**order * float(angular_function(order, theta)) / pi
    pair = input_pair(angle, layer)
    if layer.distribution == "signs":
        return float(row_terms(order, np.array(list(product((-1.0, 1.0), repeat=pair.shape[1]))), pair).mean())
    return _uniform_limit(order, pair) if layer.distribution == "uniform" else _heavy_limit(order, pair)


def _uniform_limit(order: int, pair: Array) -> float:
    """Mean over the cube of half side sqrt(3): the integrand is homogeneous, so each face stands for its pyramid."""
    pair = np.pad(pair, ((0, 0), (0, 3 - pair.shape[1])))
    total = 0.0
    for axis, side in product(range(3), (-1.0, 1.0)):
        corners = np.insert(np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]), axis, side, axis=1)
        face = _clipped(_clipped(corners, pair[0]), pair[1])
        for i in range(1, len(face) - 1):
            total += _triangle_integral(order, pair, face[[0, i, i + 1]])
    return total * 3.0**order / (8.0 * (2 * order + 3))


def _clipped(polygon: Array, normal: Array) -> Array:
    """The part of a convex polygon, corners (m, 3), on the positive side of a plane through 0 (Sutherland-Hodgman)."""
    height = polygon @ normal
    kept = []
    for i, j in zip(range(-1, len(polygon) - 1), range(len(polygon)), strict=True):
        if (height[i] > 0.0) != (height[j] > 0.0):
            kept.append(polygon[i] + height[i] / (height[i] - height[j]) * (polygon[j] - polygon[i]))
        if height[j] > 0.0:
            kept.append(polygon[j])
    return np.array(kept).reshape(-1, 3)


def _triangle_integral(order: int, pair: Array, corners: Array) -> float:
    """Integral of 2 u^n v^n over a triangle; n + 1 Gauss nodes a side are exact."""
    nodes, weights = leggauss(order + 1)
    nodes, weights = 0.5 * (nodes + 1.0), 0.5 * weights
    apex, near, far = corners
    points = apex + nodes[:, None, None] * ((near - apex) + nodes[:, None] * (far - near))
    double_area = float(np.linalg.norm(np.cross(near - apex, far - apex)))
    return double_area * float((weights * nodes) @ row_terms(order, points, pair) @ weights)


def _heavy_limit(order: int, pair: Array) -> float:
    """Mean for Student's t: a Gaussian of random variance 3/chi^2_5 in each coordinate, independent of each other.

    Given the variances the mean is that of a Gaussian layer, homogeneous of degree n in them. The chi^2 are a gamma
    variable times a Dirichlet one, D; the gamma variable has a closed mean, and D_i = e^{t_i} / sum e^{t_j} makes the
    rest an integral over t that the trapezoidal rule takes with exponential accuracy.
    """
    size, shape = pair.shape[1], 0.5 * _DEGREES
    # a coordinate of both inputs with one sign: rows along it carry the tail of one weight to the power 2n
    along_axis = bool((pair[0] * pair[1] > 1e-12 * np.linalg.norm(pair[0]) * np.linalg.norm(pair[1])).any())
    if order >= _DEGREES or (along_axis and 2 * order >= _DEGREES):
        return inf
    line = np.arange(-_REACH, _REACH + _STEP, _STEP)
    logits = np.stack([*np.meshgrid(*[line] * (size - 1), indexing="ij"), np.zeros([line.size] * (size - 1))])
    logits -= np.logaddexp.reduce(logits, axis=0)
    density = np.exp(shape * logits.sum(axis=0)) * _STEP ** (size - 1) * gamma(size * shape) / gamma(shape) ** size
    radius = gamma(size * shape - order) / gamma(size * shape) * (0.5 * (_DEGREES - 2)) ** order
    return radius * float((density * _gaussian_mean(order, pair, np.exp(-logits))).sum())


def _gaussian_mean(order: int, pair: Array, variances: Array) -> Array:
    """(|x| |y|)^n J_n / pi for the inputs scaled by the root of the variances, shape (d, ...), in each coordinate."""
    square_x, square_y, inner = (
        np.tensordot(left * right, variances, axes=1) for left, right in (pair[[0, 0]], pair[[1, 1]], pair)
    )
    i, j = np.triu_indices(pair.shape[1], 1)
    minors = (pair[0, i] * pair[1, j] - pair[0, j] * pair[1, i]) ** 2
    across = np.sqrt(np.tensordot(minors, variances[i] * variances[j], axes=1))  # Lagrange: |x|^2 |y|^2 - <x, y>^2
    values = (square_x * square_y) ** (0.5 * order) * angular_function(order, np.arctan2(across, inner)) / pi
    return np.asarray(values)
