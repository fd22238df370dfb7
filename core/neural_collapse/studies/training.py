"""Both trainings: what they reach, and the statements held against them."""

from dataclasses import dataclass

import numpy as np

from core.arrays import Array
from core.claims import Assumption, Claim
from core.neural_collapse.network import NetworkParams, NetworkResult, train_network
from core.neural_collapse.result import MorphResult, Study, TrainingResult
from core.neural_collapse.training import CollapseCurves, Morph, TrainingStatus, Watch
from core.neural_collapse.unconstrained import UnconstrainedResult, train_unconstrained
from core.neural_collapse.unconstrained_model import UnconstrainedParams
from core.notation import number

_METRICS = {
    "NC1": "nc1",
    "NC2 lengths": "nc2_equinorm",
    "NC2 angles": "nc2_equiangle",
    "NC3": "nc3",
}
_GAP = 1e-6  # relative to the minimum
_SAME = 1e-3  # of a mode; near the threshold what the gap allows is more
_COLLAPSED = 1e-2  # NC1 on the digits: twice the largest in a scan of settings (tests/core/neural_collapse/scans.py)
_COME_BACK = 0.5  # of a metric above its lowest value at the end: Adam's jitter came to 0.29 in that scan
_NEAR_ZERO, _BACK = 1e-2, 1e-3  # of metrics at the end of the flow; NC4 counts in thousandths
_SETTLED = 1500  # epochs
_INPUTS = 64 + 10  # pixels and classes


def study_unconstrained(params: UnconstrainedParams, *, watch: Watch | None = None) -> Study[TrainingResult]:
    """Follow the gradient flow of unconstrained features, and hold its closed-form minimum against it."""
    run = train_unconstrained(params, watch=watch)
    return Study(_unconstrained(run), (_minimum(run), _singular(run), _collapse(run), _stationary(run)))


def study_digits(params: NetworkParams, *, watch: Watch | None = None) -> Study[TrainingResult]:
    """Train a network on the digits, and hold the observations of Neural Collapse against it."""
    run = train_network(params, watch=watch)
    claims = (_terminal(run), _variability(run), _shrinkage(run), _ridge(run), _generalizes(run))
    return Study(_digits(run), claims)


def expected_seconds(params: UnconstrainedParams | NetworkParams) -> float:
    """Seconds on one core that a training takes at most, as measured; unconstrained features take less than one."""
    if isinstance(params, UnconstrainedParams):
        return 1.0
    weights = params.width * (_INPUTS + (params.hidden_layers - 1) * params.width)
    return 0.3 + params.epochs * (3e-4 + 1.1e-7 * weights)


def _unconstrained(run: UnconstrainedResult) -> TrainingResult:
    vanished = run.minimum.is_zero
    return TrainingResult(
        kind="unconstrained",
        moments=run.times,
        metrics=_curves(run.curves),
        ridge_nc3=run.curves.ridge.curve("nc3"),
        least_squares_nc3=run.curves.least_squares.curve("nc3"),
        objective=run.objectives,
        objective_moments=run.times,
        minimum=run.minimum.objective,
        singular=run.weight_singular * run.feature_singular,
        singular_target=0.0 if vanished else run.minimum.singular_product,
        train_error=np.empty(0),
        test_error=np.empty(0),
        terminal=float("nan"),
        morph=_morph(run.morph, [f"t = {number(float(run.times[i]))}" for i in run.morph.frames], first=1),
        status=run.status.value,
        message=run.message,
        complete=run.status is not TrainingStatus.STOPPED,
    )


def _digits(run: NetworkResult) -> TrainingResult:
    return TrainingResult(
        kind="digits",
        moments=run.epochs.astype(np.float64),
        metrics=_curves(run.curves),
        ridge_nc3=run.curves.ridge.curve("nc3"),
        least_squares_nc3=run.curves.least_squares.curve("nc3"),
        objective=run.objectives,
        objective_moments=np.arange(len(run.objectives), dtype=np.float64),
        minimum=float("nan"),
        singular=np.empty((len(run.epochs), 0)),
        singular_target=float("nan"),
        train_error=run.train_errors[run.epochs],
        test_error=run.test_errors,
        terminal=float("nan") if run.terminal_epoch is None else float(run.terminal_epoch),
        morph=_morph(run.morph, [f"epoch {run.epochs[i]}" for i in run.morph.frames], first=0),
        status=run.status.value,
        message=run.message,
        complete=run.status is not TrainingStatus.STOPPED,
    )


