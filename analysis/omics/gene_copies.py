"""Copy change of genes and of chromosome arms from the profiles of a cohort."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.omics.copy_profiles import CopyProfiles
from analysis.omics.errors import OmicsInputError
from analysis.omics.segments import chromosome
from analysis.stats.arrays import FloatArray, IntArray

COLLAPSES = ("mean", "extreme")
ARM_MARKERS = 50


@dataclass(frozen=True)
class GeneCopies:
    """Copy change in units of 2^(1 + log2 ratio) - 2, genes x samples; genes without a marker are ``not_covered``."""

    values: pd.DataFrame
    not_covered: tuple[str, ...]
    collapse: str


def gene_copies(profiles: CopyProfiles, genes: pd.DataFrame, *, collapse: str = "mean") -> GeneCopies:
    """One value a gene and sample.

    Parameters
    ----------
    genes : DataFrame
        Columns symbol, chromosome, start, end (1-based, both inside); one row a gene or isoform, in the segments'
        genome build.
    collapse : {"mean", "extreme"}
        Over the markers of a gene: their mean, or the larger of minimum and maximum in size (the minimum if equal).

    Raises
    ------
    OmicsInputError
        A column is missing, a place is no number, or the collapse is unknown.

    Notes
    -----
    As ``all_data_by_genes`` of GISTIC2: a gene has the markers inside it and the nearest one on either side. Isoforms
    on one chromosome are one gene from the first start to the last end; a symbol on two chromosomes gets ``|chrN``.
    """
    if collapse not in COLLAPSES:
        raise OmicsInputError(f"The collapse is one of {', '.join(COLLAPSES)}, not {collapse!r}.")
    loci = _loci(genes)
    first, after = _marker_ranges(profiles, loci)
    covered = after > first
    columns = {}
    for sample in profiles.runs:
        values = profiles.values(sample)
        columns[sample] = (_means if collapse == "mean" else _extremes)(values, first[covered], after[covered])
    names = loci["symbol"].to_numpy()
    return GeneCopies(pd.DataFrame(columns, index=names[covered]), tuple(names[~covered]), collapse)


def arm_copies(profiles: CopyProfiles, arms: pd.DataFrame) -> pd.DataFrame:
    """Median copy change over the markers of each arm, arms x samples; arms with fewer than 50 markers are left out.

    ``arms`` has the columns arm, chromosome, start, end. This stands for GISTIC2's median of the broad reconstruction,
    which needs its ziggurat deconstruction: an approximation that results have to name.
    """
    places = checked_places(arms.rename(columns={"arm": "symbol"}), "arms")
    first, after = _marker_ranges(profiles, places, beside=0)
    kept = np.flatnonzero(after - first >= ARM_MARKERS)
    columns = {}
    for sample in profiles.runs:
        values = profiles.values(sample)
        columns[sample] = [float(np.median(values[first[arm] : after[arm]])) for arm in kept]
    return pd.DataFrame(columns, index=places["symbol"].to_numpy()[kept])


def _loci(genes: pd.DataFrame) -> pd.DataFrame:
    found = checked_places(genes, "genes")
    merged = found.groupby(["symbol", "chromosome"], sort=False, as_index=False).agg({"start": "min", "end": "max"})
    twice = merged["symbol"].duplicated(keep=False)
    merged.loc[twice, "symbol"] = merged["symbol"][twice] + "|chr" + merged["chromosome"][twice]
    return merged


def checked_places(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """Columns symbol, chromosome (without "chr"), start and end, one row a place; ``what`` they are of, for messages.

    Raises
    ------
    OmicsInputError
        A column is missing, or a place is no start and end.
    """
    wanted = ["symbol", "chromosome", "start", "end"]
    lacking = [name for name in wanted if name not in table]
    if lacking:
        raise OmicsInputError(f"The table of {what} lacks the column {', '.join(lacking)}.")
    found = table[wanted].copy()
    found["symbol"] = found["symbol"].astype(str)
    found["chromosome"] = found["chromosome"].map(chromosome)
    for name in ("start", "end"):
        found[name] = pd.to_numeric(found[name], errors="coerce")
    wrong = found[found[["start", "end"]].isna().any(axis=1) | (found["end"] < found["start"])]
    if len(wrong):
        raise OmicsInputError(
            f"The place of {wrong['symbol'].iloc[0]} in the table of {what} is not a start and an end."
        )
    return found


def _marker_ranges(profiles: CopyProfiles, places: pd.DataFrame, *, beside: int = 1) -> tuple[IntArray, IntArray]:
    """First marker and the one after the last, with so many more on either side; both 0 where there is none."""
    first = np.zeros(len(places), dtype=np.int64)
    after = np.zeros(len(places), dtype=np.int64)
    for name, marks in profiles.chromosomes.items():
        own = np.flatnonzero(places["chromosome"] == name)
        low = np.searchsorted(marks.positions, places["start"].to_numpy()[own], side="left") - beside
        high = np.searchsorted(marks.positions, places["end"].to_numpy()[own], side="right") + beside
        first[own] = marks.offset + np.maximum(low, 0)
        after[own] = marks.offset + np.minimum(high, len(marks.positions))
    return first, after


def _means(values: FloatArray, first: IntArray, after: IntArray) -> FloatArray:
    running = np.concatenate(([0.0], np.cumsum(values)))
    means: FloatArray = (running[after] - running[first]) / (after - first)
    return means


def _extremes(values: FloatArray, first: IntArray, after: IntArray) -> FloatArray:
    """reduceat reduces between each two places; every second of them lies between two genes."""
    places = np.column_stack((first, after)).ravel()
    padded = np.append(values, values[-1])
    low, high = (reduce.reduceat(padded, places)[::2] for reduce in (np.minimum, np.maximum))
    return np.where(np.abs(high) > np.abs(low), high, low)
