"""How data may be written: layouts of public sources, Ensembl with versions, other identifiers, missing logarithms."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.core.management import CommandError

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


def _in_every_layout(folder: Path, counts: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """The same counts as files of every layout: by name of the data, the file and more settings."""
    genes, samples = list(counts.index), list(counts.columns)
    counts.to_csv(folder / "plain.csv")
    counts.assign(note="of, two").to_csv(folder / "quoted.csv")
    table = counts.rename_axis("NAME").reset_index()
    table.insert(1, "Description", "na")
    head = f"#1.2\n{len(genes)}\t{len(samples)}\n"
    (folder / "counts.gct").write_text(head + table.to_csv(sep="\t", index=False))
    np.log2(counts + 1).to_csv(folder / "xena.tsv.gz", sep="\t")
    rows = [["!Series_title", "Trial"], ["!Sample_geo_accession", *samples], ["!series_matrix_table_begin"]]
    rows += [["ID_REF", *samples], *([gene, *map(str, counts.loc[gene])] for gene in genes)]
    (folder / "series.txt").write_text(
        "\n".join("\t".join(row) for row in [*rows, ["!series_matrix_table_end"]]) + "\n"
    )
    long = counts.rename_axis("gene_id").reset_index().melt("gene_id", None, "icgc_specimen_id", "raw_read_count")
    long.assign(icgc_donor_id=long["icgc_specimen_id"].str[:12]).to_csv(folder / "icgc.tsv", sep="\t", index=False)
    sheet = ["File Name\tSample ID\n"]
    for sample in samples:
        (folder / "files" / sample).mkdir(parents=True)
        star = pd.DataFrame({"gene_id": [f"ENSG{n:011}.1" for n in range(len(genes))], "gene_name": genes})
        star.assign(unstranded=counts[sample].to_numpy()).to_csv(
            folder / "files" / sample / f"{sample}.tsv", sep="\t", index=False
        )
        sheet.append(f"{sample}.tsv\t{sample}\n")
    (folder / "files" / "sheet.tsv").write_text("".join(sheet))
    return {
        "plain": ("plain.csv", ""),
        "quoted": ("quoted.csv", 'ignore = ["note"]'),
        "gct": ("counts.gct", ""),
        "xena": ("xena.tsv.gz", 'layout = "xena"\nfrom_log2 = true'),
        "geo": ("series.txt", 'layout = "geo"'),
        "icgc": ("icgc.tsv", 'layout = "icgc"'),
        "gdc": ("files/sheet.tsv", 'layout = "gdc"'),
    }


def test_the_same_counts_are_read_in_every_layout(folder: Path) -> None:
    counts = pd.read_csv(folder / "trial.tsv", sep="\t", index_col=0)
    counts.columns = [f"TCGA-AA-{number:04}-01A" for number in range(counts.shape[1])]
    layouts = _in_every_layout(folder, counts)
    data = "".join(
        f'[data.{name}]\nkind = "expression"\nfile = "{file}"\nunit = "counts"\n{more}\n'
        f'[[steps]]\nname = "of-{name}"\nmethod = "group_by"\nexpression = "{name}"\ngene = "G000"\n'
        for name, (file, more) in layouts.items()
    )
    out = run(folder, f'[study]\ntitle = "Layouts"\n{data}')
    for name in layouts:
        found = table_of(out, f"of-{name}").set_index("sample")["value"]
        assert found.to_dict() == pytest.approx(counts.loc["G000"].to_dict()), name


def test_files_that_a_sheet_of_the_gdc_names_are_data(folder: Path) -> None:
    """One of them changes, and the step is computed again; one is gone, and the run says which."""
    counts = pd.read_csv(folder / "trial.tsv", sep="\t", index_col=0)
    _in_every_layout(folder, counts)
    step = 'name = "halves"\nmethod = "group_by"\nexpression = "gdc"\ngene = "G000"\n'
    data = '[data.gdc]\nkind = "expression"\nfile = "files/sheet.tsv"\nunit = "counts"\nlayout = "gdc"\n'
    configuration = f'[study]\ntitle = "GDC"\n{data}[[steps]]\n{step}'
    out = run(folder, configuration)
    first = kept(out, "halves")["fingerprint"]
    path = folder / "files" / "P3" / "P3.tsv"
    path.write_text(path.read_text().replace("\tG119\t", "\tG120\t"))
    with pytest.raises(CommandError, match=r"Its genes are not those of P0\.tsv"):
        run(folder, configuration)
    path.write_text(path.read_text().replace("\tG120\t", "\tG119\t"))
    run(folder, configuration)
    assert kept(out, "halves")["fingerprint"] == first
    path.unlink()
    with pytest.raises(CommandError, match=r"row 5, column File Name, “P3\.tsv”: The file is not in the folder"):
        run(folder, configuration)
