"""The front door."""


def test_overview_leads_to_problem_1(open_app):
    app = open_app("app.py")
    assert not app.exception
    assert "theory dashed, measurement solid" in app.markdown[0].value
    targets = [link.proto.page for link in app.get("page_link")]
    assert any("gradient_flow" in target for target in targets)
