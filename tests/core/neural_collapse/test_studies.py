"""The sections of problem 3: what they show, and verdicts that are computed."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.claims import Claim, Verdict
from core.neural_collapse import (
    collapse_metrics,
    cosines,
    dial_map,
    disagreement,
    feature_statistics,
    least_squares_classifier,
    make_features,
    make_population,
    make_probes,
)
from core.neural_collapse import statistics as statistics_module
from core.neural_collapse.example import example_file
from core.neural_collapse.network import NetworkParams
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.partition import area
from core.neural_collapse.simplex import nearest_simplex, simplex_etf
from core.neural_collapse.studies import (
    derivation,
    implication,
    scene,
    study_digits,
    study_implication,
    study_regions,
    study_simplex,
    study_unconstrained,
    study_upload,
    upload,
)
from core.neural_collapse.studies.derivation import Points
from core.neural_collapse.studies.fitting import fit_classifier
from core.neural_collapse.unconstrained_model import UnconstrainedParams
from core.neural_collapse.upload import read_features
from core.neural_collapse.uploaded import UploadedFeatures
from tests.core.neural_collapse.scans import SABOTAGES, SCANS

IDEAL = SyntheticParams(noise=0.0)
STRETCHED = SyntheticParams(noise=0.3, anisotropy=4.0)
OFF = SyntheticParams(noise=0.0, departure=0.5)
SITUATIONS = {
    "default": SyntheticParams(),
    "ideal": IDEAL,
    "stretched": STRETCHED,
    "off": OFF,
    "ten": SyntheticParams(classes=10, dimension=12, noise=0.2, departure=0.3, seed=3),
    "two": SyntheticParams(classes=2, dimension=2, noise=0.5, seed=1),
}
every_situation = pytest.mark.parametrize("params", SITUATIONS.values(), ids=SITUATIONS)


def claim(study: Any, name: str) -> Claim:
    return next(one for one in study.claims if one.name.startswith(name))


def verdicts(study: Any) -> dict[str, Verdict]:
    return {one.name: one.verdict for one in study.claims}


@pytest.fixture(scope="module")
def free() -> Any:
    return study_unconstrained(UnconstrainedParams())


@pytest.fixture(scope="module")
def digits() -> Any:
    return study_digits(NetworkParams())


# Simplex


@every_situation
def test_a_scene_is_a_projection_of_means_rows_and_features(params):
    result = study_simplex(params).result
    population = make_population(params)
    means = population.centered_means
    gram = result.scene.means @ result.scene.means.T
    if params.classes <= 4:
        assert gram == pytest.approx(means.T @ means, abs=1e-12)
        assert result.scene.shown == pytest.approx(1.0)
        ideal = nearest_simplex(means)
        assert result.scene.simplex @ result.scene.simplex.T == pytest.approx(ideal.T @ ideal, abs=1e-12)
    assert np.linalg.norm(gram) <= np.linalg.norm(means.T @ means) * (1 + 1e-12)
    assert result.scene.shown == pytest.approx(np.trace(gram) / np.linalg.norm(means) ** 2)
    assert result.cosines == pytest.approx(cosines(population))


def test_ten_classes_keep_a_third_of_the_simplex_or_show_four_of_them_whole():
    params = SyntheticParams(classes=10, noise=0.0)
    assert study_simplex(params).result.scene.shown == pytest.approx(3 / 9)
    four = study_simplex(params, "four").result.scene
    distances = np.linalg.norm(four.means[:4, None] - four.means[None, :4], axis=2)
    assert distances[~np.eye(4, dtype=bool)] == pytest.approx(np.sqrt(20 / 9))
    assert np.ptp(four.means[4:], axis=0) == pytest.approx(0.0, abs=1e-12)


def test_rows_of_a_scene_coincide_with_means_exactly_where_nc3_is_zero():
    ideal, off = study_simplex(SITUATIONS["default"]).result, study_simplex(OFF).result
    assert ideal.scene.rows == pytest.approx(ideal.scene.means, abs=1e-12)
    apart = np.linalg.norm(off.scene.rows - off.scene.means) / np.linalg.norm(off.scene.means)
    assert apart == pytest.approx(off.conditions.nc3)


def test_a_simplex_that_does_not_fit_is_left_out_of_the_scene():
    features, labels = np.random.default_rng(0).standard_normal((40, 2)), np.arange(40) % 5
    statistics = feature_statistics(features, labels)
    found = scene.make_scene(statistics, least_squares_classifier(statistics)[0], features, labels)
    assert found.simplex.shape == (0, 3)
    assert np.isfinite(found.means).all()


# Implication


@every_situation
@pytest.mark.parametrize("fit", [FitParams(), FitParams(sampled=True), FitParams(sampled=True, ridge=0.01)])
def test_conditions_are_the_metrics_of_the_fit(params, fit):
    conditions = study_implication(params, fit).result.conditions
    drawn = make_features(params)
    statistics = feature_statistics(drawn.features, drawn.labels) if fit.sampled else make_population(params)
    weights, bias = least_squares_classifier(statistics, ridge=fit.ridge)
    metrics = collapse_metrics(statistics, weights, bias, drawn.features)
    assert (conditions.nc1, conditions.nc2_equinorm, conditions.nc3) == (metrics.nc1, metrics.nc2_equinorm, metrics.nc3)
    assert conditions.nc4_features == pytest.approx(metrics.nc4)
    probes = make_probes(statistics.class_means, 20_000, seed=99)
    assert conditions.nc4 == pytest.approx(disagreement(weights, bias, statistics.class_means, probes), abs=0.03)


@pytest.mark.parametrize("direction", ["span", "complement", "oblique"])
@pytest.mark.parametrize("anisotropy", [1.0, 4.0])
def test_the_map_is_that_of_all_dimensions(direction, anisotropy):
    params = SyntheticParams(dimension=30, anisotropy=anisotropy, direction=direction, offset=10.0, seed=2)
    result = study_implication(params, FitParams()).result
    whole = dial_map(replace(params, noise=0.0), result.noise_grid, result.departure_grid, probes=400)
    assert result.nc3_map == pytest.approx(whole.nc3, abs=1e-10)
    assert np.abs(result.nc4_map - whole.nc4).max() < 0.12  # other probes, of the same law
    at = study_implication(replace(params, noise=0.5, departure=0.5), FitParams()).result
    place = np.flatnonzero(at.departure_grid == 0.5)[0], np.flatnonzero(at.noise_grid == 0.5)[0]
    assert at.nc3_map[place] == pytest.approx(at.conditions.nc3, abs=1e-10)


def test_a_map_is_computed_once_for_a_situation():
    implication._map.cache_clear()
    for changes in ({}, {"noise": 0.5}, {"departure": 0.3}, {"samples": 20}, {"dimension": 12}, {"offset": 1.0}):
        study_implication(replace(SyntheticParams(), **changes), FitParams())
    assert implication._map.cache_info().misses == 1


@pytest.mark.parametrize("params", [SyntheticParams(seed=4), SyntheticParams(departure=0.4, anisotropy=2.0, samples=7)])
def test_the_limit_is_that_of_features_with_less_and_less_noise(params):
    result = study_implication(params, FitParams()).result
    for i, level in enumerate(result.levels):
        at = replace(params, noise=float(level))
        drawn = make_features(at)
        for statistics, ridge, values in (
            (make_population(at), 0.0, result.nc3_population),
            (feature_statistics(drawn.features, drawn.labels), 0.0, result.nc3_sampled),
            (feature_statistics(drawn.features, drawn.labels), result.limit_ridge, result.nc3_ridge),
        ):
            fit = least_squares_classifier(statistics, ridge=ridge)
            assert values[i] == pytest.approx(collapse_metrics(statistics, *fit).nc3, rel=1e-6, abs=1e-12)


def test_each_assumption_matters():
    holds = verdicts(study_implication(IDEAL, FitParams(sampled=True)))
    assert holds["NC1 + NC2 ⇒ NC3"] is holds["NC1 + NC2 ⇒ NC4, for every h"] is Verdict.HOLDS
    for params, fit in (
        (OFF, FitParams()),
        (STRETCHED, FitParams()),
        (SyntheticParams(noise=1e-5), FitParams(sampled=True)),
        (SyntheticParams(noise=0.3, imbalance=10.0), FitParams(weighted=False)),
    ):
        study = study_implication(params, fit)
        assert study.result.conditions.nc3 > 0.1
        assert study.result.conditions.nc4 > 0.01
        assert claim(study, "NC1 + NC2 ⇒ NC3").verdict is Verdict.DOES_NOT_APPLY


def test_isotropic_noise_of_the_population_leaves_nc3_and_nc4_alone():
    for noise in (1e-5, 0.1, 1.0):
        study = study_implication(SyntheticParams(noise=noise, imbalance=10.0), FitParams())
        assert claim(study, "NC3 needs").verdict is Verdict.HOLDS
        assert study.result.conditions.nc4 == 0.0
    unweighted = study_implication(SyntheticParams(imbalance=10.0), FitParams(weighted=False))
    assert claim(unweighted, "NC3 needs").verdict is Verdict.DOES_NOT_APPLY
    assert claim(study_implication(STRETCHED, FitParams()), "NC3 needs").verdict is Verdict.DOES_NOT_APPLY


def test_tiny_sampled_noise_jumps_and_a_ridge_repairs_it():
    tiny = SyntheticParams(noise=1e-5)
    jump = study_implication(tiny, FitParams(sampled=True))
    assert verdicts(jump)["The implication jumps at NC1 = 0"] is verdicts(jump)["A ridge repairs it"] is Verdict.HOLDS
    assert jump.result.conditions.nc3 == pytest.approx(jump.result.nc3_predicted, rel=0.2)
    assert study_implication(tiny, FitParams(sampled=True, ridge=1e-3)).result.conditions.nc3 < 1e-4
    assert study_implication(replace(tiny, dimension=3), FitParams(sampled=True)).result.conditions.nc3 < 1e-4


# Verdicts fall with what they are about


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_falsified_run_is_noticed_by_the_claim_that_it_is_meant_for(name):
    true, false = SABOTAGES[name]()
    assert (true.verdict, false.verdict) == (Verdict.HOLDS, Verdict.VIOLATED)
    assert true.name == false.name


@pytest.mark.parametrize("section", [section for section in SCANS if not section.startswith("Watch")])
def test_no_claim_is_violated_at_settings_of_the_page(section):
    for seed in range(10):
        setting, claims = SCANS[section](np.random.default_rng(seed))
        assert not [one for one in claims if one.verdict is Verdict.VIOLATED], setting


@pytest.mark.parametrize("seed", [2, 5, 9])
def test_free_features_violate_no_claim(seed):
    setting, claims = SCANS["Watch it collapse, unconstrained features"](np.random.default_rng(seed))
    assert not [one for one in claims if one.verdict is Verdict.VIOLATED], setting


def test_means_off_the_simplex_do_not_claim_to_be_on_it():
    assert set(verdicts(study_simplex(SITUATIONS["default"])).values()) == {Verdict.HOLDS}
    assert set(verdicts(study_simplex(OFF)).values()) == {Verdict.DOES_NOT_APPLY}


# Assumptions are those of the statement, no more and no less


def test_any_two_means_are_a_simplex():
    two = SyntheticParams(classes=2, departure=0.6, noise=0.0)
    assert set(verdicts(study_simplex(two)).values()) == {Verdict.HOLDS}
    assert claim(study_implication(two, FitParams()), "NC1 + NC2 ⇒ NC3").verdict is Verdict.HOLDS


def test_conditions_are_those_of_the_features_on_screen_and_not_of_the_dials():
    one_each = study_implication(SyntheticParams(samples=1, noise=0.3), FitParams(sampled=True))
    met = {assumption.text[:3]: assumption.met for assumption in claim(one_each, "NC1 + NC2 ⇒ NC3").assumptions}
    assert met["NC1"]
    assert not met["NC2"]


def test_weights_of_the_classes_do_not_matter_where_the_fit_meets_every_target():
    unequal = replace(IDEAL, imbalance=10.0)
    assert claim(study_implication(unequal, FitParams(weighted=False)), "NC1 + NC2 ⇒ NC4").verdict is Verdict.HOLDS
    ridge = claim(study_implication(unequal, FitParams(weighted=False, ridge=0.1)), "NC1 + NC2 ⇒ NC4")
    assert ridge.verdict is Verdict.DOES_NOT_APPLY
    assert not ridge.is_so
    assert (
        claim(study_implication(replace(unequal, samples=1), FitParams(weighted=False)), "A ridge").assumptions[1].met
    )


@pytest.mark.parametrize(
    ("params", "met"),
    [
        (SyntheticParams(noise=0.3, anisotropy=8.0, direction="complement"), True),
        (SyntheticParams(noise=0.0, anisotropy=8.0), True),
        (SyntheticParams(classes=2, noise=0.3, anisotropy=8.0), True),
        (SyntheticParams(noise=1e-5, anisotropy=4.0, direction="oblique"), False),
        (SyntheticParams(noise=1e-5, anisotropy=0.2), False),
        (SyntheticParams(noise=0.3, departure=0.05), False),
    ],
)
def test_nc3_asks_for_an_untwisted_covariance_and_for_nothing_else(params, met):
    found = claim(study_implication(params, FitParams()), "NC3 needs")
    assert found.assumptions[0].met == met == found.is_so


def test_noise_that_couples_the_span_with_its_complement_jumps_without_samples():
    oblique = SyntheticParams(noise=1e-5, anisotropy=4.0, direction="oblique")
    assert study_implication(oblique, FitParams()).result.conditions.nc3 > 0.4


# Regions


def test_regions_agree_at_the_collapse_only():
    same = study_regions(IDEAL, FitParams())
    assert (same.result.share, same.result.differences) == (0.0, ())
    assert claim(same, "One partition").verdict is Verdict.HOLDS
    assert 0.0 < same.result.rounding < 1e-10
    flat = SyntheticParams(classes=3, dimension=2, noise=0.0, departure=0.6)
    other = study_regions(flat, FitParams())
    assert other.result.share > 0.02
    assert other.result.differences
    assert claim(other, "One partition").verdict is Verdict.DOES_NOT_APPLY


def test_share_title_caption_and_verdict_are_those_of_the_polygons():
    """A grid of 121 x 121 points met none of them, and the page said that the rules agree."""
    params = SyntheticParams(classes=3, dimension=2, noise=0.01, anisotropy=2.0)
    study = study_regions(params, FitParams())
    drawn = sum(map(area, study.result.differences)) / (2.0 * study.result.reach) ** 2
    assert study.result.share == pytest.approx(drawn, rel=1e-12) == pytest.approx(8.66e-5, rel=1e-3)
    one = claim(study, "One partition")
    assert not one.is_so
    assert "differ on 0.00866 % of the square" in one.measured


# Trainings


def test_unconstrained_features_reach_the_closed_form(free):
    result = free.result
    assert result.objective[-1] / result.minimum - 1.0 < 1e-6
    assert result.singular[-1] == pytest.approx([result.singular_target] * 3 + [0.0], abs=1e-3)
    assert all(values[-1] < 1e-6 for values in result.metrics.values())
    assert set(verdicts(free).values()) == {Verdict.HOLDS}
    last = result.morph.means[-1]
    assert last == pytest.approx(result.morph.simplex, abs=1e-6)
    assert result.morph.rows[-1] == pytest.approx(last, abs=1e-6)
    assert len(result.morph.labels) == len(result.morph.means)


def test_beyond_the_threshold_nothing_is_left_and_no_collapse_is_claimed():
    study = study_unconstrained(UnconstrainedParams(weight_decay=0.1, feature_decay=0.1))
    assert claim(study, "The flow reaches").verdict is Verdict.HOLDS
    others = {one.verdict for one in study.claims if not one.name.startswith("The flow")}
    assert others == {Verdict.DOES_NOT_APPLY}


def test_a_stopped_run_claims_nothing_and_keeps_what_it_has():
    for study in (
        study_unconstrained(UnconstrainedParams(), watch=lambda progress: progress.fraction < 0.3),
        study_digits(NetworkParams(), watch=lambda progress: progress.fraction < 0.3),
    ):
        assert not study.result.complete
        assert len(study.result.moments) > 1
        assert set(verdicts(study).values()) == {Verdict.DOES_NOT_APPLY}


def test_the_digits_collapse_as_far_as_they_do(digits):
    result = digits.result
    assert set(verdicts(digits).values()) == {Verdict.HOLDS}
    assert result.terminal <= 500
    assert not result.train_error[result.moments >= result.terminal].any()
    nc1 = result.metrics["NC1"]
    assert nc1[-1] < min(5e-3, 0.1 * nc1[result.moments >= result.terminal][0])
    assert result.test_error[-1] <= 0.03
    assert result.least_squares_nc3[-1] > 1.0 > result.metrics["NC3"][-1]
    assert result.ridge_nc3[-1] == pytest.approx(result.metrics["NC3"][-1], rel=0.05)
    assert result.morph.names == tuple("0123456789")


@pytest.mark.parametrize(
    "changes", [{"weight_decay": 0.0}, {"hidden_layers": 1}, {"width": 16}, {"epochs": 200}], ids=str
)
def test_without_depth_width_decay_or_time_the_digits_stop_early(changes):
    study = study_digits(NetworkParams(**({"epochs": 1000} | changes)))
    observation = claim(study, "NC1 goes on")
    assert observation.verdict is Verdict.DOES_NOT_APPLY
    assert [one.met for one in observation.assumptions] == [False, True]
    assert not observation.is_so or study.result.metrics["NC1"][-1] > 2e-3


# Uploads


def test_the_example_is_read_and_measured():
    uploaded = read_features(example_file(), "features.npz")
    study = study_upload(uploaded)
    result = study.result
    statistics = feature_statistics(uploaded.features, uploaded.labels)
    own = collapse_metrics(statistics, uploaded.weights, uploaded.bias, uploaded.features, uploaded.labels)
    assert result.given is not None
    assert (result.given.nc3, result.given.nc4_features) == (own.nc3, own.nc4)
    assert result.fitted.nc3 == collapse_metrics(statistics, *least_squares_classifier(statistics)).nc3
    fitted = least_squares_classifier(statistics)[0]
    difference = uploaded.weights / np.linalg.norm(uploaded.weights) - fitted / np.linalg.norm(fitted)
    assert result.classifier_distance == pytest.approx(np.linalg.norm(difference))
    assert result.class_nc4 == pytest.approx(own.class_nc4)
    assert claim(study, "With a ridge").verdict is Verdict.HOLDS


@pytest.mark.parametrize("noise", [1e-8, 0.1, 3.0])
@pytest.mark.parametrize(("samples", "dimension"), [(30, 60), (400, 5)])
def test_the_bound_on_nc3_with_a_ridge_holds_for_any_features(noise, samples, dimension, monkeypatch):
    rng = np.random.default_rng(0)
    labels = np.arange(samples) % 5
    features = rng.standard_normal((5, dimension))[labels] + noise * rng.standard_normal((samples, dimension)) ** 3
    bring = UploadedFeatures(features=features, labels=labels, class_names=tuple("abcde"))
    assert claim(study_upload(bring), "With a ridge").verdict is Verdict.HOLDS
    monkeypatch.setattr(upload, "self_duality", lambda *_: 1.4)
    assert claim(study_upload(bring), "With a ridge").verdict is Verdict.VIOLATED


def test_a_large_ridge_is_not_taken_for_a_collapse():
    rng, labels = np.random.default_rng(0), np.arange(500) % 5
    noise = rng.standard_normal((500, 20))
    near = noise[:5][labels] + 1e-3 * noise
    for features, sign in {"noise": (noise, "no sign of collapse"), "near": (near, "what NC2 lacks")}.values():
        bring = UploadedFeatures(features=features, labels=labels, class_names=tuple("abcde"))
        assert sign in claim(study_upload(bring), "With a ridge").why


@pytest.mark.parametrize("scale", [1e-20, 1e7, 1e29])
def test_the_scale_of_the_features_changes_nothing(scale):
    features, labels = np.random.default_rng(0).standard_normal((40, 3)), np.arange(40) % 2
    one, other = (
        study_upload(UploadedFeatures(features=size * features, labels=labels, class_names=("a", "b")))
        for size in (1.0, scale)
    )
    assert other.claims[0].residual == pytest.approx(one.claims[0].residual)
    assert other.result.fitted.nc3 == pytest.approx(one.result.fitted.nc3)
    assert other.claims[0].verdict is Verdict.HOLDS


def test_equal_means_are_measured_as_what_they_are():
    rng = np.random.default_rng(0)
    half = rng.standard_normal((20, 4))
    same = UploadedFeatures(features=np.concatenate([half, half]), labels=np.repeat([0, 1], 20), class_names=("a", "b"))
    study = study_upload(same)
    assert np.isnan(study.result.fitted.nc3)
    assert set(verdicts(study).values()) == {Verdict.DOES_NOT_APPLY}


# Derivation


@pytest.mark.parametrize("sampled", [False, True])
def test_at_the_collapse_every_step_holds(sampled):
    for classes, dimension in ((2, 1), (4, 20), (10, 9)):
        steps = derivation(replace(IDEAL, classes=classes, dimension=dimension), FitParams(sampled=sampled))
        assert {step.verdict for step in steps.values()} == {Verdict.HOLDS}, steps


@pytest.mark.parametrize(
    ("params", "fit", "broken"),
    [
        (SyntheticParams(), FitParams(), {"between", "pseudo_inverse"}),
        (STRETCHED, FitParams(), {"between", "pseudo_inverse", "duality", "scores", "nearest"}),
        (OFF, FitParams(), {"frame", "transpose", "duality", "scores", "nearest"}),
        (IDEAL, FitParams(ridge=0.1), {"pseudo_inverse"}),
        (SyntheticParams(noise=1e-5), FitParams(sampled=True), {"between", "pseudo_inverse", "frame", "transpose"}),
    ],
)
def test_each_assumption_breaks_its_own_steps(params, fit, broken):
    steps = derivation(params, fit)
    fails = {key for key, step in steps.items() if not step.is_so}
    assert Verdict.VIOLATED not in {step.verdict for step in steps.values()}
    if fit.sampled:
        assert broken <= fails
        assert not fails & {"total", "bias", "normal", "least"}
    else:
        assert fails == broken


@pytest.mark.parametrize("fit", [FitParams(), FitParams(sampled=True)])
def test_the_points_of_a_derivation_have_the_moments_of_the_features(fit):
    params = SyntheticParams(classes=3, dimension=5, noise=0.4, anisotropy=4.0, departure=0.5, offset=1.0, samples=9)
    fitted = fit_classifier(params, fit)
    points = Points.of(fitted)
    labels = points.targets.argmax(axis=1)
    found = feature_statistics(points.features, labels)
    assert found.class_means == pytest.approx(fitted.statistics.class_means, abs=1e-13)
    assert found.within == pytest.approx(fitted.statistics.within, abs=1e-13)
    assert points.global_mean == pytest.approx(fitted.statistics.global_mean, abs=1e-13)


def test_the_normal_equations_are_those_of_a_textbook():
    """W and b against numpy's least squares on the weighted rows [h, 1], of an overdetermined problem."""
    params, fit = SyntheticParams(dimension=6, samples=40, imbalance=5.0, noise=0.5), FitParams(sampled=True)
    fitted = fit_classifier(params, fit)
    points = Points.of(fitted)
    roots = np.sqrt(points.shares)[:, None]
    rows = np.column_stack([points.features, np.ones(len(points.features))])
    solution = np.linalg.lstsq(roots * rows, roots * points.targets, rcond=None)[0]
    assert np.column_stack([fitted.weights, fitted.bias]) == pytest.approx(solution.T, abs=1e-12)
    least = points.loss(fitted.weights, fitted.bias, 0.0)
    assert least == pytest.approx(0.5 * ((roots * (rows @ solution - points.targets)) ** 2).sum(), rel=1e-12)
    steps = derivation(params, fit)
    assert {steps[key].verdict for key in ("bias", "normal", "least")} == {Verdict.HOLDS}


