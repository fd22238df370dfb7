import gzip
import io
import re
import struct
import tracemalloc
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from core.neural_collapse.npz import MAX_MEMBERS
from core.neural_collapse.upload import read_features
from core.neural_collapse.uploaded import (
    MAX_BYTES,
    MAX_CLASSES,
    MAX_COORDINATES,
    MAX_MAGNITUDE,
    MAX_NUMBERS,
    MAX_SAMPLES,
    UploadedFeatures,
)
from tests.core.neural_collapse.malformed import (
    DEFLATED,
    STORED,
    good_arrays,
    malformed_uploads,
    npy,
    npz,
    raw_npy,
    with_member,
    zipped,
)

RNG = np.random.default_rng
SENTENCE = re.compile(r"[A-Z][^\n]{10,298}\.")
MALFORMED = list(malformed_uploads(0))


def read(arrays):
    return read_features(npz(arrays), "a.npz")


def labelled(labels, **others):
    return {"features": RNG(0).standard_normal((len(labels), 2)), "labels": labels, **others}


def assert_valid(data):
    samples, coordinates = data.features.shape
    classes = len(data.class_names)
    assert data.features.dtype == np.float64
    assert data.features.flags.c_contiguous
    assert samples * coordinates <= MAX_NUMBERS
    assert np.abs(data.features).max() <= MAX_MAGNITUDE
    assert np.ptp(data.features, axis=0).max() > 0.0
    assert data.labels.dtype == np.intp
    assert data.labels.shape == (samples,)
    np.testing.assert_array_equal(np.unique(data.labels), np.arange(classes))
    assert 2 <= classes == len(set(data.class_names)) <= MAX_CLASSES
    assert all(1 <= len(name) <= 40 and name.isprintable() for name in data.class_names)
    for values, shape in ((data.weights, (classes, coordinates)), (data.bias, (classes,))):
        assert values is None or (values.shape == shape and np.abs(values).max() <= MAX_MAGNITUDE)
    assert data.weights is not None or data.bias is None


def test_corpus_is_large_and_has_many_kinds():
    assert len({name for name, _ in MALFORMED}) == len(MALFORMED) >= 200
    assert all(name.endswith((".npz", ".csv")) for name, _ in MALFORMED)
    assert [content for _, content in malformed_uploads(0)] == [content for _, content in MALFORMED]
    assert dict(malformed_uploads(1)).keys() != dict(MALFORMED).keys()


@pytest.fixture(scope="module")
def outcomes():
    """What became of every malformed file: data or a sentence, and the most memory that any took."""
    found = {}
    tracemalloc.start()
    for name, content in MALFORMED:
        try:
            found[name] = read_features(content, name)
        except ValueError as error:
            found[name] = str(error)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found, peak


def test_malformed_file_gets_one_sentence_or_is_valid(outcomes):
    found, _ = outcomes
    assert found.keys() == dict(MALFORMED).keys()
    refused = {name: text for name, text in found.items() if isinstance(text, str)}
    for name, text in refused.items():
        assert SENTENCE.fullmatch(text), name
        assert text.isprintable(), name
        assert not re.search(r"Traceback|Errno|0x[0-9a-f]{6}|NoneType|object at", text), name
    for data in found.values():
        if isinstance(data, UploadedFeatures):
            assert_valid(data)
    assert len(refused) > 0.8 * len(found)
    assert len(set(refused.values())) > 150  # no catch-all


def test_malformed_files_take_little_memory(outcomes):
    assert outcomes[1] < 10 * MAX_BYTES


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_is_twice_the_numbers_at_most(order):
    features = np.zeros((2000, 1000), order=order)
    features[:, 0] = np.arange(2000)
    content = npz({"features": features, "labels": np.arange(2000) % 10})
    tracemalloc.start()
    data = read_features(content, "a.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(data.features, features)
    assert peak < 16 * features.size + 8e6
    assert 16 * MAX_NUMBERS + 8e6 < 10 * MAX_BYTES


def numbers_of(dtype, values):
    kind = np.dtype(dtype).kind
    return (values % 2 if kind == "b" else values / 8 - 5 if kind == "f" else values - 50 * (kind == "i")).astype(dtype)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("method", [STORED, DEFLATED])
@pytest.mark.parametrize(
    "dtype", ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "i1", "u1", "<i2", ">u4", "<i8", "<u8", "b1"]
)
def test_numbers_of_every_type_come_back(dtype, method, order, version):
    good = {name: RNG(1).integers(0, 100, values.shape) for name, values in good_arrays(RNG(1)).items()}
    good = {name: np.array(numbers_of(dtype, values), order=order) for name, values in good.items()}
    good["labels"] = np.array([20, 0, 10] * 4)
    members = [(f"{name}.npy", npy(values, version)) for name, values in good.items()]
    data = read_features(zipped(members, method), "a.npz")
    assert_valid(data)
    for name in ("features", "weights", "bias"):
        np.testing.assert_array_equal(getattr(data, name), good[name].astype(np.float64))
    assert data.class_names == ("0", "10", "20")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_that_numpy_writes(save):
    good = good_arrays(RNG(2))
    file = io.BytesIO()
    save(file, **good, other=np.array([{"never": "opened"}]))
    data = read_features(file.getvalue(), "whatever the name.zip")
    np.testing.assert_array_equal(data.features, good["features"])
    np.testing.assert_array_equal(data.weights, good["weights"])
    np.testing.assert_array_equal(data.labels, good["labels"])


