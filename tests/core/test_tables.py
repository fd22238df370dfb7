import pytest

from core.tables import MAX_BYTES, MAX_LINE, MAX_MAGNITUDE, Table, as_number, cell_number, read_table, stream_rows

ROWS = "1,2\n3,-4.5\n"


@pytest.mark.parametrize(
    "text",
    [
        ROWS,
        ROWS.replace(",", ";"),
        ROWS.replace(",", "\t"),
        ROWS.replace("\n", "\r\n"),
        "\n" + ROWS.replace("\n", "\n , \n"),
        ROWS.replace(",", " , "),
        '"1","2"\n"3","-4.5"',
        "\ufeff" + ROWS,
    ],
    ids=["plain", "semicolon", "tab", "crlf", "blank lines", "spaces", "quotes", "BOM"],
)
@pytest.mark.parametrize("named", [False, True])
def test_one_table_in_many_dialects(text, named):
    separator = next(mark for mark in ";\t," if mark in text)
    content = f"{text[: text.startswith(chr(0xFEFF))]}u{separator}v\n{text.lstrip(chr(0xFEFF))}" if named else text
    table = read_table(content.encode(), max_rows=2)
    assert table.numbers(2) == [[1.0, 2.0], [3.0, -4.5]]
    assert table.names == (("u", "v") if named else ("column 1", "column 2"))


@pytest.mark.parametrize(
    ("text", "labelled", "header"),
    [
        ("x,y\n1,2", False, ("x", "y")),
        ("x,\n1,2", False, ("x", "")),
        ("x,2019\n1,2", False, None),
        ("x,2019\n1,2", True, ("x", "2019")),
        ("1,y\n1,2", False, None),
        ("1,a\n2,b", True, None),
        ("nan,inf\n1,2", False, None),
        ("a\nb", True, None),  # one column, the label: nothing tells names from data
        ("a\n1", False, ("a",)),
    ],
)
def test_header_is_a_first_line_without_numbers_where_numbers_belong(text, labelled, header):
    table = read_table(text.encode(), max_rows=10, labelled=labelled)
    assert table.header == header
    assert len(table.rows) == (2 if header is None else 1)


def test_rows_keep_their_line_in_the_file():
    table = read_table(b"\nx,y\n\n1,2\n,\n3,4", max_rows=2)
    assert table.lines == (4, 6)
    assert table.rows == (("1", "2"), ("3", "4"))


def test_only_the_columns_asked_for_are_numbers():
    table = read_table(b"1,2,a\n3,4,b", max_rows=2, labelled=True)
    assert table.numbers(2) == [[1.0, 2.0], [3.0, 4.0]]
    with pytest.raises(ValueError, match="Row 1, column “column 3” holds “a”, which is not a number"):
        table.numbers(3)


@pytest.mark.parametrize("cell", ["1e6", "-1e6", "0", " 1 ", "1e-320", "-0.0"])
def test_number_of_a_cell(cell):
    assert cell_number(1, "x", cell) == as_number(cell) == float(cell)


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "1000000.1", "-1e300", "1e999"])
def test_number_beyond_the_limit_is_no_number_of_a_cell(cell):
    assert not abs(as_number(cell)) <= MAX_MAGNITUDE
    with pytest.raises(ValueError, match=f"Row 7, column “x” holds {cell}; numbers must be finite and at most 10⁶"):
        cell_number(7, "x", cell)


BAD = {
    "empty": (b"", "The file is empty"),
    "blanks": (b" \n,\n", "The file is empty"),
    "names only": (b"x,y\n", "no data"),
    "too many rows": (b"1,2\n" * 6, "6 rows; at most 5"),
    "too many bytes": (b"1,2\n" * (MAX_BYTES // 4 + 1), "at most 1,000,000"),
    "not UTF-8": ("größe,y\n1,2".encode("latin-1"), "not UTF-8"),
    "short row": (b"1,2\n3", "Row 2 has 1 columns, the first has 2"),
    "long row": (b"x,y\n1,2,3", "Row 2 has 3 columns, the first has 2"),
    "text": (b"1,2\n3,four", "Row 2, column “column 2” holds “four”"),
    "empty cell": (b"x,y\n1,\n", "Row 2, column “y” holds “”"),
    "long text": (b"1,2\n3," + b"z" * 500, f"“{'z' * 40}”"),
    "long name": (b"x," + b"n" * 500 + b"\n3,z", f"“{'n' * 40}”"),
    "huge cell": (b"1,2\n" + b"1" * 200_000 + b",1", "not a CSV table"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_table_gets_one_sentence_that_says_where(name):
    content, words = BAD[name]
    with pytest.raises(ValueError, match=r"^[^\n]{10,199}\.$") as error:
        read_table(content, max_rows=5).numbers(2)
    assert words in str(error.value)


def test_first_wrong_row_is_named():
    rows = (("1", "2"), ("3", "b"), ("4",))
    with pytest.raises(ValueError, match="Row 5, column “y”"):
        Table(("x", "y"), (4, 5, 6), rows).numbers(2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ",;\t")
def test_streamed_rows_keep_their_lines_and_blanks(mark, end):
    text = end.join(["\ufeff", "u,v", "", " ,", "1, 2 ", '"3,4",5', "6"]).replace(",", mark)
    rows = list(stream_rows(text.encode(), max_lines=7))
    assert rows == [(2, ["u", "v"]), (5, ["1", " 2 "]), (6, [f"3{mark}4", "5"]), (7, ["6"])]


def test_streamed_rows_come_one_at_a_time():
    rows = stream_rows(b"1,2\n" * 10_000 + b"\xff", max_lines=20_000)
    assert [next(rows), next(rows)] == [(1, ["1", "2"]), (2, ["1", "2"])]
    with pytest.raises(ValueError, match="not UTF-8"):
        list(rows)


BAD_STREAMS = {
    "too many lines": (b"\n" * 6, "more than 5 lines"),
    "long line": (b"1,2\n" + b"1," * (MAX_LINE // 2), f"Row 2 is longer than {MAX_LINE:,} characters"),
    "open quote": (b'1,"2\n3",4\n', "Row 1 cannot be split into cells"),
    "quote inside": (b'1\t2\n1\t"2"3\n', "Row 2 cannot be split into cells"),
    "huge cell": (b'1,"' + b"1" * 200_000 + b'"', "Row 1 cannot be split into cells"),
    "not UTF-8": ("größe,y\n1,2".encode("latin-1"), "not UTF-8"),
}


@pytest.mark.parametrize("name", BAD_STREAMS)
def test_bad_stream_gets_one_sentence(name):
    content, words = BAD_STREAMS[name]
    with pytest.raises(ValueError, match=r"^[^\n]{10,199}\.$") as error:
        list(stream_rows(content, max_lines=5))
    assert words in str(error.value)


def test_nothing_streams_nothing():
    assert list(stream_rows(b"", max_lines=5)) == list(stream_rows(b'\n , \n;;\r\n"",""\n\t', max_lines=5)) == []
