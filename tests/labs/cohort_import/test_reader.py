from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.cohort_import.errors import ImportRefused
from labs.cohort_import.mapping import FileSection
from labs.cohort_import.parsing import parse
from labs.cohort_import.reader import Table, parse_table, read_table
from tests.labs.cohort_import.tables import CLINIC_CSV, clinic

NAMES = "编号,姓名\n1,张伟\n"


def read(content: str | bytes, **section: str) -> Table:
    return parse_table(content if isinstance(content, bytes) else content.encode(), FileSection(**section))  # type: ignore[arg-type]


def cells(table: Table) -> list[list[object]]:
    return [list(row.cells.values()) for row in table.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    lines = [["id", "age"], ["1", "57"], ["2", "58"]]
    table = read("\n".join(delimiter.join(line) for line in lines))
    assert (table.header, cells(table)) == (["id", "age"], [["1", "57"], ["2", "58"]])


def test_a_decimal_comma_does_not_make_the_comma_a_delimiter() -> None:
    assert read("id;age;afp\n1;57,5;1,2\n2;58,5;3,4\n").header == ["id", "age", "afp"]


def test_a_declared_delimiter_wins() -> None:
    assert read("a,b;c,d\n1,2;3,4\n", delimiter=";").header == ["a,b", "c,d"]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert read(b"\xef\xbb\xbfid,age\n1,57\n").header == ["id", "age"]


@pytest.mark.parametrize(("encoding", "codec"), [("utf-8", "utf-8"), ("gb18030", "gb18030")])
def test_chinese_is_read_in_its_declared_encoding(encoding: str, codec: str) -> None:
    assert cells(read(NAMES.encode(codec), encoding=encoding)) == [["1", "张伟"]]


def test_latin_1_is_read_when_declared() -> None:
    assert cells(read("id,name\n1,Müller\n".encode("latin-1"), encoding="latin-1")) == [["1", "Müller"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("id,name\n1,Müller\n".encode("latin-1"), "Line 2 is not utf-8 text: declare [file] encoding"),
        ("id,age\n".encode("utf-16"), "The file is UTF-16"),
        (b"id,age\n1,\x00\n", "Line 2 holds a NUL byte"),
        (b"", "The first line must hold the names of the columns."),
        (b"\n\nid,age\n1,2\n", "The first line must hold the names of the columns."),
        (b'id,age\n1,"57\n', "Line 2 is not a line of a table"),
        (b"PK\x03\x04 no workbook", "The workbook cannot be read"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        read(content)
    assert sentence in str(refusal.value)


def test_rows_are_known_by_the_line_they_begin_on() -> None:
    table = read('id,note\n1,"two\nlines"\n\n2,x\n')
    assert [row.line for row in table.rows] == [2, 5]


def test_a_row_with_too_many_cells_is_an_error_of_that_row() -> None:
    table = read("id,age\n1,57\n2,58,59\n3,60,,\n")
    assert [(error.row, error.rule) for error in table.errors] == [(3, "The row has 3 cells, the header 2.")]
    assert [row.line for row in table.rows] == [2, 4]


def test_missing_last_cells_are_blank() -> None:
    assert cells(read("id,age,sex\n1,57\n")) == [["1", "57", ""]]


def workbook(path: Path, rows: list[list[object]], sheet: str = "Data") -> Path:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    for cell in (cell for line in book.active for cell in line if cell.data_type == "f"):
        cell.data_type = "s"  # a text that looks like a formula, which a text file has as well
    book.save(path)
    return path


def test_a_workbook_gives_numbers_dates_and_texts(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id", "day", "x", "b"], [1, date(2024, 1, 31), 2.5, True]])
    assert cells(read_table(path, FileSection())) == [[1.0, date(2024, 1, 31), 2.5, "TRUE"]]


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id"], [1]])
    with pytest.raises(ImportRefused, match=r"a\.xlsx: There is no sheet 'Cases'; there are Data\."):
        read_table(path, FileSection(sheet="Cases"))


def test_a_workbook_says_the_same_as_the_text_file(tmp_path: Path) -> None:
    mapping = clinic()
    text = read_table(CLINIC_CSV, mapping.file)
    typed = [[_typed(str(cell)) for cell in row.cells.values()] for row in text.rows]
    book = read_table(workbook(tmp_path / "clinic.xlsx", [[*text.header], *typed]), mapping.file)
    from_text, from_book = parse(text, mapping), parse(book, mapping)
    for ours, theirs in zip(from_text.records, from_book.records, strict=True):
        # What was typed is kept as typed; a workbook keeps the number only.
        assert [(value.section, value.text.replace(",", ".")) for value in ours.blood] == [
            (value.section, value.text.replace(",", ".")) for value in theirs.blood
        ]
        ours.blood, theirs.blood = [], []
    assert (from_text.records, from_text.errors) == (from_book.records, [])


def _typed(cell: str) -> object:
    day, dots = cell.split("."), cell.count(".")
    if dots == 2:
        return date(int(day[2]), int(day[1]), int(day[0]))
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return cell or None


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ImportRefused, match=r"missing\.csv cannot be read: No such file"):
        read_table(Path("missing.csv"), FileSection())


starts = st.sampled_from(
    [b"", b"id,age\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xef\xbb\xbf", b'a;"']
)


@settings(max_examples=300, deadline=None)
@given(start=starts, content=st.binary(max_size=300), encoding=st.sampled_from(["utf-8", "latin-1", "gb18030"]))
def test_any_bytes_are_a_table_or_a_sentence(start: bytes, content: bytes, encoding: str) -> None:
    try:
        table = read(start + content, encoding=encoding)
    except ImportRefused as refusal:
        assert all(sentence.endswith(".") for sentence in refusal.sentences)
    else:
        assert all(len(row.cells) == len(set(table.header)) for row in table.rows)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_spoiled_workbook_is_a_table_or_a_sentence(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(_WORKBOOK or _remember(tmp_path_factory.mktemp("book")))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(content))
    except ImportRefused as refusal:
        assert refusal.sentences


_WORKBOOK = bytearray()


def _remember(folder: Path) -> bytearray:
    _WORKBOOK.extend(workbook(folder / "a.xlsx", [["id", "age"], [1, 57], [2, date(2024, 1, 31)]]).read_bytes())
    return _WORKBOOK
