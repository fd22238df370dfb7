import numpy as np
import pytest

from core.gradient_flow.datasets import LIMITS, MAX_COLUMNS, MAX_ROWS, read_table

POINTS = np.array([[1.0, 2.0], [3.0, -4.0], [5.5, 0.0]])
ROWS = "1,2,a\n3,-4,b\n5.5,0,a\n"


def scaled(points):
    centred = points - points.mean(axis=0)
    return centred / np.sqrt((centred**2).sum(axis=1).mean())


@pytest.mark.parametrize(
    "text",
    [
        ROWS,
        "u,v,label\n" + ROWS,
        ROWS.replace(",", ";"),
        ROWS.replace(",", "\t"),
        ROWS.replace("\n", "\r\n"),
        "\n" + ROWS.replace("\n", "\n\n"),
        ROWS.replace(",", " , "),
        '"1","2","a"\n"3","-4","b"\n"5.5","0","a"',
        "\ufeff" + ROWS,
        "\ufeffu,v,label\n" + ROWS,
    ],
    ids=["plain", "header", "semicolon", "tab", "crlf", "blank lines", "spaces", "quotes", "BOM", "BOM and header"],
)
def test_one_table_in_many_dialects(text):
    data = read_table(text.encode())
    np.testing.assert_allclose(data.points, scaled(POINTS), atol=1e-14)
    np.testing.assert_array_equal(data.labels, [-1.0, 1.0, -1.0])
    assert data.classes == ("a", "b")


def test_names_come_from_the_header():
    assert read_table(("hours, score ,passed\n" + ROWS).encode()).names == ("hours", "score")
    assert read_table(ROWS.encode()).names == ("column 1", "column 2")


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (("0", "1"), ("0", "1")),
        (("10", "9"), ("9", "10")),
        (("1", "-1"), ("-1", "1")),
        (("yes", "no"), ("no", "yes")),
        (("2.50", "1e1"), ("2.50", "1e1")),
    ],
)
def test_smaller_label_is_negative_as_a_number_or_as_text(labels, classes):
    data = read_table("\n".join(f"{i},{labels[i % 2]}" for i in range(4)).encode())
    assert data.classes == classes
    np.testing.assert_array_equal(data.labels, [-1.0 if labels[i % 2] == classes[0] else 1.0 for i in range(4)])


def test_one_number_in_two_spellings_is_one_class():
    np.testing.assert_array_equal(read_table(b"1,1\n2,1.0\n3,0").labels, [1.0, 1.0, -1.0])


@pytest.mark.parametrize("unit", [1e-5, 1.0, 1e4])
def test_points_are_centred_and_have_no_unit(unit):
    points = np.random.default_rng(0).standard_normal((20, 3))
    rows = [",".join(repr(float(unit * x + 3.0 * unit)) for x in row) + f",{i % 2}" for i, row in enumerate(points)]
    data = read_table("\n".join(rows).encode())
    np.testing.assert_allclose(data.points.mean(axis=0), 0.0, atol=1e-12)
    assert (data.points**2).sum(axis=1).mean() == pytest.approx(1.0, rel=1e-12)
    np.testing.assert_allclose(data.points, scaled(points), atol=1e-10)


def test_largest_table_is_read():
    rows = [",".join(str(2 * i + j) for j in range(MAX_COLUMNS)) + f",{i % 2}" for i in range(MAX_ROWS)]
    assert read_table("\n".join(rows).encode()).points.shape == (MAX_ROWS, MAX_COLUMNS)


def column(labels):
    return "\n".join(f"{i},{label}" for i, label in enumerate(labels)).encode()


BAD = {
    "empty": (b"", "empty"),
    "only blanks": (b"\n , \n", "empty"),
    "only header": (b"a,b,label\n", "no data"),
    "text cell": (b"a,b,label\n1,2,0\n3,four,1", "Row 3, column “b” holds “four”"),
    "empty cell": (b"1,2,0\n3,,1", "Row 2, column “column 2”"),
    "NaN": (b"u,label\n1,0\nnan,1", "Row 3, column “u” holds nan"),
    "infinity": (b"1,0\n2,1\n-inf,1", "Row 3, column “column 1” holds -inf"),
    "too large a number": (b"1,0\n2000000,1", "Row 2, column “column 1”"),
    "one class": (column("0000"), "“column 2” holds 1 different value;"),
    "one class in two spellings": (column(["1", "1.0", "1"]), "“column 2” holds 1 different value;"),
    "three classes": (column("abcab"), "“column 2” holds 3 different values;"),
    "three classes in four spellings": (column(["1", "1.0", "2", "3"]), "“column 2” holds 3 different values;"),
    "empty label": (b"u,kind\n1,a\n2,b\n3,", "Row 4, column “kind” is empty; give every sample a label"),
    "too many rows": (column("01" * (MAX_ROWS // 2) + "0"), f"{MAX_ROWS + 1} rows"),
    "too many columns": (b",".join([b"1"] * (MAX_COLUMNS + 2)), f"{MAX_COLUMNS + 2} columns"),
    "one column": (b"0\n1\n", "1 column"),
    "ragged row": (b"1,2,0\n3,1\n4,5,1", "Row 2 has 2 columns"),
    "ragged against the header": (b"u,label\n1,2,0\n3,4,1", "Row 2 has 3 columns"),
    "half of UTF-16": (ROWS.encode("utf-16")[:-1], "save it as CSV UTF-8"),
    "too many bytes": (b"1,0\n" * (LIMITS.size // 4 + 1), "bytes"),
    "huge cell": (b"1,0\n" + b"x" * 200_000 + b",1", "is not a number"),
    "one point": (b"1,2,a\n1,2,b", "same point"),
    "one point that rounds": (b"0.1,0.7,a\n0.1,0.7,b\n0.1,0.7,a", "same point"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_gets_one_sentence_that_says_where(name):
    content, words = BAD[name]
    with pytest.raises(ValueError, match=r".") as error:
        read_table(content)
    message = str(error.value)
    assert words in message
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 200
