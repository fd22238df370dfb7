"""Your features: an upload, its metrics, and the report."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.figures.neural_collapse.common import describe_scene, scene_figure
from core.neural_collapse.cost import expected_seconds
from core.neural_collapse.example import example_file
from core.neural_collapse.result import Conditions, UploadResult
from core.neural_collapse.studies import study_file
from core.neural_collapse.uploaded import RefusedFileError
from core.notation import number
from core.tables import Content
from pages._collapse.charts import conditions_chart, gram_chart, scene_table
from pages._ui.call import Call
from pages._ui.chart import Chart
from pages._ui.page import Section, Values, View
from pages._ui.runs import Task, forget_earlier, result_of
from pages._ui.text import csv, literal, without_formulas
from pages._ui.uploads import Upload, ask_for_file, keep_file, last_file, show_facts, show_refusal

_FORMAT = """
Upload a file, or use the example.

**`.npz`** with arrays `features` (samples, p) and `labels` (samples,), and, if you like, the last layer:
`weights` (C, p) and `bias` (C,). From PyTorch:

```text
np.savez("features.npz", features=h.numpy(), labels=y.numpy(),
         weights=head.weight.detach().numpy(),
         bias=head.bias.detach().numpy())
```

`weight`, `W` or `fc.weight`, and `b` or `fc.bias`, are taken as well. The rows of the last layer follow the classes in
ascending order, numbers as numbers: 1, 2, 10, where a list of folders has 1, 10, 2.

A missing `bias` counts as 0. A vector added to all rows of a softmax layer changes none of its answers, but NC3: save
`head.weight - head.weight.mean(0)` there.

**CSV**: one sample a row, numbers, the label last or in a column named `label`. A column that counts the rows
is left out.

At most 20 MB, 100 000 samples and 200 classes.
"""


def _aside() -> None:
    """Ask for a file."""
    ask_for_file(
        "nc",
        "Features of the last layer",
        _as_sent,
        megabytes=20,
        about="It stays on this server and is not part of the link.",
    )
    st.button("Use an example", on_click=_take_example, width="stretch")
    st.download_button(
        "Save the example as .npz", example_file, "features.npz", on_click="ignore", width="stretch", key="nc_example"
    )


def _as_sent(content: bytes, _filename: str) -> Content:
    """The file unread: that takes a worker."""
    return Content(content)


def _take_example() -> None:
    forget_earlier()
    keep_file("nc", Upload("features.npz", Content(example_file())))


def _show(_values: Values) -> View | None:
    last = last_file("nc")
    content: Content | None = None if last is None else last.value
    if last is None or content is None:
        st.markdown(_FORMAT)
        return None
    task, seconds = Task(study_file, content, last.filename), expected_seconds(content)
    try:
        study = result_of("nc_upload_run", task, _describe, advice="Upload fewer samples.", seconds=seconds)
    except RefusedFileError as error:
        show_refusal(str(error))
        st.markdown(_FORMAT)
        return None
    if study is None:
        return None
    result = study.result
    _draw_facts(result)
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


def _describe(share: float) -> tuple[float, str]:
    return (share, "Reading the file") if share < 1.0 else (1.0, "Measuring")


def _draw_facts(result: UploadResult) -> None:
    """How the file was understood, and a warning where its classifier seems to be in another order."""
    size = f"{result.samples:,} samples of {len(result.names)} classes in p = {result.dimension} dimensions"
    show_facts(size, [*([f"label: {result.label}"] if result.label else []), *result.notes])
    if (order := result.order) is not None:
        st.warning(
            f"With its rows in {order.rule} ({literal(_first(order.names))}) your classifier would have "
            f"NC3 = {number(order.nc3)} and NC4 = {number(order.nc4)} on these features, in place of "
            f"{number(order.given_nc3)} and {number(order.given_nc4)}. Rows have to follow the classes in ascending "
            f"order ({literal(_first(result.names))}); reorder them and upload the file again."
        )


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


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
