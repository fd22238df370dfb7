"""Random walks over all controls, tabs, situations, buttons and panels of a page; a failure names its seed."""

from contextlib import nullcontext

import pytest

from pages._ui import sections
from tests.pages.walker import STEPS, Shot, Walker

PAGES = {
    "pages/gradient_flow.py": {"gf_target": "10⁻¹⁰⁰"},  # long runs only take longer
    "pages/kernels.py": {},
    "pages/neural_collapse.py": {"nc_net_epochs": "200", "nc_net_width": "16"},
}


@pytest.fixture
def shots(monkeypatch: pytest.MonkeyPatch) -> list[Shot]:
    """What sections show; pictures that were kept are those that would be made now."""
    found: list[Shot] = []
    kept, made = sections._kept_pictures, sections._pictures

    def shown(page, section, values, view):
        found.append(Shot(page, section, dict(values), view))
        pictures = kept(page, section, values, view)
        assert not pictures or pictures == made(page, section, values, view, nullcontext, predicting=False)
        return pictures

    def drawn(page, section, values, view, guard, *, predicting):
        found.append(Shot(page, section, dict(values), view))
        return made(page, section, values, view, guard, predicting=predicting)

    monkeypatch.setattr(sections, "_kept_pictures", shown)
    monkeypatch.setattr(sections, "_pictures", drawn)
    return found


@pytest.mark.parametrize("seed", [11])
@pytest.mark.parametrize("page", PAGES)
def test_a_random_walk_meets_no_error_and_no_wrong_claim(open_app, shots, page, seed):
    walker = Walker(open_app(page, **PAGES[page]), seed, shots)
    walker.look()
    for _ in range(STEPS):
        walker.step()
