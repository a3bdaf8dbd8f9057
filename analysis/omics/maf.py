"""Somatic mutations in the Mutation Annotation Format: reading, repeated rows, which variants change the protein."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.text_files import text_lines

REQUIRED = (
    "Hugo_Symbol",
    "Chromosome",
    "Start_Position",
    "End_Position",
    "Reference_Allele",
    "Tumor_Seq_Allele2",
    "Variant_Classification",
    "Variant_Type",
    "Tumor_Sample_Barcode",
)
OPTIONAL = ("NCBI_Build", "Center")
NON_SILENT = (
    "Frame_Shift_Del",
    "Frame_Shift_Ins",
    "Splice_Site",
    "Translation_Start_Site",
    "Nonsense_Mutation",
    "Nonstop_Mutation",
    "In_Frame_Del",
    "In_Frame_Ins",
    "Missense_Mutation",
)
# A variant is the same one if all of these agree.
IDENTITY = ["Chromosome", "Start_Position", "Tumor_Sample_Barcode", "Reference_Allele", "Tumor_Seq_Allele2"]
NEVER_BLANK = ("Variant_Classification", "Variant_Type", "Tumor_Sample_Barcode")
PATIENT_CHARACTERS = 12


@dataclass(frozen=True)
class Mutations:
    """Variants of a cohort, one row each, with the columns of a MAF that were read.

    ``samples`` are all samples of the file in the order of their names, also those with silent variants only: they
    are the denominator of every share. ``repeated`` rows were left out. ``counted`` are the non-silent classes.
    """

    variants: pd.DataFrame
    samples: tuple[str, ...]
    repeated: int
    counted: tuple[str, ...] = NON_SILENT

    @property
    def non_silent(self) -> pd.DataFrame:
        """The variants that change the protein."""
        return self.variants[self.variants["Variant_Classification"].isin(self.counted)]

    @property
    def silent(self) -> pd.DataFrame:
        """All others."""
        return self.variants[~self.variants["Variant_Classification"].isin(self.counted)]


def read_maf(*paths: Path, tcga: bool = False) -> Mutations:
    """Mutations of one or more MAF files (tab-separated, gzip by the ending ``.gz``, lines with ``#`` left out).

    Parameters
    ----------
    *paths : Path
        Files of one cohort, such as its non-silent and its silent variants.
    tcga : bool
        Whether barcodes are TCGA's, of which the first 12 characters are the patient.

    Raises
    ------
    OmicsInputError
        A column is missing, a line has too few cells, or a row has no sample, class, type or position.

    Notes
    -----
    As maftools ``read.maf``: rows repeated in position, sample and alleles count once, the first of them; a variant
    without a gene is of the gene "Unknown"; barcodes are shortened after that.
    Mayakonda et al., Genome Res 2018; 28: 1747-1756.
    """
    if not paths:
        raise OmicsInputError("No MAF file was given.")
    variants = pd.concat([_checked(_table(path), path.name) for path in paths], ignore_index=True)
    return _cohort(variants, tcga=tcga, counted=NON_SILENT, drop_repeated=True)


def mutations(
    table: pd.DataFrame, *, tcga: bool = False, counted: Sequence[str] = NON_SILENT, drop_repeated: bool = True
) -> Mutations:
    """Mutations of a table with the columns of a MAF, rows counted from 1 in what it refuses; see ``read_maf``.

    ``counted`` are the classes that count as non-silent (maftools ``vc_nonSyn``); ``drop_repeated`` is maftools'
    ``removeDuplicatedVariants``.
    """
    places = _places([str(column) for column in table.columns], "The table")
    found = table.iloc[:, list(places.values())].set_axis(list(places), axis=1)
    variants = _checked(found.set_axis(range(1, len(found) + 1), axis=0), "The table")
    return _cohort(variants, tcga=tcga, counted=tuple(counted), drop_repeated=drop_repeated)


def _cohort(variants: pd.DataFrame, *, tcga: bool, counted: tuple[str, ...], drop_repeated: bool) -> Mutations:
    kept = (variants.drop_duplicates(IDENTITY) if drop_repeated else variants).reset_index(drop=True)
    kept["Hugo_Symbol"] = kept["Hugo_Symbol"].replace("", "Unknown")
    if tcga:
        kept["Tumor_Sample_Barcode"] = kept["Tumor_Sample_Barcode"].str[:PATIENT_CHARACTERS]
    samples = tuple(sorted(kept["Tumor_Sample_Barcode"].unique()))
    return Mutations(kept, samples, repeated=len(variants) - len(kept), counted=counted)


def _table(path: Path) -> pd.DataFrame:
    """The columns used of one file, rows named by their line."""
    places: dict[str, int] = {}
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, line in text_lines(path):
        cells = line.split("\t")
        if not places:
            places = _places(cells, path.name)
            continue
        if len(cells) <= max(places.values()):
            raise OmicsInputError(f"{path.name} has too few cells in row {number}.")
        rows.append([cells[place] for place in places.values()])
        numbers.append(number)
    if not places:
        raise OmicsInputError(f"{path.name} holds no header.")
    return pd.DataFrame(rows, index=numbers, columns=list(places), dtype=str)


def _places(header: Sequence[str], source: str) -> dict[str, int]:
    """Where the columns used stand, by their usual names whatever their case."""
    by_lower: dict[str, int] = {}
    for place, name in enumerate(header):
        by_lower.setdefault(name.strip().lower(), place)
    lacking = [name for name in REQUIRED if name.lower() not in by_lower]
    if lacking:
        raise OmicsInputError(f"{source} lacks the column {', '.join(lacking)}.")
    return {name: by_lower[name.lower()] for name in (*REQUIRED, *OPTIONAL) if name.lower() in by_lower}


def _checked(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """Trimmed text with positions as whole numbers."""
    if table.empty:
        raise OmicsInputError(f"{source} holds no variant.")
    text = table.fillna("").astype(str).apply(lambda column: column.str.strip())
    for name in NEVER_BLANK:
        _refuse(text[name] == "", f"{source} has a blank {name}")
    for name in ("Start_Position", "End_Position"):
        numbers = pd.to_numeric(text[name], errors="coerce")
        _refuse(numbers.isna() | (numbers != numbers.round()) | (numbers < 0), f"{source} has no {name}")
        text[name] = numbers.astype("int64")
    return text


def _refuse(wrong: pd.Series, what: str) -> None:
    if wrong.any():
        raise OmicsInputError(f"{what} in row {wrong.idxmax()}.")
