"""Expression of the Genomic Data Commons: one file a sample (STAR counts or HTSeq) and a sample sheet."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labs.formats.errors import FormatError
from labs.formats.expression import ExpressionTable
from labs.formats.expression_cells import NO_GENE, check_samples, numbers, of_file, text, unversioned

COUNTS, TPM, FPKM = "counts", "TPM", "FPKM"
STAR_COLUMNS = {COUNTS: "unstranded", TPM: "tpm_unstranded", FPKM: "fpkm_unstranded"}
GENE_ID, GENE_NAME = "gene_id", "gene_name"
SHEET = "gdc_sample_sheet*.tsv"
_FILE, _SAMPLE = "File Name", "Sample ID"
# The same columns where the sheet is an answer of the GDC's API.
_OF_API = {"file_name": _FILE, "cases.0.samples.0.submitter_id": _SAMPLE}


def read_gdc(folder: Path, *, measure: str, named_by: str = GENE_ID, sheet: Path | None = None) -> ExpressionTable:
    """Read the files that a sample sheet names into one table.

    Parameters
    ----------
    folder : Path
        Holds the files, in folders of their own as the GDC's client leaves them, or not; packed with gzip or not.
    measure : {"counts", "TPM", "FPKM"}
        Column of files of STAR (``unstranded``, ``tpm_unstranded``, ``fpkm_unstranded``). Files of HTSeq have two
        columns and no header: what they measure is what the caller says.
    named_by : {"gene_id", "gene_name"}
        Ensembl ids lose their version (``ENSG00000000003.15``), and keep the suffix ``_PAR_Y``. Only files of STAR
        have names.
    sheet : Path, optional
        Its columns ``File Name`` and ``Sample ID`` (``file_name`` and ``cases.0.samples.0.submitter_id`` of the API)
        say which files count; without it, the one file
        ``gdc_sample_sheet*.tsv`` in the folder.

    Returns
    -------
    ExpressionTable
        Samples in the order of the sheet; `sha256` is that of the samples with their files' hashes.

    Raises
    ------
    FormatError
        A file that the sheet names is not there or comes twice; a sample comes twice; a file has other genes than the
        first one, and is named; a cell is no finite number.

    Notes
    -----
    Format: https://docs.gdc.cancer.gov/Data/Bioinformatics_Pipelines/Expression_mRNA_Pipeline/
    """
    if measure not in STAR_COLUMNS:
        raise FormatError(f"Files of the GDC hold {', '.join(STAR_COLUMNS)}.", value=measure)
    listed = _located(folder, sheet or _sheet_in(folder))
    genes: list[str] = []
    columns: list[NDArray[np.float64]] = []
    whole = hashlib.sha256()
    for sample, path in listed.items():
        with of_file(path) as packed:
            names, values = _one(text(packed), measure, named_by)
            if not genes:
                genes, first = names, path.name
            elif names != genes:
                raise FormatError(f"Its genes are not those of {first}.")
        whole.update(f"{sample}\t{hashlib.sha256(packed).hexdigest()}\n".encode())
        columns.append(values)
    return ExpressionTable(genes, list(listed), np.column_stack(columns), whole.hexdigest())


def gdc_files(folder: Path, sheet: Path) -> tuple[Path, ...]:
    """The files that a sample sheet names, in its order; errors as of `read_gdc`."""
    return tuple(_located(folder, sheet).values())


def _located(folder: Path, sheet: Path) -> dict[str, Path]:
    """The file of each sample, in the order of the sheet."""
    listed = _listed(sheet)
    # The sheet says which files are read; what else lies there is not looked at.
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.setdefault(path.name, []).append(path)
    located = {}
    for row, name, sample in listed:
        places = found.get(name) or found.get(name.removesuffix(".gz")) or []
        if len(places) != 1:
            rule = "The folder has several files of this name." if places else "The file is not in the folder."
            raise FormatError(rule, row=row, column=_FILE, value=name)
        located[sample] = places[0]
    return located


def _sheet_in(folder: Path) -> Path:
    sheets = sorted(folder.glob(SHEET))
    if len(sheets) != 1:
        raise FormatError(f"One sample sheet ({SHEET}) is expected, there are {len(sheets)}.", file=folder.name)
    return sheets[0]


def _listed(sheet: Path) -> list[tuple[int, str, str]]:
    """Row of the sheet, name of the file, sample."""
    with of_file(sheet) as packed:
        lines = text(packed).splitlines()
        header = [_OF_API.get(name, name) for name in lines[0].split("\t")] if lines else []
        if absent := next((name for name in (_FILE, _SAMPLE) if name not in header), None):
            raise FormatError("There is no such column.", row=1, column=absent)
        found = []
        for row, line in enumerate(lines[1:], start=2):
            cells = line.split("\t")
            if cells == [""]:
                continue
            if len(cells) != len(header):
                raise FormatError(f"The row has {len(cells)} cells, the header {len(header)}.", row=row)
            found.append((row, cells[header.index(_FILE)].strip(), cells[header.index(_SAMPLE)].strip()))
        check_samples([sample for _row, _name, sample in found], 0)
        return found


def _one(content: str, measure: str, named_by: str) -> tuple[list[str], NDArray[np.float64]]:
    rows = list(_rows(content))
    number, header = rows[0] if rows else (0, [""])
    if header[0] == GENE_ID:
        column = STAR_COLUMNS[measure]
        if absent := next((name for name in (named_by, column) if name not in header), None):
            raise FormatError("There is no such column.", row=number, column=absent)
        rows, of_genes, of_values = rows[1:], header.index(named_by), header.index(column)
    elif len(header) == 2:
        if named_by != GENE_ID:
            raise FormatError("Files of HTSeq name genes by Ensembl ids only.")
        header, column, of_genes, of_values = ["", ""], measure, 0, 1
    else:
        raise FormatError("This is no file of STAR counts and none of HTSeq.", row=number)
    rows = [row for row in rows if not row[1][0].startswith(NO_GENE)]
    if not rows:
        raise FormatError("The file holds no gene.")
    if odd := next(((number, row) for number, row in rows if len(row) != len(header)), None):
        raise FormatError(f"The row has {len(odd[1])} cells, the header {len(header)}.", row=odd[0])
    genes = [unversioned(row[of_genes]) for _number, row in rows]
    return genes, _values([(number, row[of_values]) for number, row in rows], column)


def _values(cells: list[tuple[int, str]], column: str) -> NDArray[np.float64]:
    try:
        return numbers([cell for _row, cell in cells], [column] * len(cells), 0)
    except FormatError:
        for row, cell in cells:
            numbers([cell], [column], row)
        raise


def _rows(content: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(io.StringIO(content, newline=None), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line.rstrip("\n").split("\t")
