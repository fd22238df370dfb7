"""Random walks over all controls, tabs, situations, buttons and panels of a page; a failure names its seed."""

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
    pictures = sections._pictures

    def recorded(page, section, values, view, *, predicting, lasting):
        found.append(Shot(page, section, dict(values), view))
        shown = pictures(page, section, values, view, predicting=predicting, lasting=lasting)
        assert shown == sections._versions(page, section, values, view, predicting=predicting)
        return shown

    monkeypatch.setattr(sections, "_pictures", recorded)
    return found


@pytest.mark.parametrize("seed", [11])
@pytest.mark.parametrize("page", PAGES)
def test_a_random_walk_meets_no_error_and_no_wrong_claim(open_app, shots, page, seed):
    walker = Walker(open_app(page, **PAGES[page]), seed, shots)
    walker.look()
    for _ in range(STEPS):
        walker.step()