def _curves(curves: CollapseCurves) -> dict[str, Array]:
    found = {name: curves.curve(attribute) for name, attribute in _METRICS.items()}
    return found | {"NC4": curves.trained_elsewhere}


def _morph(morph: Morph, labels: list[str], *, first: int) -> MorphResult:
    """Pictures with the labels of their moments; classes are numbered from `first`."""
    scale = morph.mean_norms / np.where(morph.row_norms > 0.0, morph.row_norms, 1.0)
    return MorphResult(
        labels=tuple(labels),
        means=morph.means,
        rows=morph.rows * scale[:, None, None],
        simplex=morph.simplex,
        features=morph.features,
        classes=morph.labels,
        names=tuple(str(first + label) for label in range(morph.means.shape[1])),
        shown=morph.shown,
    )


def _reachable(run: UnconstrainedResult) -> Assumption:
    return Assumption("s < 1, below the threshold", not run.minimum.is_zero)


def _not_stopped(run: UnconstrainedResult | NetworkResult) -> Assumption:
    return Assumption("not stopped", run.status is not TrainingStatus.STOPPED)


def _arrived(run: UnconstrainedResult) -> Assumption:
    return Assumption("the flow came to its end", run.status not in (TrainingStatus.STOPPED, TrainingStatus.BUDGET))


def _minimum(run: UnconstrainedResult) -> Claim:
    """The flow reaches the global minimum."""
    gap = float(run.gaps[-1])
    return Claim(
        name="The flow reaches the global minimum",
        formula=r"F(t) \to F^* = \tfrac{C-1}{2C}\big(1 - (1-s)^2\big),\ "
        r"s = \min\big(1,\, C\sqrt{N\lambda_W\lambda_H}\big)",
        assumptions=(_not_stopped(run),),
        predicted=f"F* = {number(run.minimum.objective)}, C√(Nλ_Wλ_H) = {number(run.minimum.strength)}",
        measured=f"{number(float(run.objectives[-1]))}, above it by {number(abs(gap))} of it",
        residual=abs(gap),
        tolerance=_GAP,
        unit="of the minimum",
        why="Both decays together are a nuclear norm of WH: what is left is convex, and its minimum is known. Almost "
        "every start leads there; near the threshold s = 1 the way is slow.",
    )


def _singular(run: UnconstrainedResult) -> Claim:
    """The C - 1 modes have equal strength q."""
    modes = run.params.classes - 1
    products = (run.weight_singular * run.feature_singular)[-1, :modes]
    target = run.minimum.singular_product
    # F - F* is at least the sum over the modes of (sigma - q)^2 / (2 C N), which bounds each mode by the gap
    gain, gap = run.minimum.mode_gain, abs(float(run.gaps[-1]))
    allowed = float(np.sqrt(modes * (1.0 - gain**2) * gap)) / gain if gain > 0.0 else 0.0
    return Claim(
        name="C − 1 equal modes",
        formula=r"\sigma_k(W)\,\sigma_k(H) = q = \sqrt N\,(1 - s)",
        assumptions=(_reachable(run), _arrived(run)),
        predicted=f"q = {number(target)} in each of {modes} modes",
        measured=f"between {number(float(products.min()))} and {number(float(products.max()))}",
        residual=float(np.abs(products - target).max()) / target if target > 0.0 else float("nan"),
        tolerance=max(_SAME, allowed),
        unit="of q",
        why=r"At rest $\lambda_W W^\top W = \lambda_H H H^\top$; with it, equal modes give NC2 and NC3. Beyond the "
        "threshold q = 0: all features vanish.",
    )


