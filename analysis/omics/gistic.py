"""Finished output of GISTIC2: lesions, genes in peaks, scores along the genome, and tables by gene and arm."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.omics.errors import OmicsInputError
from analysis.omics.text_files import text_lines

VALUES_SUFFIX = " - CN values"
LESION_COLUMNS = {
    "Unique Name": "name",
    "Descriptor": "cytoband",
    "Wide Peak Limits": "wide_peak",
    "Peak Limits": "peak",
    "Region Limits": "region",
    "q values": "q",
    "Residual q values after removing segments shared with higher peaks": "residual_q",
}
PEAK_ROWS = ("cytoband", "q value", "residual q value", "wide peak boundaries", "genes in wide peak")
SCORE_COLUMNS = {
    "Type": "type",
    "Chromosome": "chromosome",
    "Start": "start",
    "End": "end",
    "-log10(q-value)": "minus_log10_q",
    "G-score": "g_score",
    "average amplitude": "amplitude",
    "frequency": "frequency",
}
BESIDE_GENES = ("gene id", "locus id", "cytoband")


@dataclass(frozen=True)
class Lesions:
    """Peaks by name in rows: where and how significant, calls 0 to 2 by sample, copy change by sample.

    ``copy_change`` is empty where the file holds calls only.
    """

    peaks: pd.DataFrame
    calls: pd.DataFrame
    copy_change: pd.DataFrame


@dataclass(frozen=True)
class PeakGenes:
    """Genes of one wide peak; ``ambiguous`` ones carry a "|" and stand for several loci."""

    cytoband: str
    q: float
    residual_q: float
    wide_peak: str
    genes: tuple[str, ...]
    ambiguous: tuple[str, ...]


@dataclass(frozen=True)
class GisticSummary:
    """What was read: an event is one gene in a peak called in one sample."""

    samples: int
    genes: int
    cytobands: int
    amplified: int
    deleted: int


def read_lesions(path: Path) -> Lesions:
    """``all_lesions.conf_NN.txt``.

    Raises
    ------
    OmicsInputError
        A column is missing, a call is not 0, 1 or 2, or a copy change is no number.
    """
    table = _table(path)
    _want(table.columns, LESION_COLUMNS, path)
    fixed = [*LESION_COLUMNS, "Broad or Focal", "Amplitude Threshold"]
    samples = [name for name in table.columns if name not in fixed and name.strip()]
    if not samples:
        raise OmicsInputError(f"{path.name} holds no sample.")
    table["Unique Name"] = table["Unique Name"].str.split().str.join(" ")
    changes = table["Unique Name"].str.endswith(VALUES_SUFFIX)
    peaks = table[~changes][list(LESION_COLUMNS)].rename(columns=LESION_COLUMNS).set_index("name").rename_axis(None)
    for name in ("q", "residual_q"):
        peaks[name] = pd.to_numeric(peaks[name], errors="coerce")
    peaks.insert(0, "type", np.where(peaks.index.str.startswith("Amp"), "Amp", "Del"))
    calls = _numbers(table[~changes], samples, path)
    copy_change = _numbers(table[changes], samples, path)
    return Lesions(peaks, _whole(calls, (0, 1, 2), path), copy_change.rename(index=_without_suffix))


def read_peak_genes(path: Path) -> list[PeakGenes]:
    """``amp_genes.conf_NN.txt`` or ``del_genes.conf_NN.txt``: one column a peak.

    A name in brackets is the nearest gene of a peak without any, and no gene of it.
    """
    rows = [line.split("\t") for _number, line in text_lines(path)]
    for place, name in enumerate(PEAK_ROWS):
        if len(rows) <= place or rows[place][0].strip().lower() != name:
            raise OmicsInputError(f"{path.name} lacks the row {name!r} in place {place + 1}.")
    width = max(len(row) for row in rows)
    columns = list(zip(*([*row, *[""] * (width - len(row))] for row in rows), strict=True))[1:]
    found = []
    for cells in ([cell.strip() for cell in column] for column in columns):
        if not cells[0]:
            continue
        names = [name for name in cells[4:] if name and not name.startswith("[")]
        genes = tuple(name for name in names if "|" not in name)
        ambiguous = tuple(name for name in names if "|" in name)
        q, residual = (_number(cell, path) for cell in cells[1:3])
        found.append(PeakGenes(cells[0], q, residual, cells[3], genes, ambiguous))
    return found


def gistic_summary(lesions: Lesions, amplified: Sequence[PeakGenes], deleted: Sequence[PeakGenes]) -> GisticSummary:
    """Counts as maftools ``readGistic`` prints them: genes that are not ambiguous, each as often as a peak names it."""
    events = {}
    for kind, peaks in (("Amp", amplified), ("Del", deleted)):
        rows = lesions.peaks["type"] == kind
        hits = dict(
            zip(lesions.peaks["wide_peak"][rows].map(_place), (lesions.calls[rows] > 0).sum(axis=1), strict=True)
        )
        events[kind] = sum(int(hits[peak.wide_peak]) * len(peak.genes) for peak in peaks)
    genes = {gene for peak in (*amplified, *deleted) for gene in peak.genes}
    return GisticSummary(lesions.calls.shape[1], len(genes), len(lesions.peaks), events["Amp"], events["Del"])


def read_scores(path: Path) -> pd.DataFrame:
    """``scores.gistic``: type, chromosome, start, end, minus_log10_q, g_score, amplitude, frequency."""
    table = _table(path)
    _want(table.columns, SCORE_COLUMNS, path)
    found = table[list(SCORE_COLUMNS)].rename(columns=SCORE_COLUMNS)
    for name in ("type", "chromosome"):
        found[name] = found[name].str.strip()
    for name in list(found)[2:]:
        found[name] = pd.to_numeric(found[name], errors="coerce")
        if found[name].isna().any():
            raise OmicsInputError(f"{path.name} has no number as {name} in row {found[name].isna().idxmax()}.")
    return found.reset_index(drop=True)


def read_gene_values(path: Path) -> pd.DataFrame:
    """``all_data_by_genes.txt``, ``broad_data_by_genes.txt`` or the like: copy change, genes x samples."""
    table = _table(path)
    key = table.columns[0]
    samples = [name for name in table.columns[1:] if name.lower().strip() not in BESIDE_GENES and name.strip()]
    if not samples:
        raise OmicsInputError(f"{path.name} has no sample beside the names of the genes.")
    return _numbers(table.rename(columns={key: "Unique Name"}), samples, path)


def read_gene_calls(path: Path) -> pd.DataFrame:
    """``all_thresholded.by_genes.txt``: calls -2 to 2, genes x samples."""
    return _whole(read_gene_values(path), (-2, -1, 0, 1, 2), path)


def read_arm_values(path: Path) -> pd.DataFrame:
    """``broad_values_by_arm.txt``: copy change, arms x samples."""
    return read_gene_values(path)


def read_sample_cutoffs(path: Path) -> pd.DataFrame:
    """``sample_cutoffs.txt``: columns Low and High, samples in rows."""
    table = read_gene_values(path)
    _want(table.columns, ("Low", "High"), path)
    return table[["Low", "High"]]


def _table(path: Path) -> pd.DataFrame:
    """Text cells with rows named by their line; trailing tabs make no column."""
    header: list[str] | None = None
    rows, numbers = [], []
    for number, line in text_lines(path):
        cells = line.split("\t")
        if header is None:
            header = [cell.strip() for cell in cells]
            continue
        if len(cells) < len([name for name in header if name]):
            raise OmicsInputError(f"{path.name} has too few cells in row {number}.")
        rows.append([*cells, *[""] * (len(header) - len(cells))][: len(header)])
        numbers.append(number)
    if header is None or not rows:
        raise OmicsInputError(f"{path.name} holds no row below a header.")
    return pd.DataFrame(rows, columns=header, index=numbers, dtype=str)


def _want(columns: Sequence[str] | pd.Index, wanted: Sequence[str] | dict[str, str], path: Path) -> None:
    lacking = [name for name in wanted if name not in columns]
    if lacking:
        raise OmicsInputError(f"{path.name} lacks the column {', '.join(lacking)}.")


def _numbers(table: pd.DataFrame, samples: list[str], path: Path) -> pd.DataFrame:
    numbers = table[samples].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    bad = np.argwhere(~np.isfinite(numbers))
    if len(bad):
        row, column = bad[0]
        raise OmicsInputError(f"{path.name} has no number for {samples[column]} in row {table.index[row]}.")
    return pd.DataFrame(numbers, index=table["Unique Name"].str.strip().to_numpy(), columns=samples)


def _whole(values: pd.DataFrame, allowed: Sequence[int], path: Path) -> pd.DataFrame:
    bad = np.argwhere(~np.isin(values.to_numpy(), allowed))
    if len(bad):
        row, column = bad[0]
        call = f"a call of {values.iat[row, column]:g} for {values.columns[column]}"
        raise OmicsInputError(f"{path.name} has {call} in {values.index[row]}.")
    return values.astype("int64")


def _number(cell: str, path: Path) -> float:
    try:
        return float(cell)
    except ValueError:
        raise OmicsInputError(f"{path.name} has {cell!r} where a q value belongs.") from None


def _without_suffix(name: str) -> str:
    return name.removesuffix(VALUES_SUFFIX)


def _place(limits: str) -> str:
    return limits.partition("(")[0].strip()
