"""How data may be written: Ensembl with versions, other identifiers, counts for limma, missing logarithms, places."""

from pathlib import Path

import pytest

from tests.analysis.discovery.study import GENES, UP, discover, kept, table_of, written

LIMMA = """
[[steps]]
name = "changed"
method = "limma"
expression = "trial"
case = "PD"
control = "PR"
"""
TRIAL = """
[study]
title = "Inputs"

[data.trial]
kind = "expression"
file = "trial.tsv"
groups = { file = "people.tsv", sample = "id", group = "disease" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(tmp_path)
    return tmp_path


def run(folder: Path, configuration: str) -> Path:
    path = folder / "inputs.toml"
    path.write_text(configuration)
    assert discover(path, folder / "out")["refused"] == []
    return folder / "out"


def rewritten(folder: Path, name: str, was: str, becomes: str) -> None:
    path = folder / name
    assert was in path.read_text()
    path.write_text(path.read_text().replace(was, becomes, 1))


def test_limma_weighs_counts(folder: Path) -> None:
    out = run(folder, f'{TRIAL}unit = "counts"\n{LIMMA}voom = true\nleast_change = 1.0\n')
    assert kept(out, "changed")["lists"]["up"] == UP


def test_a_table_that_r_wrote_has_no_name_over_its_genes(folder: Path) -> None:
    """Its header is one short: no sample may become the names of the genes."""
    lines = (folder / "trial.tsv").read_text().splitlines()
    quoted = [[f'"{cell}"' for cell in lines[0].split("\t")[1:]]]
    quoted += [[f'"{cells[0]}"', *cells[1:]] for cells in (line.split("\t") for line in lines[1:])]
    (folder / "trial.tsv").write_text("".join("\t".join(cells) + "\n" for cells in quoted))
    out = run(folder, f'{TRIAL}unit = "counts"\n{LIMMA}voom = true\nleast_change = 1.0\n')
    assert kept(out, "changed")["lists"]["up"] == UP


def test_versions_of_ensembl_ids_are_cut_off(folder: Path) -> None:
    rewritten(folder, "trial.tsv", "\nG000\t", "\nENSG00000141510.18\t")
    out = run(folder, f'{TRIAL}unit = "counts"\nidentifiers = "ensembl"\n{LIMMA}voom = true\n')
    assert "ENSG00000141510" in kept(out, "changed")["lists"]["up"]


def test_a_gene_called_na_is_a_gene_and_a_logarithm_may_be_missing(folder: Path) -> None:
    rewritten(folder, "exosomes.csv", "\nG000,", "\nNA,")
    lines = (folder / "exosomes.csv").read_text().splitlines()
    name, _first, *rest = lines[2].split(",")
    lines[2] = ",".join([name, "", *rest])
    (folder / "exosomes.csv").write_text("\n".join(lines) + "\n")
    exosomes = TRIAL.replace("trial.tsv", "exosomes.csv")
    steps = LIMMA.replace('"PD"', '"HCC"').replace('"PR"', '"healthy"')
    out = run(folder, f'{exosomes}unit = "log2"\n{steps}')
    assert {"NA", "G001"} <= set(kept(out, "changed")["lists"]["up"])
    assert "NA" in set(table_of(out, "changed")["gene"])


def test_lists_are_translated_into_the_identifiers_of_the_sets(folder: Path) -> None:
    """The same sets by number, and a table from symbols: the same p."""
    numbers = {gene: str(1000 + place) for place, gene in enumerate(GENES)}
    sets = (folder / "sets.gmt").read_text().splitlines()
    rows = ["\t".join([*line.split("\t")[:2], *(numbers[g] for g in line.split("\t")[2:])]) for line in sets]
    (folder / "entrez.gmt").write_text("\n".join(rows) + "\n")
    (folder / "table.tsv").write_text("symbol\tentrez\n" + "".join(f"{g}\t{n}\n" for g, n in numbers.items()))
    both = """
[data.sets]
kind = "sets"
file = "sets.gmt"
[data.entrez]
kind = "sets"
file = "entrez.gmt"
identifiers = "entrez"
[data.table]
kind = "identifiers"
file = "table.tsv"
"""
    steps = "".join(
        f'\n[[steps]]\nname = "{method}-{sets}"\nmethod = "{method}"\n{role}\nsets = "{sets}"\nsmallest = 5\n{more}'
        for method, role in (("over_representation", 'genes = "changed:up"'), ("gsea", 'ranking = "changed"'))
        for sets, more in (("sets", ""), ("entrez", 'identifiers = "table"\n'))
    )
    out = run(folder, f'{TRIAL}unit = "counts"\n{both}{LIMMA}voom = true\n{steps}')
    for method in ("over_representation", "gsea"):
        by_symbol, by_number = (table_of(out, f"{method}-{sets}") for sets in ("sets", "entrez"))
        assert by_symbol["p"].tolist() == by_number["p"].tolist()
    assert table_of(out, "gsea-entrez")["set"].iloc[0] in ("risen", "fallen")


def test_places_and_arms_come_from_files(folder: Path) -> None:
    """The gene is gained as much as its whole arm, so that the gain is of low level."""
    (folder / "genes.tsv").write_text(
        "symbol\tchromosome\tstart\tend\nG000\t1\t5000000\t5010000\nG001\t2\t5\t9000000\n"
    )
    (folder / "arms.tsv").write_text(
        "arm\tchromosome\tstart\tend\n" + "".join(f"{n}p\t{n}\t1\t25000000\n" for n in range(1, 6))
    )
    out = run(
        folder,
        """
[study]
title = "Places"
[data.segments]
kind = "segments"
file = "segments.seg"
[data.genes]
kind = "places"
file = "genes.tsv"
[data.arms]
kind = "places"
file = "arms.tsv"
[[steps]]
name = "copies"
method = "copy_number"
segments = "segments"
places = "genes"
arms = "arms"
""",
    )
    found = table_of(out, "copies").set_index("gene")
    assert (found.loc["G000", "gain"], found.loc["G000", "amplification"]) == (0.5, 0)
    assert "stand for GISTIC's broad reconstruction" in " ".join(kept(out, "copies")["warnings"])


def test_a_gene_without_any_reads_is_measured_and_not_tested(folder: Path) -> None:
    lines = (folder / "trial.tsv").read_text().splitlines()
    lines[-1] = "\t".join([GENES[-1], *["0"] * 12])
    (folder / "trial.tsv").write_text("\n".join(lines) + "\n")
    lists = kept(run(folder, f'{TRIAL}unit = "counts"\n{LIMMA}voom = true\n'), "changed")["lists"]
    assert (len(lists["all"]), len(lists["measured"])) == (len(GENES) - 1, len(GENES))