def _collapse(run: UnconstrainedResult) -> Claim:
    """All metrics go to 0: small at the end, and none was smaller before."""
    curves = _curves(run.curves)
    last = {name: float(values[-1]) for name, values in curves.items()}
    worst = max(last, key=lambda name: last[name])
    back = max(float(values[-1] - values.min()) for values in curves.values())
    return Claim(
        name="The minimum is a collapse",
        formula=r"\mathrm{NC1},\ \mathrm{NC2},\ \mathrm{NC3},\ \mathrm{NC4} \to 0",
        assumptions=(_reachable(run), _arrived(run)),
        predicted="all go to 0",
        measured=", ".join(f"{name} {number(value)}" for name, value in last.items())
        + f"; each at its lowest value, to {number(back)}",
        residual=max(last[worst] / _NEAR_ZERO, back / _BACK),
        tolerance=1.0,
        allowed=f"allowed: {number(_NEAR_ZERO)}, the largest is {worst}; {number(_BACK)} above the lowest value",
        why="Weight decay on free features makes the simplex the cheapest way to be right.",
    )


def _stationary(run: UnconstrainedResult) -> Claim:
    """W is the ridge solution on the features."""
    distance = float(run.curves.ridge.distance[-1])
    return Claim(
        name="W is least squares with a ridge",
        formula=r"W = \tfrac1C\, M^\top (\Sigma_T + \lambda_W I)^{-1} \quad\text{where } \nabla_W F = 0",
        assumptions=(_reachable(run), _arrived(run)),
        predicted="the same matrix",
        measured=f"off by {number(distance)} of |W|",
        residual=distance,
        tolerance=1e-3,
        unit="of |W|",
        why="Weight decay is the ridge that makes NC1 + NC2 ⇒ NC3 continuous: near collapse is near self-duality.",
    )


def _usual(run: NetworkResult) -> tuple[Assumption, ...]:
    """Settings under which the observations hold; one line where all are met, else those that are not.

    They are observations, not theorems: `tests/core/neural_collapse/scans.py` draws settings and looks. Without depth,
    width, weight decay or time NC1 to NC3 stop early.
    """
    params = run.params
    settings = (
        Assumption("2 or more hidden layers", params.hidden_layers >= 2),
        Assumption("width 64 or more", params.width >= 64),
        Assumption("weight decay from 10⁻⁴ to 10⁻³", 1e-4 <= params.weight_decay <= 1e-3),
        Assumption("1000 epochs or more", len(run.objectives) > 1000),
    )
    missing = tuple(setting for setting in settings if not setting.met)
    return missing or (Assumption("enough depth, width, weight decay and epochs", True),)


def _terminal(run: NetworkResult) -> Claim:
    """The terminal phase starts in the first third of the run."""
    last, start = int(run.epochs[-1]), run.terminal_epoch
    return Claim(
        name="A terminal phase of training",
        formula=r"\text{training error} = 0 \ \text{from some epoch on}",
        assumptions=(*_usual(run), _not_stopped(run)),
        predicted="zero training error in the first third of the epochs",
        measured="never" if start is None else f"from epoch {start} of {last}",
        residual=1.0 if start is None else start / float(last),
        tolerance=1.0 / 3.0,
        allowed=f"allowed: epoch {last // 3}",
        why="Neural Collapse is what happens after that.",
    )


@dataclass(frozen=True, slots=True)
class _Fall:
    """How a metric falls in the terminal phase; NaN where there is none."""

    first: float
    last: float
    lowest: float

    @classmethod
    def of(cls, values: Array) -> "_Fall":
        if not len(values):
            return cls(*[float("nan")] * 3)
        return cls(float(values[0]), float(values[-1]), float(values.min()))

    @property
    def back(self) -> float:
        """How far the last value is above the lowest, relative to that."""
        return self.last / self.lowest - 1.0

    @property
    def residual(self) -> float:
        """At most 1 where the last value is below the first, and has not come back from the lowest."""
        return max(self.last / self.first, self.back / _COME_BACK)

    def __str__(self) -> str:
        return f"{number(self.first)} to {number(self.last)}, {number(100.0 * self.back)} % above its lowest"


_FALLEN = f"allowed: less than at the start, and {number(100.0 * _COME_BACK)} % above the lowest value of the phase"


