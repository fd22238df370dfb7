"""Results of 2.1, 2.2 and 2.3: kernels against inner product, distance and angle."""

from dataclasses import dataclass

from core.arrays import Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PolynomialResult:
    """Composed polynomial kernels of two inputs of one norm; L depths, T and M pairs.

    Attributes
    ----------
    degree, depth : int
        d and l.
    norm : float
        |x| = |y|.
    depths : tuple of int
        Shape (L,): 1 to l.
    inner : Array
        <x, y>, shape (T,), from -|x|^2 to |x|^2.
    sign, log_magnitude : Array
        Of the kernels, by the formula, shape (L, T).
    measured_inner : Array
        <x, y> of the pairs whose explicit features were taken, shape (M,).
    measured : Array
        Inner products of their features, shape (L, M); NaN where the features are too many.
    dimensions : tuple of int
        Number of explicit features after each layer, shape (L,).
    """

    degree: int
    depth: int
    norm: float
    depths: tuple[int, ...]
    inner: Array
    sign: Array
    log_magnitude: Array
    measured_inner: Array
    measured: Array
    dimensions: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RbfResult:
    """Composed RBF kernels; L depths are shown, T distances, S distances on a logarithmic grid.

    Attributes
    ----------
    gamma, chosen_distance : float
        gamma, and r of the pair that is followed.
    depth : int
        l.
    depths : tuple of int
        Depths shown, shape (L,).
    distance, values : Array
        Shapes (T,) and (L, T).
    measured_distance, measured : Array
        Pairs whose features were taken from the Gram matrix's square root, shapes (M,) and (L, M).
    log10_distance : Array
        Shape (S,).
    log10_complement, log10_near : Array
        1 - k^(l) by explicit features and its predicted leading term, shape (L, S).
    floors : Array
        Limits of k^(l) at large distances, shape (L,).
    orbit : Array
        k^(1), k^(2), ... of the chosen pair by explicit features, shape (50,).
    settled : float
        Its 1 - k after 5000 layers, by explicit features.
    close : Array
        Small distances, and 1 - k^(l) of the last depth there by explicit features, shape (2, 3).
    far : Array
        k^(l) at r = 10 gamma by explicit features, shape (L,).
    meetings : Array
        Distances at which the deeper kernels meet the first, by explicit features, shape (L - 1,); NaN where one does
        not.
    fixed_point, slope, crossing : float
        c*, slope 2/gamma^2 at c = 1, and the distance at which all depths agree (0 where they do only at 0).
    map_in, map_out : Array
        The map c -> exp(-2(1-c)/gamma^2), shape (T,).
    gamma_squared, fixed_points, iterated : Array
        c* against gamma^2, and what 50 layers make of the chosen pair there by explicit features, shape (G,).
    """

    gamma: float
    chosen_distance: float
    depth: int
    depths: tuple[int, ...]
    distance: Array
    values: Array
    measured_distance: Array
    measured: Array
    log10_distance: Array
    log10_complement: Array
    log10_near: Array
    floors: Array
    orbit: Array
    settled: float
    close: Array
    far: Array
    meetings: Array
    fixed_point: float
    slope: float
    crossing: float
    map_in: Array
    map_out: Array
    gamma_squared: Array
    fixed_points: Array
    iterated: Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AngularResult:
    """J_n for several orders; N orders, T angles, M angles with an integral taken.

    Attributes
    ----------
    order : int
        The chosen n.
    chosen_angle : float
        theta in radians.
    orders : tuple of int
        Shape (N,).
    angle : Array
        Radians, shape (T,).
    values, normalized : Array
        J_n and J_n / J_n(0), shape (N, T).
    chosen_value : float
        J_n / J_n(0) of the chosen order at the chosen angle.
    integral_angle, integrals : Array
        The double integral (3.2) by quadrature, as J_n, shapes (M,) and (N, M).
    differentiated : Array
        J_n by repeated differentiation of J_0, shape (N, T); NaN at the ends.
    parallel : Array
        Small angles, and 1 - J_n/J_n(0) of the chosen order there by the distance of the features, shape (2, 3).
    opposite : Array
        Small pi - theta, and J_n of the chosen order there by the double integral, shape (2, 3).
    """

    order: int
    chosen_angle: float
    orders: tuple[int, ...]
    angle: Array
    values: Array
    normalized: Array
    chosen_value: float
    integral_angle: Array
    integrals: Array
    differentiated: Array
    parallel: Array
    opposite: Array
