"""Figures of problem 3 show the numbers of their results, and say what they show."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import style
from core.figures.neural_collapse import common, conditions, implication, regions, simplex, training
from core.neural_collapse.network import NetworkParams
from core.neural_collapse.params import FitParams, SyntheticParams
from core.neural_collapse.studies import (
    study_digits,
    study_implication,
    study_regions,
    study_simplex,
    study_unconstrained,
    study_upload,
)
from core.neural_collapse.unconstrained_model import UnconstrainedParams
from core.neural_collapse.uploaded import UploadedFeatures
from core.notation import digits, number

SITUATIONS = {
    "default": SyntheticParams(),
    "ideal": SyntheticParams(noise=0.0),
    "off": SyntheticParams(noise=0.0, departure=0.6),
    "line": SyntheticParams(classes=2, dimension=1),
    "triangle": SyntheticParams(classes=3, dimension=2, departure=1.0, noise=1.0),
    "twenty": SyntheticParams(classes=20, dimension=20, anisotropy=8.0),
    "one sample": SyntheticParams(samples=1, noise=1e-5),
}
every_situation = pytest.mark.parametrize("name", SITUATIONS)


@lru_cache
def simplex_of(name):
    return study_simplex(SITUATIONS[name]).result


@lru_cache
def implication_of(name, sampled=False):
    return study_implication(SITUATIONS[name], FitParams(sampled=sampled)).result


@lru_cache
def regions_of(name):
    return study_regions(SITUATIONS[name], FitParams()).result


@lru_cache
def run_of(name):
    if name == "digits":
        return study_digits(NetworkParams(epochs=200)).result
    if name == "stopped":
        return study_unconstrained(UnconstrainedParams(), watch=lambda progress: progress.fraction < 0.3).result
    decay = 0.1 if name == "vanished" else 5e-3
    classes = 2 if name == "two" else 4
    return study_unconstrained(UnconstrainedParams(classes=classes, weight_decay=decay, feature_decay=decay)).result


RUNS = ("free", "two", "vanished", "stopped", "digits")


def trace(figure, name):
    return next(one for one in figure.data if one.name == name)


def check_valid(figure):
    """Plotly accepts all of it, and each trace, of frames too, says what it is computed of."""
    traces = [*figure.spec["data"], *(one for frame in figure.spec["frames"] for one in frame["data"])]
    assert {one.get("meta") for one in traces} <= {*style.ROLES}, [one.get("name") for one in traces]
    whole = go.Figure(figure.data, figure.layout, figure.frames)
    assert whole.layout.title.text
    assert whole.layout.height
    return whole


# All of them


@every_situation
def test_figures_of_features_are_valid(name):
    for figure in (
        simplex.simplex_figure(simplex_of(name)),
        simplex.cosines_figure(simplex_of(name)),
        common.gram_figure(
            simplex_of(name).cosines,
            names=common.class_names(simplex_of(name).classes),
            target=simplex_of(name).target,
        ),
        conditions.conditions_figure({"least squares": implication_of(name).conditions}),
        implication.limit_figure(implication_of(name)),
        implication.map_figure(implication_of(name), "NC3"),
        implication.map_figure(implication_of(name), "NC4"),
        *([regions.regions_figure(regions_of(name))] if SITUATIONS[name].dimension > 1 else []),
    ):
        check_valid(figure)
    for sentence in (
        simplex.describe_simplex(simplex_of(name)),
        implication.describe_implication(implication_of(name)),
    ):
        assert "nan" not in sentence


@pytest.mark.parametrize("name", RUNS)
def test_figures_of_trainings_are_valid(name):
    run = run_of(name)
    figures = [training.metrics_figure(run), training.objective_figure(run), training.morph_figure(run)]
    figures.append(training.error_figure(run) if name == "digits" else training.singular_figure(run))
    for figure in figures:
        check_valid(figure)
    assert "nan" not in training.describe_training(run) + training.describe_morph(run)


def by_role(figure, *roles):
    return {one.name for one in figure.data if one.meta in roles}


def test_what_a_run_has_made_is_told_from_what_was_known_before():
    """A quiz hides measurement and derived: neither the means of a run nor a curve of it may be left."""
    known = {
        "free": [set(), set(), {"global minimum"}, {"q, C − 1 times"}],
        "digits": [set(), set(), set(), set()],
    }
    for name, wanted in known.items():
        run = run_of(name)
        last = training.error_figure if name == "digits" else training.singular_figure
        figures = [
            draw(run) for draw in (training.metrics_figure, training.morph_figure, training.objective_figure, last)
        ]
        assert [by_role(figure, "theory", "limit", "given") for figure in figures] == wanted
    morph = training.morph_figure(run_of("free"))
    assert by_role(morph, "derived") == {"nearest simplex ETF"}
    assert {one.meta for frame in morph.frames for one in frame.data} == {"measurement"}
    assert by_role(training.metrics_figure(run_of("free")), "derived") == {"NC3, ridge", "NC3, pseudo-inverse"}
    marks = training.error_figure(run_of("digits")).layout
    assert [one.name for one in (*marks.shapes, *marks.annotations)] == ["measurement"] * 2


def test_what_is_foretold_of_free_features_knows_no_seed():
    runs = [study_unconstrained(UnconstrainedParams(seed=seed)).result for seed in (1, 2)]
    for draw, name in ((training.objective_figure, "global minimum"), (training.singular_figure, "q, C − 1 times")):
        first, second = (trace(draw(run), name) for run in runs)
        assert (first.x, first.y) == (pytest.approx(second.x), pytest.approx(second.y))
        assert first.x[0] <= np.log10(runs[0].moments[0])
        assert first.x[1] >= np.log10(runs[0].moments[-1])


def test_of_made_features_the_classifier_is_what_is_measured():
    assert by_role(simplex.simplex_figure(simplex_of("off")), "measurement") == {"rows of the classifier"}
    figure = regions.regions_figure(regions_of("triangle"))
    assert by_role(figure, "measurement") == {"class 1", "class 2", "class 3", "they differ", "least squares"}
    assert by_role(figure, "theory") == {"nearest class mean"}


# Scenes


@every_situation
def test_a_scene_shows_means_with_their_names_rows_and_features(name):
    result = simplex_of(name)
    figure, scene = simplex.simplex_figure(result), simplex_of(name).scene
    means = trace(figure, "class means")
    ends = np.column_stack([means.x, means.y, means.z])[1::5]
    assert ends == pytest.approx(scene.means, abs=1e-6)
    assert [text for text in means.text if text] == [str(label + 1) for label in range(result.classes)]
    rows = trace(figure, "rows of the classifier")
    assert np.column_stack([rows.x, rows.y, rows.z]) == pytest.approx(scene.rows, abs=1e-6)
    assert len(trace(figure, "features").x) == len(scene.features)
    reach = figure.layout.scene.xaxis.range[1]
    assert reach >= max(np.abs(scene.means).max(), np.abs(scene.rows).max(), np.abs(scene.features).max())
    names = np.column_stack([means.x, means.y, means.z])[3::5]  # what stands beyond the axes is not drawn
    assert reach > np.abs(names).max()


def test_the_nearest_simplex_is_theory_and_dashed_and_left_out_where_there_is_none():
    scene = simplex_of("off").scene
    figure = common.scene_figure(scene, title="t", names=["1", "2", "3", "4"])
    edges = trace(figure, "nearest simplex ETF")
    assert edges.line.dash == "dash"
    corners = np.column_stack([edges.x, edges.y, edges.z])
    lengths = np.linalg.norm(corners[1::3] - corners[0::3], axis=1)
    assert len(lengths) == 6
    assert lengths == pytest.approx(lengths[0], rel=1e-5)
    without = common.scene_figure(replace(scene, simplex=np.empty((0, 3))), title="t", names=["1", "2", "3", "4"])
    assert "nearest simplex ETF" not in [one.name for one in without.data]
    assert "dashed" not in common.describe_scene(replace(scene, simplex=np.empty((0, 3))))


@pytest.mark.parametrize(
    ("name", "words"), [("line", "a line"), ("triangle", "a triangle"), ("default", "a tetrahedron")]
)
def test_small_simplices_are_named_and_flat_ones_seen_from_above(name, words):
    figure = simplex.simplex_figure(simplex_of(name))
    assert words in figure.layout.title.text
    assert (figure.layout.scene.camera.eye.x == 0.0) == (simplex_of(name).classes <= 3)


def test_many_classes_are_said_to_be_a_shadow_of_so_much():
    assert "shadow of 19 dimensions" in simplex.simplex_figure(simplex_of("twenty")).layout.title.text
    assert f"keeps {100 * 3 / 19:.0f} %" in simplex.describe_simplex(simplex_of("twenty"))
    assert "keeps" not in simplex.describe_simplex(simplex_of("default"))


# Cosines


@every_situation
def test_cosines_stand_against_their_target(name):
    result = simplex_of(name)
    figure = simplex.cosines_figure(result)
    assert trace(figure, "measured").y == pytest.approx(result.cosines[np.triu_indices(result.classes, 1)], abs=1e-6)
    target = trace(figure, "−1/(C − 1)")
    assert target.line.dash == "dash"
    assert target.y == pytest.approx([-1 / (result.classes - 1)] * 2, abs=1e-6)
    low, high = figure.layout.yaxis.range
    assert low < result.cosines.min()
    assert high > max(value for value in trace(figure, "measured").y)


def test_a_gram_matrix_writes_its_cosines_and_a_strangers_names_as_they_are():
    names = ["<b>x</b>", "a&b", "plain", "<a href='javascript:1'>"]
    figure = common.gram_figure(simplex_of("default").cosines, names=names, target=-1 / 3)
    heat = figure.data[0]
    assert heat.x[:2] == ("&lt;b&gt;x&lt;/b&gt;", "a&amp;b")
    assert "<" not in "".join(heat.x)
    assert list(heat.text[0][:2]) == ["1.00", "−0.33"]
    undefined = common.gram_figure(np.full((2, 2), np.nan), names=["a", "b"], target=-1.0)
    assert list(undefined.data[0].text[0]) == ["–", "–"]
    named = common.scene_figure(simplex_of("default").scene, title="t", names=names)
    assert "<" not in "".join(trace(named, "class means").text + trace(named, "class means").hovertext)


# Conditions, maps and the limit


def test_bars_reach_the_decade_of_their_condition():
    measured = implication_of("default").conditions
    figure = conditions.conditions_figure({"least squares": measured})
    bar = trace(figure, "least squares")
    values = dict(zip(bar.y, np.asarray(bar.x) + bar.base, strict=True))
    assert values["NC1"] == pytest.approx(np.log10(measured.nc1), abs=1e-5)
    assert values["NC4"] == -16.0
    assert dict(zip(bar.y, bar.text, strict=True))["NC1"] == number(measured.nc1)
    assert not figure.layout.showlegend


def test_what_is_not_defined_has_no_bar_and_says_so():
    measured = replace(implication_of("default").conditions, nc3=float("nan"))
    figure = conditions.conditions_figure({"your classifier": measured, "least squares": measured})
    assert figure.layout.showlegend
    for bar in figure.data:
        place = list(bar.y).index("NC3")
        assert (bar.x[place], bar.text[place]) == (0.0, "not defined")


@pytest.mark.parametrize(("condition", "name"), [("NC3", "off"), ("NC4", "twenty")])
def test_maps_show_all_of_the_map_and_where_the_dials_stand(condition, name):
    result = implication_of(name)
    figure = implication.map_figure(result, condition)
    surface = figure.data[0]
    assert np.asarray(surface.z) == pytest.approx(result.nc3_map if condition == "NC3" else result.nc4_map, abs=1e-6)
    assert surface.zmax >= np.asarray(surface.z).max() - 1e-6
    here = trace(figure, "the dials")
    assert (here.x[0], here.y[0]) == pytest.approx((result.noise, result.departure), abs=1e-6)


def test_the_limit_shows_three_measurements_solid_and_the_law_dashed():
    result = implication_of("default")
    figure = implication.limit_figure(result)
    assert {one.name: one.line.dash for one in figure.data} == {
        "samples": "solid",
        "samples, λ = 0.001": "solid",
        "population": "solid",
        "predicted for samples": "dash",
    }
    assert 10 ** trace(figure, "samples").y[0] == pytest.approx(result.nc3_sampled[0], rel=1e-4)
    assert 10 ** trace(figure, "predicted for samples").y[0] == pytest.approx(result.nc3_predicted, rel=1e-4)
    assert "does not vanish" in figure.layout.title.text
    assert "predicted for samples" not in [one.name for one in implication.limit_figure(implication_of("off")).data]
    assert "does not vanish" not in implication.limit_figure(implication_of("line")).layout.title.text


def test_the_dial_is_marked_where_the_axis_has_it():
    assert implication.limit_figure(implication_of("default")).layout.shapes[0].x0 == pytest.approx(-1.0)
    assert not implication.limit_figure(implication_of("ideal")).layout.shapes


def test_sentences_tell_samples_from_populations():
    assert implication.describe_implication(implication_of("default")).startswith("Population")
    assert implication.describe_implication(implication_of("default", True)).startswith("Samples")


# Regions


def test_regions_draw_the_rule_solid_the_nearest_mean_dashed_and_the_difference():
    result = regions_of("triangle")
    figure = regions.regions_figure(result)
    assert trace(figure, "least squares").line.dash == "solid"
    assert trace(figure, "nearest class mean").line.dash == "dash"
    assert "two partitions" in figure.layout.title.text
    assert trace(figure, "they differ").fill == "toself"
    drawn = trace(figure, "class 1")
    assert np.column_stack([drawn.x, drawn.y])[:-2] == pytest.approx(result.least_squares[0], abs=1e-6)
    assert trace(figure, "class means").text == ("1", "2", "3")


def test_one_partition_has_no_difference_to_draw():
    figure = regions.regions_figure(regions_of("ideal"))
    assert "they differ" not in [one.name for one in figure.data]
    assert "one partition" in figure.layout.title.text
    assert "plane through the first three" in regions.describe_regions(regions_of("ideal"))
    assert "plane through" not in regions.describe_regions(regions_of("triangle"))


# Trainings


@pytest.mark.parametrize("name", RUNS)
def test_the_conditions_along_a_run_are_drawn_with_both_least_squares_solutions(name):
    run = run_of(name)
    figure = training.metrics_figure(run)
    for metric, values in run.metrics.items():
        line = trace(figure, metric)
        assert line.line.dash == "solid"
        assert 10.0 ** np.asarray(line.y)[values > 1e-17] == pytest.approx(values[values > 1e-17], rel=1e-4)
    assert trace(figure, "NC3, ridge").line.dash == "dash"
    assert trace(figure, "NC3, pseudo-inverse").line.dash == "dot"


def test_the_closed_forms_are_dashed_where_there_are_some():
    objective, modes = training.objective_figure(run_of("free")), training.singular_figure(run_of("free"))
    assert trace(objective, "global minimum").line.dash == trace(modes, "q, C − 1 times").line.dash == "dash"
    assert trace(objective, "global minimum").y[0] == pytest.approx(run_of("free").minimum)
    assert "global minimum" not in [one.name for one in training.objective_figure(run_of("digits")).data]
    assert "vanish" in training.singular_figure(run_of("vanished")).layout.title.text


def test_the_terminal_phase_is_marked_and_only_where_it_is():
    run = run_of("digits")
    marked = training.error_figure(run).layout
    assert marked.shapes[0].x0 == pytest.approx(np.log10(run.terminal))
    assert marked.annotations[0].text == "zero training error"
    assert not training.error_figure(replace(run, terminal=float("nan"))).layout.shapes


def test_titles_say_what_happened():
    titles = {
        name: [
            training.metrics_figure(run_of(name)).layout.title.text,
            training.singular_figure(run_of(name)).layout.title.text,
            training.morph_figure(run_of(name)).layout.title.text,
        ]
        for name in ("free", "vanished", "stopped")
    }
    assert "collapse" in titles["free"][0]
    assert "equal strength" in titles["free"][1]
    assert "vanish" in titles["vanished"][1]
    assert "simplex" in titles["free"][2]
    for name in ("vanished", "stopped"):
        assert "collapse" not in titles[name][0]
        assert "simplex" not in titles[name][2]
    assert "equal" not in titles["stopped"][1]


def changed(run, **ends):
    """A run whose metrics end elsewhere."""
    ends = {name.replace("_", " "): value for name, value in ends.items()}
    return replace(
        run, metrics=run.metrics | {name: np.append(run.metrics[name][:-1], end) for name, end in ends.items()}
    )


def test_titles_name_what_fell_and_nothing_else():
    run = run_of("free")
    lengths = float(run.metrics["NC2 lengths"][0])
    longer = changed(run, NC2_lengths=1.01 * lengths)
    assert training.metrics_figure(longer).layout.title.text == "NC1, NC2 angles and NC3 fall by half and more"
    assert training.morph_figure(longer).layout.title.text == "Class means along the run"
    only = changed(run, NC1=99.0, NC2_lengths=1.0, NC2_angles=1.0)
    assert training.metrics_figure(only).layout.title.text == "NC3 falls by half and more"
    none = changed(only, NC3=2.0)
    assert training.metrics_figure(none).layout.title.text == "The conditions along the run"
    unequal = replace(run, singular=run.singular * np.array([1.0, 1.0, 0.9, 1.0]))
    assert training.singular_figure(unequal).layout.title.text == "Strength of the modes"


def test_the_title_of_regions_follows_both_shares():
    result = regions_of("triangle")

    def title(share, nc4):
        conditions = replace(result.conditions, nc4=nc4)
        return regions.regions_figure(replace(result, share=share, conditions=conditions)).layout.title.text

    assert title(0.0, 0.0) == "Two rules, one partition"
    assert title(0.02, 0.0) == title(0.02, 0.3) == "Two rules, two partitions"
    assert title(0.0, 0.3) == "One partition here, two elsewhere"
    assert title(1e-6, 0.3) == "Nearly one partition here, two elsewhere"
    assert title(1e-6, 0.0) == title(0.0, 2.5e-4) == "Two rules, nearly one partition"


@pytest.mark.parametrize("name", [*RUNS, "many"])
def test_no_condition_leaves_the_axis(name):
    run = study_unconstrained(UnconstrainedParams(classes=10, samples=100)).result if name == "many" else run_of(name)
    figure = training.metrics_figure(run)
    assert figure.layout.yaxis.range[1] >= max(np.log10(values.max()) for values in run.metrics.values())
    huge = replace(implication_of("default").conditions, nc1=1e7)
    assert conditions.conditions_figure({"least squares": huge}).layout.xaxis.range[1] > 8


@pytest.mark.parametrize("name", RUNS)
def test_frames_move_features_means_and_rows_and_the_slider_names_them(name):
    morph = run_of(name).morph
    figure = training.morph_figure(run_of(name))
    assert [step.label for step in figure.layout.sliders[0].steps] == list(morph.labels)
    assert figure.layout.sliders[0].active == len(morph.labels) - 1
    assert [step.args[0][0] for step in figure.layout.sliders[0].steps] == [frame.name for frame in figure.frames]
    for i in (0, len(figure.frames) - 1):
        frame = figure.frames[i]
        assert [figure.data[k].name for k in frame.traces] == ["features", "class means", "rows of the classifier"]
        cloud, means, rows = (np.column_stack([part.x, part.y, part.z]) for part in frame.data)
        assert cloud == pytest.approx(morph.features[i], abs=1e-5)
        assert means[1::5] == pytest.approx(morph.means[i], abs=1e-5)
        assert rows == pytest.approx(morph.rows[i], abs=1e-5)
    last = trace(figure, "class means")
    assert np.column_stack([last.x, last.y, last.z])[1::5] == pytest.approx(morph.means[-1], abs=1e-5)


def test_classes_have_the_palette_and_digits_their_own_names():
    assert [common.class_color(label) for label in range(8)] == list(style.PALETTE)
    assert common.class_color(8) == style.PALETTE[0]
    names = [text for text in trace(training.morph_figure(run_of("digits")), "class means").text if text]
    assert names == list("0123456789")


# Sentences, each against numbers that are taken from the result by another way


CORNERS = np.array([[1.0, 0.0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]])
UPLOADS = {
    "a simplex": (np.repeat(CORNERS, 2, axis=0), [0, 0, 1, 1, 2, 2], -CORNERS),
    "a mean in the middle": ([[1, 0], [1, 0], [-1, 0], [-1, 0], [0, 0], [0, 0]], [0, 0, 1, 1, 2, 2], None),
    "equal means": ([[1, 0], [-1, 0], [2, 0], [-2, 0]], [0, 0, 1, 1], np.eye(2)),
    "one coordinate": ([[1], [2], [3], [5]], [0, 0, 1, 1], np.array([[1.0], [2.0]])),
}


@lru_cache
def upload_of(name):
    points, labels, weights = (None if part is None else np.array(part) for part in UPLOADS[name])
    names = ("nan", "<b>x</b>", "“c”")[: labels.max() + 1]
    given = UploadedFeatures(features=points.astype(float), labels=labels, class_names=names, weights=weights)
    return study_upload(given).result


def check_words(sentence):
    for name in ("“nan”", "“<b>x</b>”"):
        sentence = sentence.replace(name, "a name")
    assert sentence.endswith(".")
    assert not any(word in sentence for word in ("nan", "inf", "None", "–", "e+", "e-0", "  ")), sentence


def of_upload(result):
    given = {} if result.given is None else {"your classifier": result.given}
    return given | {"least squares": result.fitted}


@every_situation
@pytest.mark.parametrize("sampled", [False, True])
def test_sentences_on_features_are_made_of_numbers_people_read(name, sampled):
    result = implication_of(name, sampled)
    check_words(conditions.describe_conditions({"least squares": result.conditions}))
    check_words(implication.describe_map(result, "NC3"))
    check_words(implication.describe_map(result, "NC4"))
    check_words(implication.describe_limit(result))
    check_words(simplex.describe_cosines(simplex_of(name)))


@pytest.mark.parametrize("name", UPLOADS)
def test_sentences_on_uploads_are_made_of_numbers_people_read(name):
    result = upload_of(name)
    check_words(conditions.describe_conditions(of_upload(result)))
    check_words(common.describe_gram(result.cosines, names=result.names, target=-1 / (len(result.names) - 1)))


@pytest.mark.parametrize("name", RUNS)
def test_sentences_on_trainings_are_made_of_numbers_people_read(name):
    check_words(training.describe_objective(run_of(name)))
    check_words(training.describe_singular(run_of(name)))
    check_words(training.describe_error(run_of(name)))


@every_situation
def test_the_sentence_on_the_conditions_says_what_stands_at_the_bars(name):
    measured = {"least squares": implication_of(name, True).conditions}
    sentence, (bar,) = conditions.describe_conditions(measured), conditions.conditions_figure(measured).data
    assert sentence.startswith("With least squares: ")
    for key, text in zip(bar.y, bar.text, strict=True):
        assert f"{key} {text}" in sentence
    longest = bar.y[int(np.argmax(bar.x))]
    assert sentence.endswith(f"; {longest} is the largest." if max(bar.x) > 4.0 else "; all are 0 but for rounding.")


def test_the_sentence_on_two_classifiers_tells_them_apart_where_they_differ():
    result = upload_of("a simplex")
    sentence = conditions.describe_conditions(of_upload(result))
    assert f"NC1 {number(result.fitted.nc1)}, NC2 lengths" in sentence
    assert f"NC3 2 (your classifier) and {number(result.fitted.nc3)} (least squares)" in sentence
    assert f"NC4 {number(result.given.nc4)} (your classifier) and 0 (least squares); NC3 is the largest." in sentence
    undefined = conditions.describe_conditions(of_upload(upload_of("equal means")))
    assert "NC1 not defined, NC2 lengths not defined, NC2 angles not defined, NC3 not defined, NC4" in undefined
    assert "NC2 angles not defined" in conditions.describe_conditions(of_upload(upload_of("a mean in the middle")))
    nowhere = {key: float("nan") for key in ("nc1", "nc2_equinorm", "nc2_equiangle", "nc3", "nc4")}
    sentence = conditions.describe_conditions({"least squares": replace(result.fitted, **nowhere)})
    assert sentence.endswith("; none of them is defined.")


def said(value):
    return number(value) if value > 1e-12 else "0"


@every_situation
@pytest.mark.parametrize("condition", ["NC3", "NC4"])
@pytest.mark.parametrize("sampled", [False, True])
def test_the_sentence_on_a_map_has_its_top_its_axes_and_the_dials(name, condition, sampled):
    result = implication_of(name, sampled)
    sentence = implication.describe_map(result, condition)
    cells = {
        (noise, departure): value
        for departure, row in zip(
            result.departure_grid, result.nc3_map if condition == "NC3" else result.nc4_map, strict=True
        )
        for noise, value in zip(result.noise_grid, row, strict=True)
    }
    noise, departure = max(cells, key=lambda cell: cells[cell])
    if (top := cells[noise, departure]) <= 1e-12:
        assert f"{condition} of populations is 0 everywhere on the map." in sentence
    else:
        assert f"largest, {number(top)}, at noise {number(noise)} and distance {number(departure)};" in sentence
        for axis, words in ((1, "distance is 0 it is"), (0, "noise is 0")):
            along = max(value for cell, value in cells.items() if cell[axis] == 0.0)
            assert f"where the {words} {'at most ' if along > 1e-12 else ''}{said(along)}" in sentence
    value = result.conditions.nc3 if condition == "NC3" else result.conditions.nc4
    where = f"At the dials, noise {number(SITUATIONS[name].noise)} and distance {number(SITUATIONS[name].departure)}, "
    who = "the classifier, which is not that of the map, has" if sampled else "it is"
    assert sentence.endswith(f"{where}{who} {said(value)}.")


@every_situation
def test_the_sentence_on_the_limit_has_both_ends_of_each_curve(name):
    result = implication_of(name)
    sentence, figure = implication.describe_limit(result), implication.limit_figure(result)
    assert sentence.startswith("As the noise falls from 1 to 10⁻⁶, NC3 of samples ")
    curves = {
        "of samples": ("samples", result.nc3_sampled),
        "of samples with λ = 0.001": ("samples, λ = 0.001", result.nc3_ridge),
        "of the population": ("population", result.nc3_population),
    }
    for words, (drawn, values) in curves.items():
        first, last = values[0], values[-1]
        course = "stays 0" if all(values < 1e-12) else f"goes from {said(last)} to {said(first)}"
        assert f"{words} {course}" in sentence
        assert 10 ** np.asarray(trace(figure, drawn).y)[[0, -1]] == pytest.approx([first, last], rel=1e-4, abs=2e-16)
    level = [10.0 ** one.y[0] for one in figure.data if one.name == "predicted for samples"]
    end = f"dashed, is {number(result.nc3_predicted)}." if level else "Nothing is predicted for these samples."
    assert sentence.endswith(end)
    assert not level or level[0] == pytest.approx(result.nc3_predicted, rel=1e-4)


@every_situation
def test_the_sentence_on_the_cosines_has_the_pair_that_is_furthest_off(name):
    result = simplex_of(name)
    sentence, target, count = simplex.describe_cosines(result), -1 / (result.classes - 1), result.classes
    off = {(i, j): abs(result.cosines[i, j] - target) for i in range(count) for j in range(i + 1, count)}
    first, second = max(off, key=lambda pair: off[pair])
    assert f"the dashed −1/{count - 1} = {number(target)}" in sentence
    assert f"by {number(off[first, second])}" in sentence
    assert sentence.startswith("The only cosine lies" if count == 2 else f"The {len(off)} cosines lie ")
    if off[first, second] > 1e-12:
        pairs = [result.cosines[pair] for pair in off]
        assert f"between {number(min(pairs))} and {number(max(pairs))};" in sentence
        assert f"classes {first + 1} and {second + 1} are furthest" in sentence
    else:
        assert "lie on" in sentence or "lies on" in sentence


def test_cosines_that_are_not_defined_are_counted():
    result = simplex_of("off")
    cosines = np.array(result.cosines)
    cosines[2] = cosines[:, 2] = np.nan
    sentence = simplex.describe_cosines(replace(result, cosines=cosines))
    assert sentence.startswith("The 3 cosines")
    assert sentence.endswith("3 more are not defined.")
    assert "No cosine is defined" in simplex.describe_cosines(replace(result, cosines=np.full((4, 4), np.nan)))


def test_the_sentence_on_a_gram_matrix_names_the_closest_and_the_furthest_pair():
    cosines = np.eye(4)
    for (i, j), value in {(0, 1): 0.2, (0, 2): -0.3, (0, 3): 0.1, (1, 2): -0.7, (1, 3): -0.4, (2, 3): 0.5}.items():
        cosines[i, j] = cosines[j, i] = value
    names = ["a", "<b>", "nan", "d"]
    assert common.describe_gram(cosines, names=names, target=-1 / 3) == (
        "The largest cosine is that of classes “nan” and “d”, 0.5, the smallest that of classes “<b>” and “nan”, −0.7; "
        "in a simplex each of the 6 is −0.333."
    )
    ideal = simplex_of("default")
    sentence = common.describe_gram(ideal.cosines, names=names, target=ideal.target)
    assert sentence == "All 6 cosines are −0.333, as in a simplex."
    cosines[2, :2] = cosines[:2, 2] = cosines[3, 2] = cosines[2, 3] = np.nan
    assert common.describe_gram(cosines, names=names, target=-1 / 3) == (
        "The largest cosine is that of classes “a” and “<b>”, 0.2, the smallest that of classes “<b>” and “d”, −0.4; "
        "in a simplex each of the 6 is −0.333. 3 of 6 cosines are not defined."
    )


def test_the_sentence_on_the_gram_matrix_of_an_upload_says_what_is_not_defined():
    sentences = {
        name: common.describe_gram(result.cosines, names=result.names, target=-1 / (len(result.names) - 1))
        for name, result in ((name, upload_of(name)) for name in UPLOADS)
    }
    assert sentences["a simplex"] == "All 3 cosines are −0.5, as in a simplex."
    assert sentences["a mean in the middle"] == (
        "The only cosine that is defined is that of classes “nan” and “<b>x</b>”, −1; in a simplex it is −0.5. "
        "2 of 3 cosines are not defined."
    )
    assert sentences["equal means"].startswith("No cosine is defined")
    assert sentences["one coordinate"] == "The only cosine is −1, as in a simplex."


@pytest.mark.parametrize("name", RUNS)
def test_the_sentence_on_the_objective_has_both_ends_and_the_minimum(name):
    run = run_of(name)
    sentence, last = training.describe_objective(run), run.objective[-1]
    when = "epoch 0" if name == "digits" else f"t = {number(run.moments[0])}"
    assert f"goes from {number(run.objective[0])} at {when} to {digits(last, 4)} at" in sentence
    if name == "digits":
        assert "minimum" not in sentence
        there = run.objective[int(run.terminal)]
        assert f"became 0 for good, at epoch {int(run.terminal)}, it was {number(there)}." in sentence
        assert ("its lowest value." in sentence) == (last == min(run.objective))
    else:
        above = 100 * (last - run.minimum) / run.minimum
        amount = float(sentence.split(" % above")[0].split(", ")[-1].replace(" × 10⁻⁹", "e-9"))
        assert amount == pytest.approx(above, rel=0.05)
        assert sentence.endswith(f"% above the global minimum, dashed, {digits(run.minimum, 4)}.")


def test_an_objective_that_rises_again_has_its_lowest_value_said():
    run = run_of("digits")
    risen = run.objective.copy()
    risen[-1] = 0.5
    sentence = training.describe_objective(replace(run, objective=risen))
    assert f"to 0.5 at epoch 200; its lowest value was {digits(risen.min(), 4)}, at epoch {risen.argmin()}." in sentence
    single = replace(run_of("free"), objective=np.array([0.25]), objective_moments=np.array([0.1]), minimum=0.2)
    assert training.describe_objective(single).startswith("The objective is 0.25 at t = 0.1, 25 % above")


@pytest.mark.parametrize("name", RUNS)
def test_the_sentence_on_the_modes_has_their_strength_and_its_target(name):
    run = run_of(name)
    sentence = training.describe_singular(run)
    if name == "digits":
        assert sentence == "The modes of a network are not followed."
        return
    *strong, weak = run.singular[-1]
    assert sentence.startswith(f"At t = {number(run.moments[-1])} ")
    if name == "vanished":
        assert f"no mode is stronger than {number(max(*strong, weak))}; in theory all vanish" in sentence
        return
    off = max(abs(value - run.singular_target) for value in strong) / run.singular_target
    assert f"{number(100 * off)} % from the dashed q = {number(run.singular_target)} at most" in sentence
    assert f"the last mode has {number(weak)}, in theory 0." in sentence
    strengths = f"from {number(min(strong))} to {number(max(strong))}" if name != "two" else f"{number(strong[0])}, "
    assert strengths in sentence


def test_the_sentence_on_the_errors_has_the_last_and_the_fewest():
    run = run_of("digits")
    sentence, least = training.describe_error(run), int(run.test_error.argmin())
    assert f"At epoch 200, {number(100 * run.train_error[-1])} % of the training images and " in sentence
    assert f"{number(100 * run.test_error[-1])} % of the held-out ones are wrong" in sentence
    assert f"fewest, {number(100 * min(run.test_error))} %, at epoch {run.moments[least]:.0f}." in sentence
    assert sentence.endswith(f"The training error is 0 from epoch {run.terminal:.0f} on.")
    falling = replace(run, terminal=float("nan"), test_error=np.sort(run.test_error)[::-1], train_error=run.test_error)
    sentence = training.describe_error(falling)
    assert f"{number(100 * run.test_error[-1])} % of the training images" in sentence
    assert "these were never fewer. The training error has not become 0 for good." in sentence
    assert training.describe_error(run_of("free")) == "Free features have no images to get wrong."


def test_a_ridge_is_a_number_that_people_read():
    result = study_implication(SITUATIONS["default"], FitParams(ridge=1e-6)).result
    assert implication.describe_implication(result).startswith("Population covariances, λ = 10⁻⁶: ")
