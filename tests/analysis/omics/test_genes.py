"""Symbols, sets of genes and lists of differential genes."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.omics.errors import OmicsInputError
from analysis.omics.genes import match_symbols, one_row_per_gene, without_version
from analysis.omics.gmt import read_gmt, write_gmt
from analysis.omics.text_files import text_lines
from analysis.omics.venn import DifferentialGenes, selected, three_way

FEW = settings(max_examples=20, deadline=None)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ENSG00000141510.18", "ENSG00000141510"),
        (" ENSG00000141510 ", "ENSG00000141510"),
        ("ENSMUSG00000059552.13", "ENSMUSG00000059552"),
        ("ENSG00000002586.20_PAR_Y", "ENSG00000002586_PAR_Y"),
        ("ENSGR0000002586.11", "ENSGR0000002586"),
        ("TP53", "TP53"),
        ("RP11-34P13.7", "RP11-34P13.7"),
        ("NM_000546.6", "NM_000546.6"),
    ],
)
def test_an_ensembl_id_loses_its_version_and_nothing_else_does(written: str, read: str) -> None:
    assert without_version(written) == read


def test_symbols_are_found_in_any_case_and_shown_as_they_are() -> None:
    found = match_symbols(["tp53", "C1orf112", "AFP", "AFP"], [" TP53", "C1ORF112", "GPC3"])
    assert found.found == {"tp53": " TP53", "C1orf112": "C1ORF112"}
    assert found.missing == ("AFP",)


def test_one_gene_in_two_spellings_is_refused() -> None:
    with pytest.raises(OmicsInputError, match="TP53 and Tp53"):
        match_symbols(["TP53"], ["TP53", "Tp53"])


@pytest.mark.parametrize(
    ("rule", "values"), [("median", [2, 20]), ("mean", [3, 30]), ("max", [6, 60]), ("first", [2, 20])]
)
def test_rows_of_a_gene_are_collapsed_by_the_rule(rule: str, values: list[float]) -> None:
    rows = np.array([[2, 20], [5, 50], [1, 10], [9, 90], [6, 60.0]])
    found = one_row_per_gene(["a", "b", "a", " ", "a"], ["s", "t"], rows, "TPM", rule)
    assert (found.expression.genes, found.collapsed, found.unnamed) == (("a", "b"), ("a",), 1)
    assert found.expression.values.tolist() == [values, [5, 50]]


def test_a_gene_twice_may_be_an_error() -> None:
    with pytest.raises(OmicsInputError, match="gene a comes twice"):
        one_row_per_gene(["a", "a"], ["s"], np.ones((2, 1)), "TPM", "error")
    with pytest.raises(OmicsInputError, match="No row"):
        one_row_per_gene([" "], ["s"], np.ones((1, 1)), "TPM", "mean")
    with pytest.raises(OmicsInputError, match="rule"):
        one_row_per_gene(["a"], ["s"], np.ones((1, 1)), "TPM", "last")


def test_a_gmt_file_is_read() -> None:
    sets = read_gmt("A\tabout A\tg1\tg2\tg1\n\nCell cycle%WikiPathways_20180810%WP179%Homo sapiens\thttp\t991\t\n")
    assert dict(sets.genes) == {"A": ("g1", "g2"), "WP179": ("991",)}
    assert dict(sets.titles) == {"A": "about A", "WP179": "Cell cycle"}
    assert len(sets) == 2


def test_sets_of_reactome_are_known_by_their_stable_ids() -> None:
    """Its name comes before its id, two pathways may share a name, and old releases have words before the genes."""
    text = "Death\tR-HSA-1\tReactome Pathway\tg1\tg2\r\nDeath\tR-HSA-2\tg3\r\nREACTOME_DEATH\thttps://x/R-HSA-3\tg4\r\n"
    sets = read_gmt(text)
    assert dict(sets.genes) == {"R-HSA-1": ("g1", "g2"), "R-HSA-2": ("g3",), "REACTOME_DEATH": ("g4",)}
    assert sets.titles["R-HSA-2"] == "Death"
    assert read_gmt(write_gmt(sets)) == sets


def test_a_file_in_a_zip_is_read_as_it_was_downloaded(tmp_path: Path) -> None:
    path = tmp_path / "ReactomePathways.gmt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ReactomePathways.gmt", "# comment\nDeath\tR-HSA-1\tg1\r\n\n")
    assert list(text_lines(path)) == [(2, "Death\tR-HSA-1\tg1")]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("second.txt", "x")
    with pytest.raises(OmicsInputError, match="holds 2 files, and one is expected"):
        list(text_lines(path))
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(OmicsInputError, match="not a whole zip file"):
        list(text_lines(path))


NAMES = st.text("abcXYZ019_-", min_size=1, max_size=6)


@FEW
@given(st.dictionaries(NAMES, st.tuples(NAMES, st.lists(NAMES, min_size=1, max_size=5, unique=True)), min_size=1))
def test_what_is_written_is_read_back(content: dict[str, tuple[str, list[str]]]) -> None:
    text = "".join(f"{name}\t{title}\t" + "\t".join(genes) + "\n" for name, (title, genes) in content.items())
    sets = read_gmt(text)
    assert write_gmt(sets) == text
    assert read_gmt(write_gmt(sets)) == sets


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no set of genes"),
        ("A\ttitle\n", "Line 1 of the GMT file has the set A without genes"),
        ("A\n", "without genes"),
        ("A\tt\tg\nA\tt\th\n", "Line 2 of the GMT file names the set A a second time"),
        ("\tt\tg\n", "Line 1 of the GMT file has no name"),
    ],
)
def test_a_gmt_file_that_cannot_be_used_is_refused(text: str, told: str) -> None:
    with pytest.raises(OmicsInputError, match=told):
        read_gmt(text)


SETS = st.sets(st.integers(0, 20).map(str))


@FEW
@given(SETS, SETS, SETS)
def test_every_gene_is_in_one_region(a: set[str], b: set[str], c: set[str]) -> None:
    lists = {"a": a, "b": b, "c": c}
    venn = three_way(lists)
    placed = [gene for region in venn.regions for gene in region.genes]
    assert sorted(placed) == sorted(a | b | c)
    assert set(venn.common) == a & b & c
    for region in venn.regions:
        for name, inside in zip(venn.names, region.inside, strict=True):
            assert all((gene in lists[name]) is inside for gene in region.genes)


def test_a_gene_that_was_not_measured_is_told_from_one_that_did_not_change() -> None:
    lists = {"tumour": {"A", "B", "C"}, "exosome": {"A"}, "response": {"A", "B"}}
    measured = {"tumour": {"A", "B", "C", "D"}, "exosome": {"A", "C"}, "response": {"A", "B", "C"}}
    regions = {region.inside: region for region in three_way(lists, measured).regions}
    assert regions[True, False, True].not_measured == {"B": ("exosome",)}
    assert regions[True, False, False].not_measured == {}
    assert regions[True, True, True].genes == ("A",)


def test_lists_that_do_not_fit_are_refused() -> None:
    with pytest.raises(OmicsInputError, match="not 2"):
        three_way({"a": set(), "b": set()})
    with pytest.raises(OmicsInputError, match="Gene x is selected in a"):
        three_way({"a": {"x"}, "b": set(), "c": set()}, {"a": {"y"}, "b": {"y"}, "c": {"y"}})
    with pytest.raises(OmicsInputError, match="which genes c measured"):
        three_way({"a": set(), "b": set(), "c": set()}, {"a": set(), "b": set()})


def table(*rows: tuple[str, float, float, float]) -> DifferentialGenes:
    symbols, *columns = zip(*rows, strict=True)
    return DifferentialGenes(symbols, *(np.array(column, dtype=np.float64) for column in columns))


def test_thresholds_are_strict_and_a_missing_p_is_never_significant() -> None:
    rows = table(
        ("up", 0.6, 0.01, 5), ("at", 0.5, 0.01, 5), ("p", 0.6, 0.05, 5), ("nan", 3, np.nan, 5), ("down", -2, 0.001, 5)
    )
    assert selected(rows, alpha=0.05, least_change=0.5) == {"up"}
    assert selected(rows, alpha=0.05, least_change=0.5, direction="down") == {"down"}
    assert selected(rows, alpha=0.05, least_change=0.5, direction="either") == {"up", "down"}


def test_a_symbol_with_two_rows_is_judged_by_its_best() -> None:
    rows = table(("a", 2, 0.04, 9), ("a", -1, 0.01, 1), ("b", -1, 0.01, 1), ("b", 2, 0.01, 8), ("c", 1, np.nan, 5))
    assert selected(rows, alpha=0.05, least_change=0.5) == {"b"}


def test_thresholds_that_no_gene_has_are_refused() -> None:
    with pytest.raises(OmicsInputError, match="direction"):
        selected(table(("a", 1, 0.1, 1)), alpha=0.05, least_change=0, direction="sideways")
    with pytest.raises(OmicsInputError, match="level of p"):
        selected(table(("a", 1, 0.1, 1)), alpha=5, least_change=0)
    with pytest.raises(OmicsInputError, match="adjusted_p"):
        DifferentialGenes(("a",), np.ones(1), np.ones(2), np.ones(1))
