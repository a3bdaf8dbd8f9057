"""ESTIMATE against its own code and against tidyestimate, which knows other names of genes."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.omics.estimate import estimate
from tests.parity.omics.cases import prefixes, vectors
from tests.parity.omics.reading import close, gene_sets, matrix, names

COLUMNS = ["stromal", "immune", "estimate", "purity"]


def expression(folder: Path, case: str) -> pd.DataFrame:
    own = folder / f"{case}_expression.tsv.gz"
    return matrix(own if own.exists() else folder.parent / "shared" / f"{case}_mat.tsv.gz")


@pytest.mark.parametrize("case", prefixes("estimate", "_expected_original_genes.tsv"))
def test_the_original_genes(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("estimate", case)
    sets = gene_sets(folder / "SI_geneset.gmt")
    found = estimate(
        expression(folder, case),
        common_genes=names(folder / "common_genes_10412.txt.gz"),
        stromal=sets["StromalSignature"],
        immune=sets["ImmuneSignature"],
    )
    expected = matrix(folder / f"{case}_expected_original_genes.tsv").set_axis(COLUMNS, axis=1)
    compared(close(found.scores, expected, atol=1e-6))


@pytest.mark.parametrize("case", prefixes("estimate", "_expected_tidyestimate_alias.tsv"))
def test_genes_found_by_their_aliases(case: str, compared: Callable[[int], None]) -> None:
    folder = vectors("estimate", case)
    sets = gene_sets(folder / "tidyestimate_gene_sets.gmt")
    known = pd.read_csv(folder / "tidyestimate_common_genes.tsv.gz", sep="\t", dtype=str).dropna(subset="hgnc_symbol")
    synonyms = known.dropna(subset="external_synonym").groupby("hgnc_symbol")["external_synonym"]
    found = estimate(
        expression(folder, case),
        common_genes=known["hgnc_symbol"].unique().tolist(),
        stromal=sets["stromal_signature"],
        immune=sets["immune_signature"],
        aliases=synonyms.agg(list).to_dict(),
    )
    expected = matrix(folder / f"{case}_expected_tidyestimate_alias.tsv")
    # As printed: five decimals, four and seven.
    for columns, printed in ((COLUMNS[:2], 5.1e-6), (COLUMNS[2:3], 5.1e-5), (COLUMNS[3:], 5.1e-8)):
        compared(close(found.scores, expected[columns], atol=printed))
    if case == "ov":
        assert (found.provenance.genes_found, len(found.rescued)) == (10364, 461)