class Unseekable(io.BytesIO):
    def seek(self, *args):
        raise OSError

    def tell(self):
        raise OSError


def test_archive_written_as_a_stream():
    file = Unseekable()
    with zipfile.ZipFile(file, "w", DEFLATED) as archive:
        for name, values in good_arrays(RNG(3)).items():
            archive.writestr(f"{name}.npy", npy(values))
    assert_valid(read_features(file.getvalue(), "a.npz"))


def test_header_of_python_2_in_any_order():
    features = np.arange(36.0).reshape(12, 3)
    header = "{'shape': (12L, 3L,), 'descr': '=f8', 'fortran_order': False}\n"
    data = read_features(with_member(raw_npy(header, features.tobytes()), RNG(0)), "a.npz")
    np.testing.assert_array_equal(data.features, features)


@pytest.mark.parametrize("labels", [np.arange(12)[:, None] % 3, (np.arange(12) % 3).astype(">f4")])
def test_labels_as_a_column_or_as_floats(labels):
    data = read({"features": RNG(0).standard_normal((12, 3)), "labels": labels})
    np.testing.assert_array_equal(data.labels, np.arange(12) % 3)
    assert data.class_names == ("0", "1", "2")


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.array([7, -3, 7, 100]), ("-3", "7", "100")),
        (np.array([2**63, 2**64 - 1, 1], np.uint64), ("1", str(2**63), str(2**64 - 1))),
        (np.array([-0.0, 0.0, 1e3]), ("0", "1000")),
        (np.array([True, False, True]), ("False", "True")),
        (np.array(["dog", "cat", "dog"]), ("cat", "dog")),
        (np.array(["Ωmega", "β", "β"], ">U9"), ("Ωmega", "β")),
        (np.array([b"dog", b"cat"]), ("cat", "dog")),
        (np.array(["dog", " dog\n", "cat "]), ("cat", "dog")),
        (np.array(["größe".encode(), b"\xff"]), ("\\xff", "größe")),
        (np.array(["10", "9", "9.0", " 1e1 "]), ("9", "10")),
        (np.array([str(2**53), str(2**53 + 1)]), (str(2**53), str(2**53 + 1))),
        (np.array(["10", "9", "x"]), ("10", "9", "x")),
        (np.array(["a" * 100, "b"]), ("a" * 40, "b")),
        (np.array(["\ud800", "a\x1b[31m"]), ("a�[31m", "�")),
        (np.array(["<b>", "![x](y)"]), ("![x](y)", "<b>")),
    ],
)
def test_labels_of_every_type_in_ascending_order(labels, names):
    data = read(labelled(labels))
    assert data.class_names == names
    assert_valid(data)


def test_boolean_labels_of_odd_bytes_are_two_classes():
    header = "{'descr': '|b1', 'fortran_order': False, 'shape': (12,)}\n"
    labels = zipped([("features.npy", npy(FEATURES)), ("labels.npy", raw_npy(header, bytes(range(12))))])
    data = read_features(labels, "a.npz")
    np.testing.assert_array_equal(data.labels, np.arange(12) > 0)
    assert data.class_names == ("False", "True")


def test_each_label_keeps_its_class():
    labels = RNG(4).integers(0, 200, 3000)
    for form in (labels, labels.astype(str), labels.astype("S"), labels.astype(np.float16)):
        data = read(labelled(form))
        np.testing.assert_array_equal(np.array(data.class_names)[data.labels].astype(int), labels)


