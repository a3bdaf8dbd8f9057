"""Three lists of differentially expressed genes: which are in which, and which could not be."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from analysis.omics.errors import OmicsInputError
from analysis.stats.arrays import BoolArray, FloatArray

# In all three first, then without the first, the second, the third, then in one alone.
ORDER = (
    (True, True, True),
    (False, True, True),
    (True, False, True),
    (False, False, True),
    (True, True, False),
    (False, True, False),
    (True, False, False),
)

UP, DOWN, EITHER = "up", "down", "either"
BEYOND: Mapping[str, Callable[[FloatArray, float], BoolArray]] = {
    UP: lambda change, least: change > least,
    DOWN: lambda change, least: change < -least,
    EITHER: lambda change, least: np.abs(change) > least,
}


@dataclass(frozen=True)
class Region:
    """Genes that are in exactly these of the lists, sorted; ``not_measured`` maps a gene of the region to the lists
    that it is not in for want of a measurement."""

    inside: tuple[bool, bool, bool]
    genes: tuple[str, ...]
    not_measured: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Venn:
    """Seven regions in the order of ``ORDER``."""

    names: tuple[str, str, str]
    regions: tuple[Region, ...]

    @property
    def common(self) -> tuple[str, ...]:
        """Genes in all three lists."""
        return self.regions[0].genes


def three_way(lists: Mapping[str, Set[str]], measured: Mapping[str, Set[str]] | None = None) -> Venn:
    """The seven regions of three lists of genes.

    Parameters
    ----------
    lists : mapping
        Name of each of three sources to the genes selected in it.
    measured : mapping, optional
        Name of each source to all genes that it measured; without it every gene counts as measured everywhere.

    Returns
    -------
    Venn

    Raises
    ------
    OmicsInputError
        Not three lists, or a selected gene that its source did not measure.
    """
    if len(lists) != len(ORDER[0]):
        raise OmicsInputError(f"Three lists of genes are compared, not {len(lists)}.")
    if measured is not None:
        _check_measured(lists, measured)
    first, second, third = lists
    found: dict[tuple[bool, bool, bool], list[str]] = {inside: [] for inside in ORDER}
    for gene in sorted(set().union(*lists.values())):
        found[gene in lists[first], gene in lists[second], gene in lists[third]].append(gene)
    regions = tuple(
        Region(inside, tuple(genes), {} if measured is None else _not_measured(genes, measured))
        for inside, genes in found.items()
    )
    return Venn((first, second, third), regions)


def _check_measured(lists: Mapping[str, Set[str]], measured: Mapping[str, Set[str]]) -> None:
    for name, selected in lists.items():
        if name not in measured:
            raise OmicsInputError(f"It is not said which genes {name} measured.")
        unknown = sorted(selected - measured[name])
        if unknown:
            raise OmicsInputError(f"Gene {unknown[0]} is selected in {name}, which did not measure it.")


def _not_measured(genes: Sequence[str], measured: Mapping[str, Set[str]]) -> dict[str, tuple[str, ...]]:
    lacking = {gene: tuple(name for name, known in measured.items() if gene not in known) for gene in genes}
    return {gene: names for gene, names in lacking.items() if names}


@dataclass(frozen=True)
class DifferentialGenes:
    """Differential expression of one source; arrays of shape (rows,). A gene may have several rows."""

    symbols: tuple[str, ...]
    log_fold_change: FloatArray
    adjusted_p: FloatArray
    mean_expression: FloatArray

    def __post_init__(self) -> None:
        for name in ("log_fold_change", "adjusted_p", "mean_expression"):
            if getattr(self, name).shape != (len(self.symbols),):
                raise OmicsInputError(f"The column {name} does not have one value for each of the symbols.")


def selected(table: DifferentialGenes, *, alpha: float, least_change: float, direction: str = UP) -> set[str]:
    """Symbols with adjusted p below ``alpha`` and a fold change beyond ``least_change`` (log2), both strictly.

    A symbol with several rows is judged by the one with the smallest adjusted p, and of equal ones by that with the
    largest mean expression. A missing p is never significant.

    Raises
    ------
    OmicsInputError
        An unknown direction, or a threshold that no fold change has.
    """
    if direction not in BEYOND:
        raise OmicsInputError(f"The direction of change is one of {', '.join(BEYOND)}, not {direction!r}.")
    if not (0 < alpha <= 1 and least_change >= 0):
        raise OmicsInputError("The level of p lies between 0 and 1, and the least fold change is not below 0.")
    p = np.where(np.isnan(table.adjusted_p), np.inf, table.adjusted_p)
    chosen: dict[str, int] = {}
    for row in np.lexsort((-table.mean_expression, p)).tolist():
        chosen.setdefault(table.symbols[row], row)
    beyond = BEYOND[direction](table.log_fold_change, least_change) & (p < alpha)
    return {symbol for symbol, row in chosen.items() if symbol.strip() and beyond[row]}
