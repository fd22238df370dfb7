"""What the sections of problem 3 show: everything that is plotted or claimed."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from core.arrays import Array, Indices
from core.claims import Claim
from core.notation import number

R = TypeVar("R", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Study(Generic[R]):
    """The result of a section, and the claims held against it."""

    result: R
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Conditions:
    """The four conditions as measured, with the least squares classifier; all are 0 at the collapse.

    Attributes
    ----------
    nc1, nc2_equinorm, nc2_equiangle, nc3, nc4 : float
        After Papyan, Han & Donoho; NC3 is not squared, and NC4 is taken on probes of the whole space.
    nc4_features : float
        NC4 on the training features; for a population, on features drawn from it.
    others : dict of str to float
        The other published definitions, by their names in words.
    """

    nc1: float
    nc2_equinorm: float
    nc2_equiangle: float
    nc3: float
    nc4: float
    nc4_features: float
    others: dict[str, float]

    @property
    def disagreement(self) -> str:
        """NC4 in words: elsewhere, and where the features are."""
        elsewhere, here = number(100.0 * self.nc4), number(100.0 * self.nc4_features)
        return f"{elsewhere} % of probes of the whole space and on {here} % of the features"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Scene:
    """Class means, classifier rows and some features in three dimensions; C classes, n features.

    Attributes
    ----------
    means : Array
        Centred class means, projected, shape (C, 3).
    rows : Array
        Rows of the classifier, scaled to |M|_F, projected, shape (C, 3).
    simplex : Array
        The simplex ETF nearest to the means, projected, shape (C, 3); of no rows where p < C - 1, or for more than 20
        classes.
    features : Array
        Centred features, projected, shape (n, 3).
    labels : Indices
        Their classes, shape (n,).
    shown : float
        Share of |M|^2 that the projection keeps.
    """

    means: Array
    rows: Array
    simplex: Array
    features: Array
    labels: Indices
    shown: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SimplexResult:
    """A simplex ETF, or means that have left it.

    Attributes
    ----------
    classes : int
        C.
    scene : Scene
        The picture.
    cosines : Array
        Between centred class means, shape (C, C).
    target : float
        -1/(C-1).
    lengths : Array
        |mu_c - mu_G|, shape (C,).
    conditions : Conditions
        As measured.
    """

    classes: int
    scene: Scene
    cosines: Array
    target: float
    lengths: Array
    conditions: Conditions


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ImplicationResult:
    """Two dials and the four conditions; A noise levels, D departures, T noise levels of the limit.

    Attributes
    ----------
    noise, departure, ridge : float
        Where the dials stand, and lambda.
    sampled, weighted : bool
        Whether the conditions are those of samples, and whether all classes weigh the same.
    conditions : Conditions
        At the dials.
    noise_grid, departure_grid : Array
        Shapes (A,) and (D,).
    nc3_map, nc4_map : Array
        Of populations, shape (D, A).
    levels : Array
        Noise levels towards 0, shape (T,).
    nc3_population, nc3_sampled, nc3_ridge : Array
        NC3 at the levels: of the population, of samples by the pseudo-inverse, and by a ridge, shape (T,).
    nc3_predicted : float
        Limit of NC3 of samples as noise vanishes, NaN where it is 0 or the setting is not isotropic.
    limit_ridge : float
        lambda of `nc3_ridge`.
    """

    noise: float
    departure: float
    ridge: float
    sampled: bool
    weighted: bool
    conditions: Conditions
    noise_grid: Array
    departure_grid: Array
    nc3_map: Array
    nc4_map: Array
    levels: Array
    nc3_population: Array
    nc3_sampled: Array
    nc3_ridge: Array
    nc3_predicted: float
    limit_ridge: float

    @property
    def on_maps(self) -> bool:
        """Whether the classifier at the dials is that of the maps: of a population, classes alike, no ridge."""
        return not self.sampled and self.weighted and self.ridge == 0.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RegionsResult:
    """Both partitions of a square on a plane; polygons have their corners (x, y) in rows.

    Attributes
    ----------
    reach : float
        Half a side of the square.
    nearest_mean, least_squares : tuple of Array
        The region of each of the C classes by either rule; of no rows where a class has none.
    nearest_mean_borders, least_squares_borders : Array
        End points of the edges between regions, shape (k, 2, 2).
    differences : tuple of Array
        Where the rules differ.
    share : float
        Their area over that of the square.
    rounding : float
        Largest share that rounding can make of two partitions that are one.
    means : Array
        Class means, projected, shape (C, 2).
    chosen : tuple of int
        The classes that span the plane.
    features : Array
        Projected features of these, shape (n, 2).
    labels : Indices
        Their classes, shape (n,).
    conditions : Conditions
        As measured; NC4 on probes of the whole space.
    """

    reach: float
    nearest_mean: tuple[Array, ...]
    least_squares: tuple[Array, ...]
    nearest_mean_borders: Array
    least_squares_borders: Array
    differences: tuple[Array, ...]
    share: float
    rounding: float
    means: Array
    chosen: tuple[int, ...]
    features: Array
    labels: Indices
    conditions: Conditions


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MorphResult:
    """A run as S pictures in three dimensions.

    Attributes
    ----------
    labels : tuple of str
        Moment of each picture, in words, shape (S,).
    means, rows : Array
        Centred class means, and classifier rows scaled to |M|_F, shape (S, C, 3).
    simplex : Array
        The simplex ETF nearest to the last means, shape (C, 3).
    features : Array
        Some features, shape (S, n, 3).
    classes : Indices
        Their classes, shape (n,).
    names : tuple of str
        Of the C classes.
    shown : Array
        Share of |M|^2 that the projection keeps, shape (S,).
    """

    labels: tuple[str, ...]
    means: Array
    rows: Array
    simplex: Array
    features: Array
    classes: Indices
    names: tuple[str, ...]
    shown: Array


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TrainingResult:
    """A run of either training at T moments.

    Attributes
    ----------
    kind : str
        "unconstrained" or "digits".
    moments : Array
        Time t or epoch, shape (T,).
    metrics : dict of str to Array
        "NC1", "NC2 lengths", "NC2 angles", "NC3", "NC4", each of shape (T,).
    ridge_nc3, least_squares_nc3 : Array
        NC3 of the classifier that least squares with the training's weight decay, or by the pseudo-inverse, fits to the
        features as they are, shape (T,).
    objective : Array
        What is minimized, at `objective_moments`, which may be more than T.
    objective_moments : Array
        Of the same shape.
    minimum : float
        Its global minimum; NaN where none is known.
    singular : Array
        Products of the singular values of W and H, shape (T, C); of no columns for digits.
    singular_target : float
        q; NaN where none is known.
    train_error, test_error : Array
        Shape (T,); of length 0 for unconstrained features.
    terminal : float
        Start of the terminal phase; NaN if it is not reached.
    morph : MorphResult
        Pictures.
    status, message : str
        How the run ended.
    complete : bool
        Whether it was not stopped.
    """

    kind: str
    moments: Array
    metrics: dict[str, Array]
    ridge_nc3: Array
    least_squares_nc3: Array
    objective: Array
    objective_moments: Array
    minimum: float
    singular: Array
    singular_target: float
    train_error: Array
    test_error: Array
    terminal: float
    morph: MorphResult
    status: str
    message: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadOrder:
    """Another order of the rows of a classifier, in which it agrees with the features.

    Attributes
    ----------
    names : tuple of str
        The classes, in the order of the rows.
    rule : str
        What that order is, in words.
    nc3, nc4 : float
        Of the classifier with its rows put right; NC4 on the features.
    given_nc3, given_nc4 : float
        Of the classifier as it is.
    """

    names: tuple[str, ...]
    rule: str
    nc3: float
    nc4: float
    given_nc3: float
    given_nc4: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class UploadResult:
    """A visitor's features.

    Attributes
    ----------
    names : tuple of str
        Of the C classes.
    samples, dimension : int
        n and p.
    counts : Indices
        Samples of each class, shape (C,).
    given : Conditions or None
        With the file's own classifier, where there is one.
    fitted : Conditions
        With the least squares classifier.
    scene : Scene
        A picture, with the file's own classifier where there is one.
    classifier_distance : float
        |W/|W| - W_LS/|W_LS||, NaN without a classifier.
    cosines : Array
        Between centred class means, shape (C, C).
    lengths, variances, class_nc4 : Array
        Of each class, shape (C,).
    label : str
        Name of the column of the labels in a table; empty for an archive.
    notes : tuple of str
        How the file was understood where that is not obvious.
    order : HeadOrder or None
        Where the rows of the file's classifier seem to be in another order than the classes.
    """

    names: tuple[str, ...]
    samples: int
    dimension: int
    counts: Indices
    given: Conditions | None
    fitted: Conditions
    scene: Scene
    classifier_distance: float
    cosines: Array
    lengths: Array
    variances: Array
    class_nc4: Array
    label: str
    notes: tuple[str, ...]
    order: HeadOrder | None


EQUAL = 1e-12
"""Largest residual of an equality: rounding leaves 1e-14, and noise of 1e-5, the least there is, 1e-10 in Sigma_T."""
