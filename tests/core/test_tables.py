"""Tables as people bring them, kind by kind, after what is reported of Excel, pandas, R and NumPy."""

import gzip
import itertools
import tracemalloc

import numpy as np
import pytest

from core.tables import Content, Limits, as_number, cell_number, read_labelled, read_numbers
from core.tables.dialect import MAX_LINE

LIMITS = Limits(size=2_000_000, rows=1000, columns=20, numbers=20_000, magnitude=1e6)


def read(content, filename="table.csv"):
    return read_labelled(content if isinstance(content, bytes) else content.encode(), filename, LIMITS)


COUNTED = "column {} counts the rows and was left out"
# content -> names, numbers, labels, name of the label's column, notes
READ = {
    # what counts the rows
    "pandas index": (
        ",x,label\n0,5.1,a\n1,4.9,b\n2,5,a\n",
        "x",
        [[5.1], [4.9], [5]],
        "aba",
        "label",
        [COUNTED.format(1)],
    ),
    "Unnamed: 0": (
        "Unnamed: 0,x,label\n0,5,a\n1,4,b\n",
        "x",
        [[5], [4]],
        "ab",
        "label",
        [COUNTED.format("“Unnamed: 0”")],
    ),
    "index after dropna": (
        ",x,label\n0,5,a\n3,4,b\n7,4,a\n",
        "x",
        [[5], [4], [4]],
        "aba",
        "label",
        [COUNTED.format(1)],
    ),
    "shuffled index": (",x,label\n7,5,a\n0,4,b\n3,4,a\n", "x", [[5], [4], [4]], "aba", "label", [COUNTED.format(1)]),
    "two indices": (
        "Unnamed: 0.1,Unnamed: 0,x,label\n0,0,5,a\n1,1,4,b\n",
        "x",
        [[5], [4]],
        "ab",
        "label",
        [COUNTED.format("“Unnamed: 0.1”"), COUNTED.format("“Unnamed: 0”")],
    ),
    "Id": ("Id,x,label\n1,5,a\n2,4,b\n", "x", [[5], [4]], "ab", "label", [COUNTED.format("“Id”")]),
    "customer_id": (
        "x,customer_id,label\n5,901,a\n4,17,b\n",
        "x",
        [[5], [4]],
        "ab",
        "label",
        [COUNTED.format("“customer_id”")],
    ),
    "PassengerId": (
        "PassengerId,x,label\n1,5,a\n2,4,b\n",
        "x",
        [[5], [4]],
        "ab",
        "label",
        [COUNTED.format("“PassengerId”")],
    ),
    "long ids": ("id,x,label\n842302,5,a\n84300903,4,b\n", "x", [[5], [4]], "ab", "label", [COUNTED.format("“id”")]),
    "# of a spreadsheet": ("#,x,label\n1,5,a\n2,4,b\n", "x", [[5], [4]], "ab", "label", [COUNTED.format(1)]),
    "counter without names": (
        "1,5.1,a\n2,4.9,b\n3,5,a\n",
        "column 2",
        [[5.1], [4.9], [5]],
        "aba",
        "column 3",
        [COUNTED.format(1)],
    ),
    "R, one name fewer": ('"x","label"\n"1",5,"a"\n"2",4,"b"\n', "x", [[5], [4]], "ab", "label", [COUNTED.format(1)]),
    "R, blanks": ('"x" "label"\n"1" 5 "a"\n"2" 4 "b"\n', "x", [[5], [4]], "ab", "label", [COUNTED.format(1)]),
    "printed by pandas": (
        "     x label\n0  5.0     a\n1  4.5     b\n",
        "x",
        [[5], [4.5]],
        "ab",
        "label",
        [COUNTED.format(1)],
    ),
    "names of the rows": (
        "car,x,label\nMazda,5,a\nFiat,4,b\nHonda,3,a\n",
        "x",
        [[5], [4], [3]],
        "aba",
        "label",
        ["column “car” names the rows and was left out"],
    ),
    "time is no counter": ("time,x,label\n0,5,a\n1,4,b\n", "time x", [[0, 5], [1, 4]], "ab", "label", []),
    "a counter alone is a coordinate": ("0,a\n1,b\n2,a\n", "column 1", [[0], [1], [2]], "aba", "column 2", []),
    "gaps without names are numbers": (
        "0,5,a\n2,4,b\n3,4,a\n",
        "column 1|column 2",
        [[0, 5], [2, 4], [3, 4]],
        "aba",
        "column 3",
        [],
    ),
    # names that are numbers
    "columns 0, 1": ("0,1,target\n5,3,0\n4,2,1\n", "0 1", [[5, 3], [4, 2]], "01", "target", []),
    "wavelengths": ("400,410,label\n.5,.3,1\n.4,.2,2\n", "400 410", [[0.5, 0.3], [0.4, 0.2]], "12", "label", []),
    "an array by pandas": (
        "0,1,2\n5,3,0\n4,2,1\n",
        "0 1",
        [[5, 3], [4, 2]],
        "01",
        "2",
        ["row 1 was read as the numbers of the columns"],
    ),
    "y of yes is no name": (
        "5,7,y\n4,2,n\n3,2,y\n",
        "column 1|column 2",
        [[5, 7], [4, 2], [3, 2]],
        "yny",
        "column 3",
        [],
    ),
    "label first, no names": ("a,1\nb,2\na,4\n", "column 2", [[1], [2], [4]], "aba", "column 1", []),
    # where the label is
    "labels first": (
        "labels,x,size\n1,5,10\n2,4,11\n1,6,12\n",
        "x size",
        [[5, 10], [4, 11], [6, 12]],
        "121",
        "labels",
        [],
    ),
    "flag is no label": ("label,x,flag\na,5,0\nb,4,1\n", "x flag", [[5, 0], [4, 1]], "ab", "label", []),
    "Target in the middle": ("x,Target,z\n5,1,2\n4,0,2\n", "x z", [[5, 2], [4, 2]], "10", "Target", []),
    "class label": ("Class Label,x\n1,5\n2,4\n", "x", [[5], [4]], "12", "Class Label", []),
    "y before x": ("y,x\n0,1.5\n1,2.5\n", "x", [[1.5], [2.5]], "01", "y", []),
    "points x, y": ("x,y,kind\n1,2,a\n3,4,b\n", "x y", [[1, 2], [3, 4]], "ab", "kind", []),
    "species": ("species,x\nfox,5\nowl,4\nfox,3\n", "x", [[5], [4], [3]], ("fox", "owl", "fox"), "species", []),
    "the only words": (
        "id,diag,r\n11,M,5\n12,B,4\n13,M,4\n",
        "r",
        [[5], [4], [4]],
        "MBM",
        "diag",
        [COUNTED.format("“id”")],
    ),
    # encodings
    "UTF-16": ("x;label\n1,5;ä\n2;b\n".encode("utf-16"), "x", [[1.5], [2]], "äb", "label", []),
    "UTF-16, big": (b"\xfe\xff" + "x\tlabel\n1\tä\n2\tb\n".encode("utf-16-be"), "x", [[1], [2]], "äb", "label", []),
    "UTF-16 without a mark": ("x,label\n1,ä\n2,b\n".encode("utf-16-le"), "x", [[1], [2]], "äb", "label", []),
    "UTF-8 with a mark": ("x,label\n1,ä\n2,b\n".encode("utf-8-sig"), "x", [[1], [2]], "äb", "label", []),
    "Windows-1252": (
        "größe,label\n1,ä\n2,b\n".encode("cp1252"),
        "größe",
        [[1], [2]],
        "äb",
        "label",
        ["read as Windows-1252; if letters are wrong, save the file as CSV UTF-8"],
    ),
    "gzip": (gzip.compress(b"x,label\n1,a\n2,b\n"), "x", [[1], [2]], "ab", "label", []),
    "gzip in two parts": (
        gzip.compress(b"x,label\n1,a\n") + gzip.compress(b"2,b\n"),
        "x",
        [[1], [2]],
        "ab",
        "label",
        [],
    ),
    "ends of old Macs": ("x,label\r1,a\r2,b\r", "x", [[1], [2]], "ab", "label", []),
    "ends twice": ("x,label\r\r\n1,a\r\r\n2,b\r\r\n", "x", [[1], [2]], "ab", "label", []),
    "end of DOS": ("x,label\n1,a\n2,b\n\x1a", "x", [[1], [2]], "ab", "label", []),
    # separators
    "decimal commas": ("1,5;2,5;a\n3,5;4,5;b\n", "column 1|column 2", [[1.5, 2.5], [3.5, 4.5]], "ab", "column 3", []),
    "decimal commas, tabs": ("x\tlabel\n1,5\ta\n2,5\tb\n", "x", [[1.5], [2.5]], "ab", "label", []),
    "decimal commas, blanks": (
        "1,5 2,5 a\n3,5 4,5 b\n",
        "column 1|column 2",
        [[1.5, 2.5], [3.5, 4.5]],
        "ab",
        "column 3",
        [],
    ),
    "decimal commas in quotes": (
        '"1,5","2,5",a\n"3,5","4,5",b\n',
        "column 1|column 2",
        [[1.5, 2.5], [3.5, 4.5]],
        "ab",
        "column 3",
        [],
    ),
    "a tie of comma and semicolon": ("x;label\n194015,5;1\n1,25;2\n", "x", [[194015.5], [1.25]], "12", "label", []),
    "thousands and decimals": ("x;label\n1.234,5;a\n2,5;b\n", "x", [[1234.5], [2.5]], "ab", "label", []),
    "thousands with blanks": ("x;label\n1\u202f234,5;a\n2,5;b\n", "x", [[1234.5], [2.5]], "ab", "label", []),
    "sep=;": ("sep=;\nx;label\n1,5;a\n2;b\n", "x", [[1.5], [2]], "ab", "label", []),
    '"sep=,"': ('"sep=,",\nx,label\n1.5,a\n2,b\n', "x", [[1.5], [2]], "ab", "label", []),
    "bars": ("x|label\n1|a\n2|b\n", "x", [[1], [2]], "ab", "label", []),
    "Markdown": ("| x | label |\n|---|:---|\n| 1 | a |\n| 2 | b |\n", "x", [[1], [2]], "ab", "label", []),
    "aligned by blanks": (
        "  1.0   2  a\n 13.0  14  b\n",
        "column 1|column 2",
        [[1, 2], [13, 14]],
        "ab",
        "column 3",
        [],
    ),
    "label with semicolons": ("x,label\n1,a;b\n2,c;d\n", "x", [[1], [2]], ("a;b", "c;d"), "label", []),
    "label with commas": ('x,label\n1,"a, b"\n2,c\n', "x", [[1], [2]], ("a, b", "c"), "label", []),
    "trailing commas": ("x,label,\n1,a,\n2,b,\n", "x", [[1], [2]], "ab", "label", []),
    "trailing commas below the names": ("x,label\n1,a,\n2,b,\n", "x", [[1], [2]], "ab", "label", []),
    "trailing semicolons, no names": ("1;5;a;\n3;4;b;\n", "column 1|column 2", [[1, 5], [3, 4]], "ab", "column 3", []),
    "empty columns of Excel": ("x,label,,\n1,a,,\n2,b,,\n,,,\n", "x", [[1], [2]], "ab", "label", []),
    # comments
    "savetxt": ("# f1 f2 label\n1.0e+00 2.0e+00 0\n3.0e+00 4.0e+00 1\n", "f1 f2", [[1, 2], [3, 4]], "01", "label", []),
    "comments above": ("# by me\n# 2024\nx,label\n1,a\n2,b\n", "x", [[1], [2]], "ab", "label", []),
    "comment within": ("x,label\n1,a\n# bad,z\n2,b\n", "x", [[1], [2]], "ab", "label", ["1 line with # left out"]),
    "colours are no comments": ("label,x\n#f00,1\n#0f0,2\n", "x", [[1], [2]], ("#f00", "#0f0"), "label", []),
    # quotation marks
    "every row in quotes": ('"1,5,a"\n"3,4,b"\n', "column 1|column 2", [[1, 5], [3, 4]], "ab", "column 3", []),
    "single quotes": ("'x','label'\n'1','a'\n'2','b'\n", "x", [[1], [2]], "ab", "label", []),
    "a name of two lines": (
        '"length\nin cm",label\n1,a\n2,b\n',
        "length in cm".replace(" ", "~"),
        [[1], [2]],
        "ab",
        "label",
        [],
    ),
    "typographic minus": ("x,label\n−1,a\n2,b\n", "x", [[-1], [2]], "ab", "label", []),
}


