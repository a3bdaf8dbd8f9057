"""Data blocks as the objects that methods take."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.discovery.errors import DiscoveryError
from analysis.discovery.method import SCORES, Outcome
from analysis.discovery.methods.tables import SAMPLE
from analysis.discovery.sources import (
    ENSEMBL,
    EXPRESSION,
    GISTIC,
    IDENTIFIERS,
    MUTATIONS,
    PLACES,
    SEGMENTS,
    SETS,
    SIGNATURE,
    SYMBOL,
    TCGA,
    Source,
)
from analysis.omics.errors import OmicsInputError
from analysis.omics.expression import LOG2, ExpressionMatrix, distinct
from analysis.omics.genes import one_row_per_gene, without_version
from analysis.omics.gmt import GeneSets, read_gmt
from analysis.omics.maf import Mutations, read_maf
from analysis.omics.segments import read_segments
from analysis.omics.text_files import text_lines
from labs.formats.errors import FormatError
from labs.formats.expression_layouts import GDC, Asked, read_layout

# Sample types of a TCGA barcode.
TUMOUR, NORMAL = "tumour", "normal"
SAMPLE_TYPES = {"01": TUMOUR, "11": NORMAL}
PLACE = r"^(?:chr)?(\w+):(\d+)-(\d+)$"


@dataclass(frozen=True)
class Expression:
    """A matrix with the group of each sample that has one, and what was done to its rows."""

    name: str
    matrix: ExpressionMatrix
    groups: Mapping[str, str]
    identifiers: str
    notes: tuple[str, ...] = ()

    def of(self, samples: list[str]) -> "Expression":
        """The same with these samples only."""
        place = {sample: column for column, sample in enumerate(self.matrix.samples)}
        values = self.matrix.values[:, [place[sample] for sample in samples]]
        matrix = ExpressionMatrix(self.matrix.genes, samples, values, self.matrix.unit)
        return Expression(self.name, matrix, self.groups, self.identifiers, self.notes)

    def within(self, group: str | None) -> "Expression":
        """The samples of one of its groups; all of them without a group."""
        if group is None:
            return self
        samples = [sample for sample in self.matrix.samples if self.groups.get(sample) == group]
        if not samples:
            there = ", ".join(dict.fromkeys(self.groups.values())) or "none"
            raise OmicsInputError(
                f"The expression {self.name} has no sample of the group {group}; its groups: {there}."
            )
        return self.of(samples)

    def logged(self) -> ExpressionMatrix:
        """log2(x + 1) of TPM, FPKM or counts; log2 values as they are."""
        if self.matrix.unit == LOG2:
            return self.matrix
        return ExpressionMatrix(self.matrix.genes, self.matrix.samples, np.log2(self.matrix.values + 1), LOG2)

    @property
    def frame(self) -> pd.DataFrame:
        return self.matrix.table


def load(source: Source) -> Any:
    """DiscoveryError names the block and what is wrong in its file."""
    try:
        return LOADERS[source.kind](source)
    except (OmicsInputError, FormatError) as error:
        raise DiscoveryError(f"{source.place}: {error}") from error
    except OSError as error:
        # Its own words name a place on this machine.
        raise DiscoveryError(f"{source.place} cannot be read: {error.strerror or error}.") from error


def table(path: Path, **options: Any) -> pd.DataFrame:
    """A TSV or CSV file (``.gz`` too), told apart by its name; blank and NA cells are missing."""
    separator = "," if ".csv" in path.suffixes[-2:] else "\t"
    try:
        return pd.read_csv(path, sep=separator, **options)
    except pd.errors.EmptyDataError as error:
        raise OmicsInputError(f"{path.name} is empty.") from error
    except (pd.errors.ParserError, OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise OmicsInputError(f"{path.name} is no table: {error}.") from error


def matrix(path: Path) -> pd.DataFrame:
    """Names in the first column, numbers in all others."""
    found = table(path, index_col=0)
    found.index = found.index.astype(str)
    return _numeric(found, path)


def _numeric(found: pd.DataFrame, path: Path) -> pd.DataFrame:
    for name in found.columns:
        if not pd.api.types.is_numeric_dtype(found[name]):
            raise OmicsInputError(f"{path.name} holds something that is not a number in the column {name}.")
    return found


def pairs(path: Path, **options: Any) -> dict[str, str]:
    """The first two columns, one to the other; without the rows whose second is blank."""
    found = table(path, dtype=str, keep_default_na=False, **options)
    if found.shape[1] < 2:
        raise OmicsInputError(f"{path.name} has one column, and two are wanted.")
    both = zip(found.iloc[:, 0].str.strip(), found.iloc[:, 1].str.strip(), strict=True)
    return {first: second for first, second in both if second}


def names(path: Path) -> list[str]:
    """One name a line; of several cells the first."""
    return [line.split("\t")[0].strip().strip('"') for _number, line in text_lines(path)]


def _expression(source: Source) -> Expression:
    path, settings = source.must("file"), source.settings
    is_gdc = settings["layout"] == GDC
    asked = Asked(
        path.parent if is_gdc else path,
        settings["unit"],
        by_symbol=settings["identifiers"] == SYMBOL,
        gene_column=settings["genes"] or "",
        ignored=tuple(settings["ignore"]),
        missing=settings["unit"] == LOG2,
        row_names=True,
        sheet=path if is_gdc else None,
        from_log2=settings["from_log2"],
    )
    read = read_layout(asked, settings["layout"])
    genes, samples, unnamed = read.table.genes, read.table.samples, read.table.unnamed
    if settings["identifiers"] == ENSEMBL:
        genes = [without_version(gene) for gene in genes]
    made = one_row_per_gene(genes, samples, read.table.values, settings["unit"], settings["duplicates"])
    notes = []
    if made.collapsed:
        notes.append(f"Genes with several rows, which became one by {settings['duplicates']}: {len(made.collapsed)}.")
    if unnamed + made.unnamed:
        notes.append(f"Rows without a gene, left out: {unnamed + made.unnamed}.")
    if read.incomplete:
        notes.append(f"Rows without the value of some sample, left out: {read.incomplete}.")
    groups = _groups(source, samples)
    if groups and len(groups) < len(samples):
        notes.append(f"Samples in no group: {len(samples) - len(groups)} of {len(samples)}.")
    return Expression(source.name, made.expression, groups, settings["identifiers"], tuple(notes))


def _groups(source: Source, samples: list[str]) -> dict[str, str]:
    if source.settings["barcode"] == TCGA:
        types = {sample: sample.split("-")[3][:2] if sample.count("-") >= 3 else "" for sample in samples}
        bad = [sample for sample, code in types.items() if not code.isdigit()]
        if bad:
            raise OmicsInputError(f"The sample {bad[0]} is no TCGA barcode with a sample type.")
        return {sample: SAMPLE_TYPES[code] for sample, code in types.items() if code in SAMPLE_TYPES}
    path = source.path("groups")
    if path is None:
        return {}
    asked = source.settings["groups"]
    found = table(path, dtype=str, keep_default_na=False)
    for wanted in (asked["sample"], asked["group"]):
        if wanted not in found:
            raise OmicsInputError(f"{path.name} has no column {wanted}.")
    pairs = zip(found[asked["sample"]].str.strip(), found[asked["group"]].str.strip(), strict=True)
    groups: dict[str, str] = {}
    for sample, group in pairs:
        if groups.setdefault(sample, group) != group:
            raise OmicsInputError(f"{path.name} puts the sample {sample} into two groups.")
    mine = {sample: groups[sample] for sample in samples if groups.get(sample)}
    if not mine:
        raise OmicsInputError(f"{path.name} has no group of any sample of the expression.")
    return mine


def _mutations(source: Source) -> Mutations:
    return read_maf(*source.files["file"], tcga=source.settings["barcode"] == TCGA)


def _sets(source: Source) -> GeneSets:
    path = source.must("file")
    return read_gmt("\n".join(line for _number, line in text_lines(path)))


def _scores(source: Source) -> Outcome:
    """A table of samples as the step that gave it would have left it."""
    path, settings = source.must("file"), source.settings
    header = list(table(path, nrows=0).columns)
    column = settings["samples"] or header[0]
    for wanted in (column, *settings["ignore"]):
        if wanted not in header:
            raise OmicsInputError(f"{path.name} has no column {wanted}.")
    found = table(path, converters={column: str.strip}, low_memory=False)
    distinct(list(found[column]), "sample")
    scores = _numeric(found.drop(columns=[column, *settings["ignore"]]), path).astype(np.float64)
    if scores.empty:
        raise OmicsInputError(f"{path.name} holds no score beside the names of the samples.")
    scores.insert(0, SAMPLE, found[column])
    return Outcome(scores, ())


def _places(source: Source) -> pd.DataFrame:
    path = source.path("file")
    if path is not None:
        return table(path, dtype={"chromosome": str, "symbol": str, "arm": str})
    # In an order of their own: as they were written they are the same data, and have the same fingerprint.
    written = pd.Series(dict(sorted(source.settings["genes"].items())), dtype=str)
    found = written.str.extract(PLACE)
    bad = found.index[found.isna().any(axis=1)]
    if len(bad):
        raise OmicsInputError(f"The place of {bad[0]} is written as chromosome:start-end, not {written[bad[0]]!r}.")
    return found.set_axis(["chromosome", "start", "end"], axis=1).rename_axis("symbol").reset_index()


def _same(source: Source) -> Source:
    return source


LOADERS: Mapping[str, Callable[[Source], Any]] = {
    EXPRESSION: _expression,
    MUTATIONS: _mutations,
    SEGMENTS: lambda source: read_segments(source.must("file")),
    GISTIC: _same,
    SIGNATURE: _same,
    SETS: _sets,
    SCORES: _scores,
    PLACES: _places,
    IDENTIFIERS: lambda source: pairs(source.must("file")),
}
