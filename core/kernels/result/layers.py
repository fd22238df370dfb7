"""Results on layers of finite width and on depth."""

from dataclasses import dataclass

from core.arrays import Array

NORMAL_95 = 1.959963984540054
"""97.5 % quantile of the standard normal distribution: 95 % lie within that many standard deviations."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WidthResult:
    """Estimates of the kernel by layers of h rows; S streams, T widths.

    Attributes
    ----------
    order, width : int
        n, and h of the histogram.
    angle : float
        theta in radians.
    distribution : str
        Law of a weight, in words.
    bias : float
        Standard deviation of a row's bias.
    exact : bool
        Whether rows are Gaussian and have no bias, as (3.2) has them.
    kernel, limit : float
        k_n by (3.3), and what the estimates tend to with these rows; infinite where a moment is.
    widths : Array
        Shape (T,), increasing.
    streams : Array
        Running estimates, shape (S, T).
    std : Array
        Exact standard deviation at each width for the rows of (3.2), shape (T,).
    quantiles : Array
        Exact 2.5 % and 97.5 % quantiles for the rows of (3.2), shape (2, T).
    replicates : Array
        Independent estimates at width h, in exact standard deviations from k_n, shape (count,).
    width_std : float
        Exact standard deviation at h for the rows of (3.2).
    finite : bool
        Whether a row's term has a finite variance.
    row_kurtosis, law_kurtosis : float
        Exact excess kurtosis of a row's term, of the rows of (3.2) and of these rows; infinite where a moment is, NaN
        where the term does not vary.
    rate_widths, rate_layers, rate_std : Array
        Widths, how many independent layers of each were drawn, and the standard deviation of their estimates, shape
        (5,).
    skewness : float
        Exact skewness of the estimate at h.
    normal_coverage : float
        Exact probability that an estimate lies within +-1.96 standard deviations at h.
    nearly_normal : bool
        Whether the normal band is right: its coverage, and both tails.
    coverage, quantile_coverage : float
        Shares of the replicates inside +-1.96 standard deviations and between the exact quantiles.
    """

    order: int
    width: int
    angle: float
    distribution: str
    bias: float
    exact: bool
    kernel: float
    limit: float
    widths: Array
    streams: Array
    std: Array
    quantiles: Array
    replicates: Array
    width_std: float
    finite: bool
    row_kurtosis: float
    law_kurtosis: float
    rate_widths: Array
    rate_layers: Array
    rate_std: Array
    skewness: float
    normal_coverage: float
    nearly_normal: bool
    coverage: float
    quantile_coverage: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DepthResult:
    """Composed arc-cosine kernels; L layers, D depths shown, T angles, S finite nets.

    Attributes
    ----------
    order, depth, width : int
        n, l and h.
    chosen_angle, norm : float
        theta in radians, and |x| = |y|.
    layers : Array
        1 ... l, shape (L,).
    correlation, complement : Array
        rho^(l) and 1 - rho^(l) of the chosen pair by the recursion, shape (L,).
    measured : Array
        Its 1 - rho^(l) by quadrature over the rows, shape (L,).
    far : Array
        The same after 200 and 201 layers, shape (2,).
    parallel : Array
        Small angles, and 1 - rho by quadrature over the rows after one and two layers, shape (3, 3).
    nets : Array
        The same correlation measured in finite nets, shape (S, L); NaN from where a net is dead.
    log10_norm, net_log10_norms : Array
        log10 k^(l)(x, x) by the recursion, and in the nets, shapes (L,) and (S, L).
    fixed_point, rate : float
        rho* and the slope of the map there.
    slope_at_one : float
        Slope of the map at rho = 1, infinite for n = 0.
    map_in, map_out : Array
        The correlation map, shape (T,).
    depths : tuple of int
        Depths shown, shape (D,).
    angle : Array
        Radians, shape (T,).
    curves : Array
        rho^(l) against the angle, shape (D, T).
    log10_apart : Array
        log10 |rho^(l) - rho*| for every layer and angle, shape (L, T).
    """

    order: int
    depth: int
    width: int
    chosen_angle: float
    norm: float
    layers: Array
    correlation: Array
    complement: Array
    measured: Array
    far: Array
    parallel: Array
    nets: Array
    log10_norm: Array
    net_log10_norms: Array
    fixed_point: float
    rate: float
    slope_at_one: float
    map_in: Array
    map_out: Array
    depths: tuple[int, ...]
    angle: Array
    curves: Array
    log10_apart: Array