def twelve(order, *, start=1):
    """Twelve classes around a simplex ETF with the classifier M^T, its rows in some order of the names."""
    names = tuple(str(i + start) for i in range(12))
    means = simplex_etf(12, 15)
    labels = np.repeat(np.arange(12), 10)
    features = means.T[labels] + 1e-3 * np.random.default_rng(0).standard_normal((120, 15))
    rows = means.T[[names.index(name) for name in order(names)]]
    return UploadedFeatures(features=features, labels=labels, class_names=names, weights=rows)


@pytest.mark.parametrize(
    ("order", "rule"),
    [(sorted, "the order of the names as text"), (lambda names: names[::-1], "another order")],
    ids=["as text", "reversed"],
)
def test_rows_in_another_order_are_noticed(order, rule):
    bring = twelve(order)
    found = study_upload(bring).result.order
    assert found.rule == rule
    assert found.names == tuple(order(bring.class_names))
    assert found.given_nc3 > 1.0
    assert found.given_nc4 > 0.5
    assert found.nc4 == 0.0
    assert found.nc3 < 0.01


def test_rows_in_their_order_are_left_alone():
    right = twelve(lambda names: names)
    assert study_upload(right).result.order is None
    noise = replace(right, weights=np.random.default_rng(1).standard_normal((12, 15)))
    assert study_upload(noise).result.order is None  # no order makes a classifier of it


def test_noise_is_decomposed_once(monkeypatch):
    calls = []

    def counting(matrix, **options):
        calls.append(matrix.shape)
        return decomposed(matrix, **options)

    decomposed = statistics_module.svd
    monkeypatch.setattr(statistics_module, "svd", counting)
    study_upload(twelve(sorted))
    assert calls == [(15, 15)]
