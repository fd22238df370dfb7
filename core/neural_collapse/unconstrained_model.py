"""The unconstrained features model and its global minimum in closed form.

A network so large that its last features may be anything is modelled by taking W, b and every feature as free
variables of

    F = |W H + b 1^T - Y|^2/(2NC) + lambda_W |W|^2/2 + lambda_H |H|^2/2 + lambda_b |b|^2/2

(Mixon, Parshall & Pi 2020, without the penalties; Zhou et al. 2022, "On the optimization landscape of neural collapse
under MSE loss", with them).
"""

from dataclasses import dataclass
from math import sqrt

from core.validation import check_flag, check_integer, check_number


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconstrainedParams:
    """One run of the unconstrained features model.

    Attributes
    ----------
    classes, dimension, samples : int
        C, p and N, samples of each class. p >= C - 1 with a free bias, where W H is a simplex; p >= C otherwise.
    weight_decay, feature_decay : float
        lambda_W and lambda_H.
    bias : bool
        Whether b moves; it is 0 otherwise.
    bias_decay : float
        lambda_b.
    initial_scale : float
        Standard deviation of the entries of W and H at the start; b starts at 0.
    seed : int
        Of the start.
    """

    classes: int = 4
    dimension: int = 16
    samples: int = 30
    weight_decay: float = 5e-3
    feature_decay: float = 5e-3
    bias: bool = True
    bias_decay: float = 0.0
    initial_scale: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        check_integer("classes", self.classes, 2, 10)
        check_integer("dimension", self.dimension, 1, 64)
        check_integer("samples", self.samples, 2, 200)
        check_number("weight_decay", self.weight_decay, 1e-4, 1.0)
        check_number("feature_decay", self.feature_decay, 1e-4, 1.0)
        check_flag("bias", self.bias)
        check_number("bias_decay", self.bias_decay, 0.0, 10.0)
        check_number("initial_scale", self.initial_scale, 1e-3, 2.0)
        check_integer("seed", self.seed, 0, 10**6)
        centered = self.bias and self.bias_decay == 0.0
        if self.dimension < self.classes - centered:
            needed = "classes - 1" if centered else "classes, where the bias is not free,"
            raise ValueError(f"dimension must be at least {needed} = {self.classes - centered}, got {self.dimension}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconstrainedMinimum:
    """The global minimum of F.

    Attributes
    ----------
    objective : float
        F.
    strength : float
        s = C sqrt(N lambda_W lambda_H); the features vanish where s >= 1.
    mode_gain : float
        z = max(0, 1 - s): the outputs W H + b 1^T of a class are z e_c, but for a constant vector.
    mean_gain : float
        The same of the direction 1: 0 where the bias is free, z where there is none.
    singular_product : float
        q = sqrt(N) z = sqrt(N) - N C sqrt(lambda_W lambda_H), the C - 1 equal singular values of W H.
    weight_singular, feature_singular : float
        Singular values sqrt(q) (lambda_H/lambda_W)^(1/4) of W and sqrt(q) (lambda_W/lambda_H)^(1/4) of H.
    weight_norm, feature_norm : float
        |W| and |H|, the mode of the mean included.
    bias : float
        The entries of b, all equal.
    """

    objective: float
    strength: float
    mode_gain: float
    mean_gain: float
    singular_product: float
    weight_singular: float
    feature_singular: float
    weight_norm: float
    feature_norm: float
    bias: float

    @property
    def is_zero(self) -> bool:
        """Whether W = 0 and H = 0 is the best there is."""
        return self.mode_gain == 0.0 and self.mean_gain == 0.0


def global_minimum(params: UnconstrainedParams) -> UnconstrainedMinimum:
    """Closed form of the minimum.

    For given class outputs Z = W M_H, M_H the class means, the penalties are at least kappa |Z|_*, with the sum of
    singular values and kappa = sqrt(N lambda_W lambda_H) (equal where lambda_W W^T W = lambda_H H H^T and all features
    of a class are equal). What is left is convex in Z and b, symmetric under permutations of the classes, and splits:
    Z = z (I - 11^T/C) + w 11^T/C and b = beta 1 give (C - 1) times (1 - z)^2/(2C) + kappa z, and
    (1 - w - C beta)^2/(2C) + kappa w + lambda_b C beta^2/2.

    Parameters
    ----------
    params : UnconstrainedParams
        The model; initial_scale and seed do not matter.
    """
    classes, samples = params.classes, params.samples
    cost = sqrt(samples * params.weight_decay * params.feature_decay)
    strength = classes * cost
    mode_gain = max(0.0, 1.0 - strength)
    # eliminating beta leaves hold (1 - w)^2/(2C): nothing holds w where the bias is free
    hold = params.bias_decay / (1.0 + params.bias_decay) if params.bias else 1.0
    mean_gain = max(0.0, 1.0 - strength / hold) if hold > 0.0 else 0.0
    modes = (classes - 1) * ((1.0 - mode_gain) ** 2 / (2 * classes) + cost * mode_gain)
    mean = hold * (1.0 - mean_gain) ** 2 / (2 * classes) + cost * mean_gain
    product = sqrt(samples) * mode_gain
    total = sqrt(samples) * ((classes - 1) * mode_gain + mean_gain)
    ratio = sqrt(params.feature_decay / params.weight_decay)
    return UnconstrainedMinimum(
        objective=modes + mean,
        strength=strength,
        mode_gain=mode_gain,
        mean_gain=mean_gain,
        singular_product=product,
        weight_singular=sqrt(product * ratio),
        feature_singular=sqrt(product / ratio),
        weight_norm=sqrt(total * ratio),
        feature_norm=sqrt(total / ratio),
        bias=(1.0 - mean_gain) * (1.0 - hold) / classes,
    )