@pytest.mark.parametrize("kind", READ)
def test_a_table_is_read_as_its_maker_meant_it(kind):
    content, names, numbers, labels, label, notes = READ[kind]
    table = read(content)
    np.testing.assert_array_equal(table.numbers, numbers)
    expected = names.split("|") if "|" in names or names.startswith("column") else names.split()
    assert [name.replace(" ", "~") if "~" in names else name for name in table.names] == expected
    assert table.labels == tuple(labels)
    assert (table.label, list(table.notes)) == (label, notes)


REFUSED = {
    "NaN label": ("x,label\n1,a\n2,nan\n", "Row 3, column “label” holds nan; give every sample a label"),
    "NA label": ("x,label\n1,a\n2,NA\n", "Row 3, column “label” holds NA; give every sample a label"),
    "null label": ("label,x\nnull,1\na,2\n", "Row 2, column “label” holds null; give every sample a label"),
    "None label": ("x,label\n1,None\n2,a\n", "Row 2, column “label” holds None; give every sample a label"),
    "empty label": ("x,label\n1,a\n2,\n3,b\n", "Row 3, column “label” is empty; give every sample a label"),
    "empty cell": ("x,z,label\n1,,a\n2,3,b\n", "Row 2, column “z” is empty; fill it in or leave out the row"),
    "missing number": ("x,label\n1,a\n#N/A,b\n", "Row 3, column “x” holds #N/A, a missing value; fill it in"),
    "quoted decimal comma": ('x,z,label\n"1,0",2,a\n3,4,b\n5,word,a\n', "“word”, which is not a number"),
    "thousands": ('x,label\n"1,234",a\n2,b\n', "holds “1,234”, which is not a number; write it without a separator"),
    "decimal commas as separators": (
        "x,z,label\n1,5,2,5,a\n3,5,4,5,b\n",
        "if decimals have a comma, write a point or separate",
    ),
    "both decimals": ("x;z;label\n1,5;2.25;a\n3,5;4;b\n", "“2.25” where other numbers have a decimal comma; write all"),
    "one column": (
        "1\n2\n3\n",
        "The file has 1 column; it needs columns of numbers and a label, separated by commas, sem",
    ),
    "only a counter": ("id,label\n1,a\n2,b\n", "The only column beside the label counts the rows; add the features"),
    "a title": ("My table\nx,y,label\n1,2,a\n3,4,b\n", "Row 1 has 1 column, the others have 3"),
    "one-hot at the end": ("1.5,2,1,0\n3,4,0,1\n2,2,1,0\n", "The last 2 columns look like a one-hot label"),
    "dummies of pandas": (
        "label_a,label_b,x\nTrue,False,1\nFalse,True,2\n",
        "“label_a” to “label_b” look like a one-hot",
    ),
    "transposed": ("x,1,2,3\nz,4,5,6\nlabel,a,b,a\n", "Row 3 begins with “label”, so the table looks transposed"),
    "transposed with labels above": ("label,a,b,a,b\nx,1,2,3,4\nz,5,6,7,8\n", "The table looks transposed"),
    "LIBSVM": ("1 1:0.5 2:0.3\n0 1:0.1 2:0.4\n", "sparse format of LIBSVM"),
    "words in a column": (
        "sex,x,label\nm,1,a\nf,2,b\nm,3,a\n",
        "leave out that column, or name the column of the label “label”",
    ),
    "booleans": ("f,x,label\nTrue,1,a\nFalse,2,b\nTrue,3,a\n", "“True”, which is not a number; write 1 and 0"),
    "percent": ("x,label\n10%,a\n2,b\n", "“10%”, which is not a number; write it without the sign"),
    "names again": ("x,label\n1,a\nx,label\n2,b\n", "Row 3 repeats the names; leave it out"),
    "underscore": ("x,label\n1_2,a\n3,b\n", "“1_2”, which is not a number"),
    "inf": ("x,label\ninf,a\n3,b\n", "holds inf; numbers must be finite and at most 10⁶ in size"),
    "large": ("x,label\n2e6,a\n3,b\n", "Row 2, column “x” holds 2000000; numbers must be finite and at most 10⁶"),
    "empty": ("", "The file is empty"),
    "blanks": (" \n,\n;;\n", "The file is empty"),
    "names only": ("x,label\n", "a line of names but no data"),
    "short row": ("x,label\n1,a\n2\n", "Row 3 has 1 column, but there are names for 2; give every row the same"),
    "long row": ("1,5,a\n2,4,b,c\n3,4,a\n", "Row 2 has 4 columns, the others have 3"),
    "too many rows": ("1,a\n2,b\n" * 501, "The file has 1,002 rows; at most 1,000 can be used"),
    "too many bytes": (b"1,a\n" * 500_001, "2,000,004 bytes; at most 2,000,000"),
    "too many columns": (",".join(["x"] * 23) + "\n" + ",".join(["1"] * 23), "23 columns; it needs 1 to 20"),
    "long line": ("1," * (MAX_LINE // 2) + "a", f"Row 1 is longer than {MAX_LINE:,} characters"),
    "open quote": ('x,label\n1,"a\n2,b\n', "Row 2 cannot be split into cells; look for a quotation mark"),
    "quote inside": ('1\ta\n1\t"2"3\n', "Row 2 cannot be split into cells"),
    "long label": ("1," + "a" * 101 + "\n2,b\n", "a label of 101 characters; at most 100"),
    "half of UTF-16": ("x,label\n1,a\n".encode("utf-16")[:-1], "save it as CSV UTF-8"),
    "noise": (bytes(range(256)) * 3, "save it as CSV UTF-8"),
    "gzip bomb": (gzip.compress(bytes(10**7)), "unpacks to more than 2,000,000 bytes"),
    "half of a gzip": (gzip.compress(b"x,label\n1,a\n2,b\n")[:25], "The gzip archive is incomplete"),
    "damaged gzip": (b"\x1f\x8b" + bytes(50), "The gzip archive is damaged"),
    "JSON": ('{"x": [1]}', "The file is JSON; save the table as CSV"),
    "a web page": ("<!DOCTYPE html><html></html>", "a web page, not the file behind it"),
    "xls": (b"\xd0\xcf\x11\xe0" + bytes(100), "an Excel workbook; save the table as CSV"),
    "xlsx under another name": (b"PK\x03\x04" + bytes(50) + b"xl/workbook.xml", "an Excel workbook"),
    "Parquet": (b"PAR1" + bytes(50), "a Parquet file"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(9), "an image"),
    "ARFF": ("% by me\n@relation iris\n@data\n1,a\n", "an ARFF file"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_table_that_cannot_be_read_gets_a_sentence_with_a_remedy(kind):
    content, words = REFUSED[kind]
    with pytest.raises(ValueError, match=r"^[^\n]{10,240}\.$") as error:
        read(content)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("model.pt", "a file of PyTorch"),
        ("a.PTH", "a file of PyTorch"),
        ("a.npy", "a single NumPy array"),
        ("a.h5", "an HDF5 file"),
        ("a.xlsx", "an Excel workbook"),
        ("a.parquet", "a Parquet file"),
        ("a.safetensors", "a Safetensors file"),
        ("a.pkl", "a pickle"),
        ("a.mat", "a MATLAB file"),
        ("photo.jpeg", "an image"),
        ("a.xlsx.gz", "an Excel workbook"),
    ],
)
def test_a_file_of_another_kind_is_named_by_its_name(name, kind):
    with pytest.raises(ValueError, match=f"^The file is {kind}; save the table as CSV UTF-8.$"):
        read(b"1,2,a\n3,4,b\n", name)


NUMBERS = np.array([[1.5, -20.0, 0.25], [3.0, 4.0, 1e-3], [-0.5, 7.0, 2.5], [12.0, 0.0, 9.75]])
LABELS = ("b", "a", "a", "b")
HEADERS = {
    "words": ("u", "v", "w", "label"),
    "numbers": ("400", "410", "420", "target"),
    "none": None,
}
DIALECTS = {
    "comma": (",", "."),
    "semicolon": (";", "."),
    "tab": ("\t", "."),
    "bar": ("|", "."),
    "blanks": ("  ", "."),
    "semicolon, comma": (";", ","),
    "tab, comma": ("\t", ","),
    "blank, comma": (" ", ","),
}
ENDINGS = {"": "\n", "trailing": None, "CRLF": "\r\n", "quoted": "\n"}
FORMS = [
    (dialect, header, ending)
    for dialect, header, ending in itertools.product(DIALECTS, HEADERS, ENDINGS)
    if not (ending == "trailing" and dialect.startswith("blank"))  # blanks at the end are no column
]


@pytest.mark.parametrize(("dialect", "header", "ending"), FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_one_table_in_any_dialect_is_the_same(dialect, header, ending, encoding):
    mark, point = DIALECTS[dialect]
    rows = [
        [f"{value!r}".replace(".", point) for value in row] + [label]
        for row, label in zip(NUMBERS.tolist(), LABELS, strict=True)
    ]
    rows = rows if HEADERS[header] is None else [list(HEADERS[header]), *rows]
    if ending == "quoted":
        rows = [[f'"{cell}"' for cell in row] for row in rows]
    end = mark + "\n" if ending == "trailing" else ENDINGS[ending]
    table = read("".join(mark.join(row) + end for row in rows).encode(encoding))
    np.testing.assert_array_equal(table.numbers, NUMBERS)
    assert table.labels == LABELS
    assert table.names == (HEADERS[header] or ("column 1", "column 2", "column 3"))[:3]
    assert not table.notes


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("name", ["label", "LABELS", "Target", "class", "Classes", "y", "class_label", "label (0/1)"])
def test_the_label_is_where_its_name_says(name, place):
    names, rows = ["u", "v", "w"], [[f"{x:g}" for x in row] for row in NUMBERS]
    names.insert(place, name)
    for row, label in zip(rows, (1, 0, 1, 0), strict=True):
        row.insert(place, str(label))
    table = read("\n".join(",".join(row) for row in [names, *rows]))
    np.testing.assert_array_equal(table.numbers, NUMBERS)
    assert table.labels == ("1", "0", "1", "0")
    assert (table.label, table.label_named) == (name, True)


def test_no_row_is_swallowed():
    rng = np.random.default_rng(0)
    for rows in (2, 50, 101, 150, 900):
        values = rng.integers(-5, 5, (rows, 3)) + rng.random((rows, 3)).round(3)
        lines = [",".join(f"{x:.4g}" for x in row) + f",{'ab'[i % 2]}" for i, row in enumerate(values)]
        table = read("\n".join(lines))
        assert table.numbers.shape == (rows, 3)
        assert table.lines == tuple(range(1, rows + 1))
        for broken in (0, rows // 2, rows - 1):  # whichever row has a slip of the pen is named
            cells = lines[broken].split(",")
            wrong = [*lines[:broken], ",".join([cells[0], "1.o", *cells[2:]]), *lines[broken + 1 :]]
            with pytest.raises(ValueError, match=f"^Row {broken + 1}, column “column 2” holds “1.o”"):
                read("\n".join(wrong))


def test_every_digit_is_kept_by_both_ways_of_reading():
    values = np.random.default_rng(1).standard_normal((300, 4)) * 10.0 ** np.arange(-4, 4, 2)
    lines = [",".join(map(repr, row)) + ",a" for row in values.tolist()]
    plain = read("\n".join(lines).replace(",a", ",b", 1))
    lines[0] = lines[0].replace(",a", ',"b"')
    quoted = read("\n".join(lines))
    np.testing.assert_array_equal(plain.numbers, values)
    np.testing.assert_array_equal(quoted.numbers, values)
    assert plain.labels == quoted.labels


def test_reading_reports_how_far_it_is_and_can_be_ended():
    content, seen = ("1.5,2.5,a\n2.5,3.5,b\n" * 400).encode(), []
    wide = Limits(size=10**8, rows=10**6, columns=5, numbers=10**7, magnitude=1e6)
    read_labelled(content * 200, "a.csv", wide, lambda share: seen.append(share) or True)
    assert len(seen) > 2
    assert seen == sorted(seen)
    assert 0.0 < seen[0] < seen[-1] <= 1.0
    with pytest.raises(ValueError, match="ended before it was done"):
        read_labelled(content * 200, "a.csv", wide, lambda _: False)


def test_a_bomb_takes_little_memory():
    packed = gzip.compress(bytes(10**8))
    tracemalloc.start()
    with pytest.raises(ValueError, match="unpacks to more"):
        read(packed)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


def test_points_of_a_curve_keep_a_counter_that_is_the_input():
    limits = Limits(size=10**6, rows=100, columns=2, numbers=300, magnitude=1e6)
    np.testing.assert_array_equal(read_numbers(b"x,y\n0,5\n1,4\n2,3\n", "", limits).numbers, [[0, 5], [1, 4], [2, 3]])
    np.testing.assert_array_equal(read_numbers(b"0,5\n1,4\n2,3\n", "", limits).numbers, [[0, 5], [1, 4], [2, 3]])
    table = read_numbers(b",x,y\n0,0.5,5\n1,1.5,4\n2,2.5,3\n", "", limits)
    np.testing.assert_array_equal(table.numbers, [[0.5, 5], [1.5, 4], [2.5, 3]])
    assert table.notes == ("column 1 counts the rows and was left out",)


@pytest.mark.parametrize("cell", ["1e6", "-1e6", "0", " 1 ", "1e-320", "-0.0"])
def test_number_of_a_cell(cell):
    assert cell_number(1, "x", cell, 1e6) == as_number(cell) == float(cell)


@pytest.mark.parametrize("cell", ["inf", "-inf", "1000000.1", "-1e300", "1e999"])
def test_number_beyond_the_limit_is_no_number_of_a_cell(cell):
    with pytest.raises(ValueError, match=f"Row 7, column “x” holds {cell}; numbers must be finite and at most 10⁶"):
        cell_number(7, "x", cell, 1e6)


def test_content_is_its_bytes_with_a_fingerprint():
    assert Content(b"abc") == b"abc"
    assert Content(b"abc").digest == Content(b"abc").digest != Content(b"abd").digest