def test_extremes_are_read():
    tall = RNG(5).integers(0, 2, (MAX_SAMPLES, 1)).astype(np.int8)
    assert read({"features": tall, "labels": np.arange(MAX_SAMPLES) % MAX_CLASSES}).features.shape == tall.shape
    wide = RNG(5).integers(0, 2, (2, MAX_COORDINATES)).astype(np.int8)
    assert read({"features": wide, "labels": np.arange(2)}).features.shape == wide.shape
    large = np.array([[MAX_MAGNITUDE], [-MAX_MAGNITUDE]])
    np.testing.assert_array_equal(read({"features": large, "labels": np.arange(2)}).features, large)
    small = large / MAX_MAGNITUDE**2
    np.testing.assert_array_equal(read({"features": small, "labels": np.arange(2)}).features, small)


def test_digest_knows_every_part():
    data = read(good_arrays(RNG(6)))
    assert data.digest == read(good_arrays(RNG(6))).digest
    changed = [
        replace(data, features=data.features + 1e-15),
        replace(data, features=data.features.reshape(-1, 1)),
        replace(data, labels=data.labels[::-1]),
        replace(data, class_names=("a", "b", "c")),
        replace(data, weights=-data.weights),
        replace(data, weights=None),
        replace(data, bias=-data.bias),
        replace(data, bias=None),
    ]
    assert len({other.digest for other in (data, *changed)}) == 1 + len(changed)


ROWS = "1,2.5,b\n3,-4,a\n-1e-3,0.1,b\n"
POINTS = np.array([[1.0, 2.5], [3.0, -4.0], [-1e-3, 0.1]])


@pytest.mark.parametrize(
    "text",
    [
        ROWS,
        ROWS.replace(",", ";"),
        ROWS.replace(",", "\t"),
        ROWS.replace("\n", "\r\n"),
        ROWS.replace("\n", "\r"),
        "\n ,\n" + ROWS.replace("\n", "\n\n"),
        ROWS.replace(",", " , "),
        ROWS.replace("1,2.5,b", '"1","2.5","b"'),
        "\ufeff" + ROWS,
        "u,v,kind\n" + ROWS,
        "\ufeffu,v,label\n" + ROWS,
        "Label,u,v\nb,1,2.5\na,3,-4\nb,-1e-3,0.1",
        "u, CLASS ,v\n1,b,2.5\n3,a,-4\n-1e-3,b,0.1",
        "y,u,v\nb,1,2.5\na,3,-4\nb,-1e-3,0.1",
        "x,y,kind\n" + ROWS,
        "y,label,class\n" + "1,b,2.5\n3,a,-4\n-1e-3,b,0.1",
        "0,1,label\n" + ROWS,
        "1,2,y\n" + ROWS,
    ],
)
def test_one_table_in_many_dialects(text):
    data = read_features(text.encode(), "a.csv")
    np.testing.assert_array_equal(data.features, POINTS)
    np.testing.assert_array_equal(data.labels, [1, 0, 1])
    assert data.class_names == ("a", "b")
    assert data.weights is None
    assert data.bias is None


def test_first_row_of_numbers_is_data():
    assert read_features(b"0,2,y\n1,2,n\n", "a.csv").features.shape == (2, 2)
    assert read_features(b"0.5,y\n1,n\n", "a.csv").class_names == ("n", "y")


def test_table_keeps_every_digit():
    features = RNG(7).standard_normal((50, 20)) * 10.0 ** RNG(8).integers(-20, 20, (50, 20))
    rows = [",".join([*map(repr, row), str(i % 7)]) for i, row in enumerate(features.tolist())]
    data = read_features("\n".join(rows).encode(), "a.txt")
    np.testing.assert_array_equal(data.features, features)
    np.testing.assert_array_equal(data.labels, np.arange(50) % 7)


GOOD = good_arrays(RNG(9))
FEATURES, LABELS, WEIGHTS, BIAS = GOOD["features"], GOOD["labels"], GOOD["weights"], GOOD["bias"]
TWO = {"features": FEATURES, "labels": np.arange(12) % 2, "weights": WEIGHTS[:2], "bias": BIAS[:2]}
SIGNALLING = np.frombuffer(struct.pack("<Q", 0x7FF0000000000001) + bytes(8 * 35)).reshape(12, 3)

SIGNALLING_32 = np.frombuffer(struct.pack("<I", 0x7F800001) + bytes(4 * 35), np.float32).reshape(12, 3)
PLACES = np.arange(36).reshape(12, 3)

