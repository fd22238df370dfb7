"""Random settings of all sections of problem 3, with their claims, and the falsifications that claims must notice.

A setting of the digits trains a network, for seconds; all others take well below one.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from core.claims import Claim
from core.neural_collapse import SyntheticParams, simplex_etf
from core.neural_collapse.network import NetworkParams
from core.neural_collapse.params import FitParams
from core.neural_collapse.studies import (
    derivation,
    study_digits,
    study_implication,
    study_regions,
    study_simplex,
    study_unconstrained,
    study_upload,
)
from core.neural_collapse.unconstrained_model import UnconstrainedParams
from core.neural_collapse.upload import UploadedFeatures
from pages._collapse import derivation as derivation_page
from pages._collapse import implication as implication_page
from pages._collapse import regions as regions_page
from pages._collapse import simplex as simplex_page
from pages._collapse import training as training_page
from pages._ui.controls import Choice, Control, Number
from pages._ui.page import Section
from tests.core.neural_collapse.sabotages import SABOTAGES

__all__ = ["SABOTAGES", "SCANS"]

Found = tuple[object, Sequence[Claim]]
_AT_DEFAULT = 0.4  # share of controls that stay where they are: most theorems need several of them there


# Settings


def _value(rng: np.random.Generator, control: Control) -> Any:
    """One of the values that a control allows."""
    if rng.random() < _AT_DEFAULT:
        return control.default
    if isinstance(control, Number):
        steps_up = int(rng.integers(round((control.high - control.low) / control.step) + 1))
        return type(control.default)(control.low + steps_up * control.step)
    options = list(control.options) if isinstance(control, Choice) else [False, True]
    return options[rng.integers(len(options))]


def _values(rng: np.random.Generator, section: Section) -> dict[str, Any]:
    return {name: _value(rng, control) for name, control in section.parameters.items()}


def _of(kind: Any, values: dict[str, Any]) -> Any:
    return kind(**{one.name: values[one.name] for one in fields(kind) if one.name in values})


def _synthetic(rng: np.random.Generator, section: Section) -> tuple[SyntheticParams, FitParams, dict[str, Any]]:
    """Settings that fit together, as the page asks for."""
    while True:
        values = _values(rng, section)
        try:
            return _of(SyntheticParams, values), _of(FitParams, values), values
        except ValueError:
            continue


def _draw_simplex(rng: np.random.Generator) -> Found:
    params, _, values = _synthetic(rng, simplex_page.SECTION)
    return params, study_simplex(params, values["view"]).claims


def _draw_implication(rng: np.random.Generator) -> Found:
    params, fit, _ = _synthetic(rng, implication_page.SECTION)
    return (params, fit), study_implication(params, fit).claims


def _draw_regions(rng: np.random.Generator) -> Found:
    params, fit, _ = _synthetic(rng, regions_page.SECTION)
    if params.dimension < 2:
        return _draw_regions(rng)
    return (params, fit), study_regions(params, fit).claims


def _draw_derivation(rng: np.random.Generator) -> Found:
    params, fit, _ = _synthetic(rng, derivation_page.SECTION)
    return (params, fit), tuple(derivation(params, fit).values())


def _draw_free(rng: np.random.Generator) -> Found:
    values = _values(rng, training_page.SECTION)
    decay = values["decay"]
    params = UnconstrainedParams(
        classes=values["classes"],
        samples=values["samples"],
        weight_decay=decay,
        feature_decay=decay,
        seed=values["free_seed"],
    )
    return params, study_unconstrained(params).claims


def _draw_digits(rng: np.random.Generator) -> Found:
    values = _values(rng, training_page.SECTION)
    params = NetworkParams(**{name: values[name] for name in training_page.NETWORK}, seed=values["net_seed"])
    return params, study_digits(params).claims


def _draw_features(rng: np.random.Generator) -> Found:
    """Features of any kind: means on a simplex or anywhere, noise of any size and tail, classes of any share."""
    classes, dimension = int(rng.integers(2, 9)), int(rng.integers(1, 61))
    ideal = rng.random() < 0.5 and dimension >= classes - 1
    means = simplex_etf(classes, dimension).T if ideal else rng.standard_normal((classes, dimension))
    noise, tail, offset = 10.0 ** rng.uniform(-8.0, 1.0), int(rng.choice([1, 3])), rng.choice([0.0, 1.0, 100.0])
    counts = rng.integers(1, 40, classes)
    labels = np.repeat(np.arange(classes), counts)
    features = means[labels] + noise * rng.standard_normal((len(labels), dimension)) ** tail + offset
    scale = 10.0 ** rng.uniform(-10.0, 10.0)
    own = rng.random() < 0.5
    bring = UploadedFeatures(
        features=scale * features,
        labels=labels,
        class_names=tuple(map(str, range(classes))),
        weights=rng.standard_normal((classes, dimension)) if own else None,
        bias=rng.standard_normal(classes) if own else None,
    )
    setting = {"shape": features.shape, "counts": counts.tolist(), "noise": noise, "tail": tail, "scale": scale}
    return setting, study_upload(bring).claims


SCANS: dict[str, Callable[[np.random.Generator], Found]] = {
    "Simplex ETF": _draw_simplex,
    "NC1 + NC2 ⇒ NC3 + NC4": _draw_implication,
    "Decision regions": _draw_regions,
    "Watch it collapse, unconstrained features": _draw_free,
    "Watch it collapse, digits": _draw_digits,
    "Your features": _draw_features,
    "Derivation": _draw_derivation,
}
"""A random setting of all that a section's controls allow, and its claims."""
