"""Your features: an upload, its metrics, and the report."""

import pandas as pd
import streamlit as st

from core.figures.neural_collapse.common import describe_scene, scene_figure
from core.neural_collapse.example import example_file
from core.neural_collapse.result import Conditions, UploadResult
from core.neural_collapse.studies import study_upload
from core.neural_collapse.upload import UploadedFeatures, read_features
from pages._collapse.charts import conditions_chart, gram_chart, scene_table
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, result_of
from pages._ui.text import csv, literal, without_formulas
from pages._ui.uploads import upload_key

_FORMAT = """
Upload a file, or use the example.

**`.npz`** with arrays `features` (samples, p) and `labels` (samples,), and, if you like, the last layer:
`weights` (C, p) and `bias` (C,). From PyTorch:

```text
np.savez("features.npz", features=h.numpy(), labels=y.numpy(),
         weights=head.weight.detach().numpy(),
         bias=head.bias.detach().numpy())
```

A missing `bias` counts as 0. A vector added to all rows of a softmax layer changes none of its answers, but NC3: save
`head.weight - head.weight.mean(0)` there.

**CSV**: one sample a row, numbers, the label last or in a column named `label`.

At most 20 MB, 100 000 samples and 200 classes.
"""


def _aside() -> None:
    """Ask for a file, and show what is wrong with it; the last good one stays."""
    st.file_uploader(
        "Features of the last layer",
        type=["npz", "csv", "txt"],
        key=upload_key("nc"),
        max_upload_size=20,
        on_change=_read,
        help="It stays on this server and is not part of the link.",
    )
    if message := st.session_state.get("nc_upload_error"):
        st.error(literal(message))
    st.button("Use an example", on_click=_take_example, width="stretch")
    st.download_button(
        "Save the example as .npz", example_file, "features.npz", on_click="ignore", width="stretch", key="nc_example"
    )


def _read() -> None:
    st.session_state.pop("nc_upload_error", None)
    file = st.session_state.get(upload_key("nc"))
    if file is None:
        return
    try:
        st.session_state["nc_features"] = read_features(file.getvalue(), file.name)
    except ValueError as error:
        st.session_state["nc_upload_error"] = str(error)


def _take_example() -> None:
    st.session_state.pop("nc_upload_error", None)
    st.session_state["nc_features"] = read_features(example_file(), "features.npz")


def _show(_values: Values) -> View | None:
    uploaded: UploadedFeatures | None = st.session_state.get("nc_features")
    if uploaded is None:
        st.markdown(_FORMAT)
        return None
    task = Task(study_upload, uploaded)
    study = result_of("nc_upload_run", task, advice="Upload fewer samples.")
    if study is None:
        return None
    result = study.result
    st.caption(f"{result.samples:,} samples of {len(result.names)} classes in p = {result.dimension} dimensions.")
    measured = {"least squares": result.fitted}
    if result.given is not None:
        measured = {"your classifier": result.given, **measured}
    conditions = conditions_chart(measured, key="upload_conditions", claim="With a ridge")
    return View(
        rows=[
            [_scene(result), conditions],
            [gram_chart(result.cosines, names=list(result.names), key="upload_gram")],
        ],
        heading="What theory says, and your features",
        claims=study.claims,
        study=study,
        private=task,
        below=lambda: _draw_tables(result),
    )


def _draw_tables(result: UploadResult) -> None:
    st.dataframe(without_formulas(_classes(result)), hide_index=True, width="stretch")
    st.dataframe(_conditions(result), hide_index=True, width="stretch")
    st.download_button(
        "Report as CSV", lambda: report(result), "collapse.csv", "text/csv", on_click="ignore", key="nc_report_csv"
    )


def _scene(result: UploadResult) -> Chart:
    return Chart(
        key="upload_scene",
        name="Scene",
        call=Call(scene_figure, result.scene, title="Class means, classifier and features", names=result.names),
        says=lambda: describe_scene(result.scene),
        alt="Scene in three dimensions: class means, rows of the classifier and features of the upload.",
        table=lambda: scene_table(result.scene),
    )


def _rows(conditions: Conditions) -> dict[str, float]:
    return {
        "NC1": conditions.nc1,
        "NC2 lengths": conditions.nc2_equinorm,
        "NC2 angles": conditions.nc2_equiangle,
        "NC3": conditions.nc3,
        "NC4 on these features": conditions.nc4_features,
        "NC4 on probes of the space": conditions.nc4,
        **conditions.others,
    }


def _conditions(result: UploadResult) -> pd.DataFrame:
    columns = {"least squares": _rows(result.fitted)}
    if result.given is not None:
        columns = {"your classifier": _rows(result.given), **columns}
    frame = pd.DataFrame(columns).rename_axis("condition").reset_index()
    if result.given is not None:
        row = {"condition": "distance of your W from least squares", "your classifier": result.classifier_distance}
        frame = pd.concat([frame, pd.DataFrame([{**row, "least squares": 0.0}])])
    return frame


def _classes(result: UploadResult) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "class": result.names,
            "samples": result.counts,
            "length of the mean": result.lengths,
            "variance": result.variances,
            "NC4": result.class_nc4,
        }
    )


def report(result: UploadResult) -> bytes:
    parts = (csv(_conditions(result)), csv(_classes(result)))
    return "\n".join(parts).encode()


SECTION = Section(
    name="Your features",
    controls={},
    show=_show,
    aside=_aside,
    sentence="How far have the last features of your own network collapsed?",
)
