"""What two or three lists of genes have in common."""

from collections import Counter
from typing import Any

import pandas as pd

from analysis.discovery.method import DIFFERENTIAL, GENES, Given, Method, Outcome, Role
from analysis.discovery.methods.differential import MEASURED
from analysis.discovery.methods.tables import GENE, counted, listed
from analysis.discovery.sources import SETS
from analysis.omics.errors import OmicsInputError
from analysis.omics.venn import three_way

COMMON = "common"
THREE = 3


def _intersect(given: Given) -> Outcome:
    lists: dict[str, set[str]] = {}
    measured: dict[str, set[str]] = {}
    for one in given.all("lists"):
        name = f"{one.name}:{one.part}"
        genes = one.outcome.lists.get(one.part)
        if genes is None:
            raise OmicsInputError(f"{one.name} has no list {one.part}; it has {listed(list(one.outcome.lists))}.")
        lists[name] = set(genes)
        if MEASURED in one.outcome.lists:
            measured[name] = set(one.outcome.lists[MEASURED])
    every = set().union(*lists.values(), *measured.values())
    measured = {name: measured.get(name, every) for name in lists}
    common = sorted(set.intersection(*lists.values()))
    rows = [{"list": name, "genes": len(genes)} for name, genes in lists.items()]
    headline = [f"{counted(len(common), 'gene')} in common: {listed(common, 24)}." if common else "No gene in common."]
    summary: dict[str, Any] = {"lists": {row["list"]: row["genes"] for row in rows}, "common": len(common)}
    summary |= {"names": list(lists), "regions": _regions(list(lists.values()))}
    if len(lists) != THREE:
        table = pd.DataFrame({GENE: common, "inside": [" + ".join(lists)] * len(common)})
        return Outcome(table, headline, summary, {COMMON: tuple(common)}, extra={"lists": pd.DataFrame(rows)})
    venn = three_way(lists, measured)
    regions = [
        (" + ".join(name for name, inside in zip(venn.names, region.inside, strict=True) if inside), region)
        for region in venn.regions
    ]
    table = pd.DataFrame(
        [
            {GENE: gene, "inside": title, "not_measured": " + ".join(region.not_measured.get(gene, ()))}
            for title, region in regions
            for gene in region.genes
        ],
        columns=[GENE, "inside", "not_measured"],
    )
    sizes = pd.DataFrame(
        [
            {"inside": title, "genes": len(region.genes), "of_them_not_measured_elsewhere": len(region.not_measured)}
            for title, region in regions
        ]
    )
    unmeasured = int((table["not_measured"] != "").sum())
    if unmeasured:
        headline.append(f"{counted(unmeasured, 'gene')} of the others could not be common: not measured in some list.")
    return Outcome(
        table, headline, summary | {"not_measured": unmeasured}, {COMMON: tuple(common)}, extra={"regions": sizes}
    )


def _regions(lists: list[set[str]]) -> list[dict[str, Any]]:
    """Genes that are in exactly these of the lists."""
    found = Counter(tuple(gene in one for one in lists) for gene in set().union(*lists))
    return [{"inside": list(inside), "count": n} for inside, n in sorted(found.items(), reverse=True)]


INTERSECT = Method(
    "intersect",
    "Genes in common",
    "1",
    _intersect,
    {"lists": Role((DIFFERENTIAL, GENES, SETS), several=True, part="list")},
    {},
    gives=GENES,
    lists=(COMMON,),
)
