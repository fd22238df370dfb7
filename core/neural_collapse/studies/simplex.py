"""The simplex ETF: class means, classifier and clouds of features."""

import numpy as np

from core.claims import Assumption, Claim
from core.neural_collapse.metrics import cosines
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.result import SimplexResult, Study
from core.neural_collapse.statistics import FeatureStatistics
from core.neural_collapse.studies.conditions import measure
from core.neural_collapse.studies.fitting import fit_classifier, on_simplex, untwisted
from core.neural_collapse.studies.scene import make_scene
from core.neural_collapse.synthetic import make_features
from core.notation import number


def study_simplex(params: SyntheticParams, view: str = "all") -> Study[SimplexResult]:
    """Class means and classifier of the population, features drawn around them.

    Parameters
    ----------
    params : SyntheticParams
        The features.
    view : str
        A key of `scene.VIEWS`.
    """
    fitted, drawn = fit_classifier(params, FitParams()), make_features(params)
    population = fitted.statistics
    result = SimplexResult(
        classes=params.classes,
        scene=make_scene(population, fitted.weights, drawn.features, drawn.labels, view),
        cosines=cosines(population),
        target=-1.0 / (params.classes - 1),
        lengths=population.lengths,
        conditions=measure(fitted, params),
    )
    return Study(result, (_lengths(result, params), _angles(result, params), _duality(result, population)))


def _is_simplex(params: SyntheticParams) -> Assumption:
    return Assumption("class means on a simplex ETF", on_simplex(params))


def _lengths(result: SimplexResult, params: SyntheticParams) -> Claim:
    """All centred class means have one length."""
    lengths = result.lengths
    spread = float(lengths.max() / lengths.min() - 1.0)
    return Claim(
        name="Equal lengths",
        formula=r"\|\mu_c - \mu_G\| = \|\mu_{c'} - \mu_G\|",
        assumptions=(_is_simplex(params),),
        predicted="one length for all classes",
        measured=f"between {number(float(lengths.min()))} and {number(float(lengths.max()))}",
        residual=spread,
        tolerance=1e-12,
        unit="of the length",
        why="The first half of NC2. Of two or three centred means it forces the angles; from C = 4 on they are "
        "still free.",
    )


def _angles(result: SimplexResult, params: SyntheticParams) -> Claim:
    """All cosines are -1/(C-1), the most that C directions can be apart."""
    off = result.cosines[~np.eye(result.classes, dtype=bool)]
    residual = float(np.abs(off - result.target).max())
    return Claim(
        name="Equal angles, as wide as they can be",
        formula=r"\cos(\mu_c - \mu_G,\ \mu_{c'} - \mu_G) = -\frac{1}{C-1}",
        assumptions=(_is_simplex(params),),
        predicted=f"every cosine is {number(result.target)}",
        measured=f"between {number(float(off.min()))} and {number(float(off.max()))}",
        residual=residual,
        tolerance=1e-12,
        unit="",
        why="Centred means sum to 0, so the cosines of equally long ones have the mean −1/(C−1), whatever they are: "
        "the largest is smallest where all are equal. C such directions need p ≥ C − 1.",
    )


def _duality(result: SimplexResult, population: FeatureStatistics) -> Claim:
    """The classifier's rows are the class means, up to one factor."""
    return Claim(
        name="Self-duality",
        formula=r"\frac{W^\top}{\|W\|_F} = \frac{M}{\|M\|_F}",
        assumptions=(untwisted(population),),
        predicted="each row of W points to its class mean",
        measured=f"off by {number(result.conditions.nc3)}",
        residual=result.conditions.nc3,
        tolerance=1e-10,
        unit="of 1",
        why="Isotropic noise around a simplex ETF has such a covariance. Then least squares turns nothing: W ∝ Mᵀ.",
    )
