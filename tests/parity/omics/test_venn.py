"""VennDiagram: the seven regions of three lists."""

import json
from collections.abc import Callable

import pytest

from analysis.omics.venn import three_way
from tests.parity.omics.cases import prefixes, vectors
from tests.parity.omics.named_rows import records


@pytest.mark.parametrize("case", prefixes("venn", "regions.tsv"))
def test_the_regions_are_those_of_the_partition(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("venn", case)
    header, *rows = records(folder / f"{case}regions.tsv")
    lists = json.loads((folder / f"{case}sets.json").read_text(encoding="utf-8"))
    venn = three_way({name: set(lists[name]) for name in header[:3]})
    assert [
        [*(str(flag).upper() for flag in region.inside), str(len(region.genes)), ",".join(region.genes)]
        for region in venn.regions
    ] == rows
    compared(2 * len(rows))