REFUSED = {
    "three dimensions": (
        {"features": np.ones((10, 3, 3))},
        "The array `features` has 3 dimensions, shape (10, 3, 3); it needs two, samples and coordinates, so reshape",
    ),
    "one dimension": ({"features": np.ones(12)}, "has 1 dimension, shape (12,); it needs two"),
    "no rows": ({"features": np.ones((0, 3))}, "is empty, shape (0, 3)"),
    "too many rows": ({"features": np.ones((MAX_SAMPLES + 1, 1), "i1")}, "at most 100,000 samples"),
    "too wide": ({"features": np.ones((2, MAX_COORDINATES + 1), "i1")}, "at most 4,096 can be used, so project"),
    "too many numbers": ({"features": np.ones((10_001, 1000), "i1")}, "at most 100,000 samples and 10,000,000 numbers"),
    "objects": ({"features": FEATURES.astype(object)}, "Python objects, which are never opened"),
    "label objects": ({"labels": LABELS.astype(object)}, "`labels` holds Python objects, which are never opened"),
    "complex": ({"features": FEATURES + 1j}, "complex numbers; save the real and the imaginary parts"),
    "text": ({"features": FEATURES.astype("U20")}, "`features` holds text; save it as numbers"),
    "fields": ({"features": np.zeros((12, 3), [("x", "f8")])}, "`features` has named fields"),
    "dates": ({"labels": LABELS.astype("M8[D]")}, "`labels` holds dates"),
    "bfloat16": ({"features": np.zeros((12, 3), "V2")}, "raw bytes, as bfloat16 is saved; convert it to float32"),
    "longdouble": ({"features": FEATURES.astype(np.longdouble)}, "floats of an unusual size"),
    "NaN": ({"features": np.where(PLACES == 10, np.nan, 1)}, "Row 4, column 2, of `features` holds nan"),
    "infinite": ({"features": np.where(PLACES == 35, -np.inf, 1)}, "Row 12, column 3, of `features` holds -inf"),
    "signalling float32": ({"features": SIGNALLING_32}, "Row 1, column 1, of `features` holds nan"),
    "signalling": ({"features": SIGNALLING}, "Row 1, column 1, of `features` holds nan"),
    "too large": ({"features": 1e31 * FEATURES}, "at most 10³⁰, so"),
    "too small": ({"features": 1e-40 * FEATURES}, "multiply them by a constant"),
    "constant": ({"features": np.full((12, 3), 0.1)}, "All samples have the same features"),
    "rounding": ({"features": 0.1 + 1e-15 * FEATURES}, "All samples have the same features"),
    "transposed": ({"features": FEATURES.T}, "features` has shape (3, 12), which looks transposed, so save features.T"),
    "labels short": ({"labels": LABELS[:9]}, "has shape (9,); it needs shape (12,), one label for each row"),
    "one-hot": ({"labels": np.eye(3)[LABELS]}, "save labels.argmax(axis=1) if they are one-hot"),
    "label row": ({"labels": LABELS[None]}, "has shape (1, 12); it needs shape (12,)"),
    "halves": ({"labels": LABELS / 2}, "Row 2 of `labels` holds 0.5; labels must be whole numbers or names"),
    "NaN label": ({"labels": np.where(LABELS == 2, np.nan, 1)}, "Row 3 of `labels` holds nan"),
    "signalling label": ({"labels": SIGNALLING_32[:, 0]}, "Row 1 of `labels` holds nan"),
    "infinite label": ({"labels": np.where(LABELS == 2, np.inf, 1)}, "Row 3 of `labels` holds inf"),
    "empty label": ({"labels": np.array(["a", "", "b"])[LABELS]}, "Row 2 of `labels` is empty"),
    "long label": ({"labels": np.array(["a" * 101, "b"])[LABELS % 2]}, "texts of up to 101 characters; at most 100"),
    "alike labels": ({"labels": np.array([40 * "a" + "b", 40 * "a"])[LABELS % 2]}, "Two classes are called “aaa"),
    "one class": ({"labels": 0 * LABELS}, "All samples have the same label; add samples of another class"),
    "weights transposed": (TWO | {"weights": WEIGHTS[:2].T}, "has shape (3, 2); it is transposed, so save weights.T"),
    "weights of an absent class": (TWO | {"weights": WEIGHTS}, "(3, 3); it needs shape (2, 3), a row for each class"),
    "weights zero": ({"weights": 0 * WEIGHTS}, "`weights` holds only zeros"),
    "weights NaN": ({"weights": WEIGHTS * np.nan}, "Row 1, column 1, of `weights` holds nan"),
    "bias short": ({"bias": BIAS[:2]}, "`bias` has shape (2,); it needs shape (3,)"),
    "bias NaN": ({"bias": np.array([0, 0, np.nan])}, "Entry 3 of `bias` holds nan"),
    "bias column": ({"bias": BIAS[:, None]}, "`bias` has shape (3, 1); it needs shape (3,)"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_array_is_named_with_advice(name):
    changes, words = REFUSED[name]
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        read(GOOD | changes)
    assert SENTENCE.fullmatch(str(error.value))


MISSING = {
    "features": "has no array `features`; it holds “labels, weights, bias”, so save it with np.savez(",
    "labels": "has no array `labels`; it holds “features, weights, bias”",
    "weights": "has a `bias` but no weights; add them as `weights`",
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_array(name):
    with pytest.raises(ValueError, match=re.escape(MISSING[name])):
        read({other: values for other, values in GOOD.items() if other != name})


def test_bias_may_be_missing():
    data = read({name: values for name, values in GOOD.items() if name != "bias"})
    assert data.bias is None
    np.testing.assert_array_equal(data.weights, WEIGHTS)


CORPUS_SAYS = {
    "nothing.csv": "The file is empty",
    "nothing.npz": "The file is empty",
    "flags-1.npz": "is encrypted",
    "method-99.npz": "compressed in a way that NumPy does not use",
    "zip-bzip2.npz": "compressed in a way that NumPy does not use",
    "zip-twins.npz": "holds the array `features` 2 times",
    "zip-NUL-twins.npz": "holds the array `labels` 2 times",
    "zip-17.npz": f"17 entries; at most {MAX_MEMBERS}",
    "zip-2000.npz": f"2,000 entries; at most {MAX_MEMBERS}",
    "zip-folder.npz": "it holds “data/features, data/labels",
    "zip-swapped.npz": "`features` is damaged",
    "zip-nested.npz": "`features` is damaged",
    "zip-pickle-inside.npz": "`features` is damaged",
    "zip-empty.npz": "it is empty",
    "entry-checksum-1.npz": "`features` is damaged",
    "entry-unpacked-65535.npz": "but the archive says 65,535",
    "bomb-small-4000000000.npz": "but the archive says 4,000,000,000",
    "bomb-allowed-missing.npz": "`features` is damaged",
    "bomb-large-missing.npz": "have shape (100000, 1000); at most",
    "header-nested.npz": "header of the array `features` cannot be understood",
    "header-call.npz": "header of the array `features` cannot be understood",
    "header-power.npz": "header of the array `features` cannot be understood",
    "header-overflow.npz": "should take 147,573,952,589,676,413,0",
    "header-megabyte.npz": "1,000,000 characters; at most 10,000",
    "length-4294967295.npz": "4,294,967,295 characters; at most 10,000",
    "version-4.npz": "`features` is damaged",
    "data-287.npz": "should take 359 bytes but the archive says 358",
    "random-labels-U2.npz": "`labels` is damaged",
    "garbage-npy-0.npz": "a single array without labels",
    "table-utf-16.csv": "Row 2 has 4 columns, but there are names for 3",
    "table-cp037.csv": "save it as CSV UTF-8",
    "table-open quote.csv": "Row 2 cannot be split into cells; look for a quotation mark",
    "table-text.csv": "Row 2, column “a” holds “c”, which is not a number",
    "table-empty cell.csv": "Row 14, column “v” is empty",
    "table-nan.csv": "Row 14, column “v” holds nan",
    "table-short row.csv": "Row 14 has 2 columns, but there are names for 4",
    "table-long row.csv": "Row 14 has 5 columns, but there are names for 4",
    "table-no label.csv": "Row 14, column “label” is empty; give every sample a label",
    "table-fractions.csv": "Row 1, column “column 3”, holds 0.5; labels must be whole",
    "table-one column.csv": "has 1 column; it needs columns of numbers and a label",
    "table-wide.csv": "have 4,097 coordinates; at most 4,096",
    "table-tall.csv": "100,002 rows; at most 100,000 can be used",
    "table-blank lines.csv": "more than 200,000 lines",
    "table-one line.csv": "longer than 262,144 characters",
    "table-long label.csv": "a label of 101 characters",
    "table-long cell.csv": f"holds “{'z' * 40}”",
    "table-controls.csv": "column “u�[31m” holds “x��”",
}


@pytest.mark.parametrize("name", CORPUS_SAYS)
def test_malformed_file_is_refused_for_what_it_is(name, outcomes):
    assert CORPUS_SAYS[name] in outcomes[0][name]


@pytest.mark.parametrize("name", ["a.pkl", "model.PT", "a.joblib"])
def test_pickles_are_never_opened(name):
    with pytest.raises(ValueError, match="Pickles can run code and are never opened"):
        read_features(npz(GOOD), name)


def test_large_file_is_refused_unread():
    with pytest.raises(ValueError, match=r"has 20,971,521 bytes; at most 20,971,520"):
        read_features(b"\0" * (MAX_BYTES + 1), "a.npz")


HEADS = {
    "weight": ("weight", None),
    "W and b": ("W", "b"),
    "fc": ("fc.weight", "fc.bias"),
    "classifier": ("module.classifier.weight", "module.classifier.bias"),
    "weight and bias": ("weight", "bias"),
}


@pytest.mark.parametrize("kind", HEADS)
def test_a_last_layer_under_another_name_is_read_and_named(kind):
    weights, bias = HEADS[kind]
    arrays = {"features": FEATURES, "labels": LABELS, weights: WEIGHTS} | ({bias: BIAS} if bias else {})
    data = read(arrays)
    np.testing.assert_array_equal(data.weights, WEIGHTS)
    assert (data.bias is None) == (bias is None)
    assert bias is None or (data.bias == BIAS).all()
    assert data.notes == (f"last layer: “{weights}” " + (f"with the bias “{bias}”" if bias else "without a bias"),)


def test_arrays_that_are_not_read_are_named():
    data = read(GOOD | {"epoch": np.arange(3), "conv.weight": np.ones((5, 4)), "fc.weight": WEIGHTS})
    np.testing.assert_array_equal(data.weights, WEIGHTS)
    assert data.notes[-1] == "not read: “epoch”, “conv.weight”, “fc.weight”"
    others = {"features": FEATURES, "labels": LABELS, "a.weight": np.ones((5, 4)), "b.weight": np.ones((7, 4))}
    assert read(others).weights is None
    assert read(others).notes == ("not read: “a.weight”, “b.weight”",)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"weight": WEIGHTS.T[:, :2]}, "`weight` has shape (3, 2); it needs shape (3, 3)"),
        ({"W": WEIGHTS, "b": BIAS[:2]}, "`b` has shape (2,); it needs shape (3,)"),
        ({"fc.weight": np.ones((10, 3))}, "`fc.weight` has shape (10, 3); it needs shape (3, 3), a row for each class"),
        ({"weight": 0 * WEIGHTS}, "`weight` holds only zeros"),
    ],
)
def test_a_last_layer_of_another_shape_is_refused(arrays, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        read({"features": FEATURES, "labels": LABELS} | arrays)


@pytest.mark.parametrize(
    "labels", [np.array([1.0, np.nan, 2.0]), np.array(["a", "nan", "b"]), np.array(["a", "", "b"])]
)
def test_a_missing_label_is_no_class(labels):
    with pytest.raises(ValueError, match=r"^Row 2 of `labels` .*; give every sample a label\.$"):
        read(labelled(np.array(labels)))


def test_too_many_classes_get_the_remedy_that_fits():
    with pytest.raises(ValueError, match="1,000 classes; at most 200 can be used, so keep the samples of 200 of them"):
        read(labelled(np.arange(3000) % 1000))
    with pytest.raises(ValueError, match="check that the label is the class, no measured value and no identifier"):
        read(labelled(np.arange(1000)))
    with pytest.raises(ValueError, match="if another column holds the class, name it “label”"):
        read_features("\n".join(f"{i * i},{i}" for i in range(300)).encode(), "a.csv")


def test_classes_of_one_sample_are_warned_of():
    data = read_features(b"x,size\n1,10\n2,11\n3,12\n4,12\n", "a.csv")
    assert data.label == "size"
    assert data.notes == ("2 of 3 classes have one sample, so check that “size” is the label",)
    assert not read_features(b"x,label\n1,a\n2,a\n3,b\n4,b\n", "a.csv").notes


def test_packed_files_are_read():
    packed = gzip.compress(npz(GOOD))
    np.testing.assert_array_equal(read_features(packed, "a.npz.gz").features, FEATURES)
    assert read_features(gzip.compress(ROWS.encode()), "a.csv.gz").class_names == ("a", "b")