def _variability(run: NetworkResult) -> Claim:
    """NC1 goes on falling in the terminal phase."""
    fall = _Fall.of(_late(run, run.curves.curve("nc1")))
    return Claim(
        name="NC1 goes on falling",
        formula=r"\mathrm{NC1} = \tfrac1C \operatorname{tr}(\Sigma_W \Sigma_B^\dagger) \ \text{falls at zero error}",
        assumptions=(*_usual(run), _not_stopped(run)),
        predicted=f"lower than where the training error became zero, and below {number(_COLLAPSED)}",
        measured="no terminal phase" if run.terminal_epoch is None else str(fall),
        residual=max(fall.residual, fall.last / _COLLAPSED),
        tolerance=1.0,
        allowed=f"{_FALLEN}; {number(_COLLAPSED)} at the end",
        why="Observed, not proved. A finite run collapses only so far: how far depends on depth, width, weight decay "
        "and time.",
    )


def _late(run: NetworkResult, values: Array) -> Array:
    """Recorded values from the terminal phase on; none if there is no such phase."""
    return values[run.epochs >= run.terminal_epoch] if run.terminal_epoch is not None else values[:0]


def _shrinkage(run: NetworkResult) -> Claim:
    """NC2's angles and NC3 shrink from the terminal phase's start on; NC2's lengths need not."""
    curves = _curves(run.curves)
    angles, duality, lengths = (_Fall.of(_late(run, curves[name])) for name in ("NC2 angles", "NC3", "NC2 lengths"))
    return Claim(
        name="Angles and NC3 shrink",
        formula=r"\cos(\mu_c - \mu_G,\ \mu_{c'} - \mu_G) \text{ to } -\tfrac1{C-1},\ \ W \text{ to } M^\top",
        assumptions=(*_usual(run), _not_stopped(run)),
        predicted="NC2 of the angles and NC3 are smaller at the end than when the training error became zero",
        measured="no terminal phase"
        if run.terminal_epoch is None
        else f"angles {angles}; NC3 {duality}. Nothing is claimed of the lengths: {lengths}",
        residual=max(angles.residual, duality.residual),
        tolerance=1.0,
        allowed=_FALLEN,
        why="Observed, not proved: nothing in the loss names a simplex. For free features weight decay and the squared "
        "loss lead there.",
    )


def _ridge(run: NetworkResult) -> Claim:
    """The last layer is the ridge solution on its own features."""
    distance = float(run.curves.ridge.distance[-1])
    return Claim(
        name="The last layer is least squares with a ridge",
        formula=r"W = \tfrac1C\, M^\top (\Sigma_T + \lambda I)^{-1}",
        assumptions=(
            Assumption("weight decay of 10⁻⁴ or more", run.params.weight_decay >= 1e-4),
            Assumption(f"{_SETTLED} epochs or more", len(run.objectives) > _SETTLED),
        ),
        predicted="the same matrix, on the features as they are",
        measured=f"off by {number(100.0 * distance)} % of |W|",
        residual=distance,
        tolerance=0.1,
        allowed="allowed: 10 %, as Adam ends near a stationary point, not at one",
        why="Any stationary point says so. The pseudo-inverse (dotted) is another matter: features that are not "
        "quite collapsed may send it far off.",
    )


def _generalizes(run: NetworkResult) -> Claim:
    """Test accuracy."""
    error = float(run.test_errors[-1])
    there = _late(run, run.test_errors)
    before = f"; {_right(float(there[0]))} where the training error became zero" if len(there) else ""
    return Claim(
        name="It generalizes",
        formula=r"\text{test accuracy} \ge 97\,\%",
        assumptions=(*_usual(run), _not_stopped(run)),
        predicted="97 % of the held-out images and more",
        measured=f"{_right(error)} of {len(run.predictions)} held-out images{before}",
        residual=error,
        tolerance=0.03,
        allowed="allowed: 3 % wrong",
        why="Observed, not proved: the loss knows the training images only.",
    )


def _right(error: float) -> str:
    return f"{100.0 * (1.0 - error):.1f} %"
