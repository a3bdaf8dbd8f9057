"""A small study with known truth, as files and a configuration; and `manage.py discover` as a test calls it."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from analysis.omics.maf import REQUIRED

GENES = [f"G{number:03}" for number in range(120)]
UP, DOWN = GENES[:12], GENES[12:18]
TUMOURS = [f"TCGA-AA-{number:04}-01A-11R-A000-07" for number in range(10)]
NORMALS = [f"TCGA-AA-{number:04}-11A-11R-A000-07" for number in range(6)]
RECURRENT = "TCGA-AA-0000-02A-11R-A000-07"

# Blocks of data by name, for the configurations of other tests too.
DATA = {
    "tissue": """
[data.tissue]
kind = "expression"
file = "tissue.tsv.gz"
genes = "symbol"
ignore = ["ensembl"]
unit = "TPM"
duplicates = "mean"
barcode = "tcga"
""",
    "exosomes": """
[data.exosomes]
kind = "expression"
file = "exosomes.csv"
unit = "log2"
groups = { file = "people.tsv", sample = "id", group = "disease" }
""",
    "trial": """
[data.trial]
kind = "expression"
file = "trial.tsv"
unit = "counts"
groups = { file = "people.tsv", sample = "id", group = "disease" }
""",
    "maf": """
[data.maf]
kind = "mutations"
file = ["mutations.maf"]
""",
    "segments": """
[data.segments]
kind = "segments"
file = "segments.seg"
""",
    "places": """
[data.places]
kind = "places"
genes = { G000 = "1:5000000-5010000", G001 = "chr2:5000000-5010000" }
""",
    "sets": """
[data.sets]
kind = "sets"
file = "sets.gmt"
""",
    "cells": """
[data.cells]
kind = "signature"
form = "abis"
matrix = "cells.tsv"
""",
}
TISSUE_UP = """
[[steps]]
name = "tissue-up"
method = "limma"
expression = "tissue"
case = "tumour"
control = "normal"
log = true
"""


def data(*names: str) -> str:
    return "".join(DATA[name] for name in names)


CONFIGURATION = f"""
[study]
title = "A small study"
seed = 7
{data(*DATA)}
[[steps]]
name = "shared"
method = "intersect"
lists = ["tissue-up:up", "exosomes-up:up", "trial-up:up"]

{TISSUE_UP}
[[steps]]
name = "exosomes-up"
method = "limma"
expression = "exosomes"
case = "HCC"
control = "healthy"
trend = true

[[steps]]
name = "trial-up"
method = "deseq2"
expression = "trial"
case = "PD"
control = "PR"
least_change = 1.0

[[steps]]
name = "mutations"
method = "mutation_summary"
mutations = "maf"
genes = ["G000", "G005"]

[[steps]]
name = "waterfall"
method = "waterfall"
mutations = "maf"
lists = ["shared:common"]

[[steps]]
name = "copies"
method = "copy_number"
segments = "segments"
places = "places"

[[steps]]
name = "abis"
method = "abis"
expression = "tissue"
within = "tumour"
signature = "cells"

[[steps]]
name = "lm22"
method = "cibersort"
expression = "tissue"

[[steps]]
name = "by-lm22"
method = "group_by"
score = "lm22:Monocytes"

[[steps]]
name = "high-low"
method = "group_by"
expression = "tissue"
gene = "g000"
within = "tumour"

[[steps]]
name = "compared"
method = "compare_groups"
expression = "tissue"
genes = ["G000", "G001", "NOWHERE"]
values = ["abis:one"]
groups = "high-low"

[[steps]]
name = "correlated"
method = "correlate"
expression = "tissue"
within = "tumour"
genes = ["G000", "G001", "G002"]

[[steps]]
name = "pathways"
method = "over_representation"
genes = "tissue-up:up"
sets = "sets"
smallest = 5

[[steps]]
name = "ranked"
method = "gsea"
ranking = "tissue-up"
sets = "sets"
smallest = 5

[[steps]]
name = "scored"
method = "set_scores"
expression = "exosomes"
sets = "sets"
by = "ssgsea"
"""


def written(folder: Path, configuration: str = CONFIGURATION) -> Path:
    """All files of the study and its configuration."""
    random = np.random.default_rng(3)
    _tissue(folder, random)
    _others(folder, random)
    _genome(folder)
    sets = {"risen": UP, "mixed": GENES[40:60], "fallen": [*DOWN, *GENES[80:84]]}
    (folder / "sets.gmt").write_text("".join("\t".join((n, f"The {n}", *own)) + "\n" for n, own in sets.items()))
    cells = pd.DataFrame(random.uniform(10, 900, (60, 2)), index=GENES[:60], columns=["one", "two"])
    cells.to_csv(folder / "cells.tsv", sep="\t")
    path = folder / "study.toml"
    path.write_text(configuration)
    return path


def _change() -> Any:
    return np.array([2.0 if gene in UP else -2.0 if gene in DOWN else 0.0 for gene in GENES])


def _tissue(folder: Path, random: Any) -> None:
    samples = [*TUMOURS, *NORMALS, RECURRENT]
    base = random.uniform(4, 9, len(GENES))[:, None]
    raised = np.array([sample in TUMOURS for sample in samples])
    values = 2 ** (base + _change()[:, None] * raised + random.normal(0, 0.3, (len(GENES), len(samples))))
    table = pd.DataFrame(values, columns=samples)
    table.insert(0, "symbol", GENES)
    table.insert(0, "ensembl", [f"ENSG{number:011}" for number in range(len(GENES))])
    twice = table.iloc[[-1]].assign(ensembl="ENSG00000099999")
    unnamed = table.iloc[[-1]].assign(symbol="")
    with gzip.open(folder / "tissue.tsv.gz", "wt") as file:
        pd.concat([table, twice, unnamed]).to_csv(file, sep="\t", index=False)


def _others(folder: Path, random: Any) -> None:
    people = {f"E{number}": "HCC" if number < 8 else "healthy" for number in range(16)}
    patients = {f"P{number}": "PD" if number < 6 else "PR" for number in range(12)}
    sick = np.array([group == "HCC" for group in people.values()])
    known = [gene for gene in GENES if gene != "G003"]  # G003 was not measured in exosomes
    change = np.array([1.5 if gene in UP else 0.0 for gene in known])
    values = 6 + change[:, None] * sick + random.normal(0, 0.4, (len(known), len(people)))
    pd.DataFrame(values, index=known, columns=list(people)).to_csv(folder / "exosomes.csv")
    worse = np.array([group == "PD" for group in patients.values()])
    means = random.uniform(50, 900, len(GENES))[:, None] * 2.0 ** (_change()[:, None] * worse)
    counts = random.negative_binomial(20, 20 / (20 + means))
    pd.DataFrame(counts, index=GENES, columns=list(patients)).to_csv(folder / "trial.tsv", sep="\t")
    rows = [f"{name}\t{group}\n" for name, group in (people | patients).items()]
    (folder / "people.tsv").write_text("id\tdisease\n" + "".join(rows))


def _genome(folder: Path) -> None:
    header = [*REQUIRED]
    rows = [
        ("G000", 1, 100, 100, "A", "G", "Missense_Mutation", "SNP", "S1"),
        ("G000", 1, 100, 100, "A", "G", "Missense_Mutation", "SNP", "S1"),
        ("G000", 1, 101, 101, "C", "T", "Nonsense_Mutation", "SNP", "S2"),
        ("G001", 2, 500, 500, "C", "A", "Missense_Mutation", "SNP", "S1"),
        ("G050", 3, 700, 700, "C", "A", "Silent", "SNP", "S3"),
        ("G051", 3, 900, 900, "C", "A", "Missense_Mutation", "SNP", "S4"),
    ]
    (folder / "mutations.maf").write_text("\n".join("\t".join(map(str, row)) for row in [header, *rows]) + "\n")
    segments = [["ID", "chrom", "loc.start", "loc.end", "num.mark", "seg.mean"]]
    for number in range(6):
        gained, lost = 0.5 * (number < 3), -0.4 * (number == 0)
        for name, value in (("1", gained), ("2", lost), ("3", 0.0), ("4", 0.0), ("5", 0.001)):
            segments.append([f"S{number}", name, "1000", "20000000", "900", str(value)])
    (folder / "segments.seg").write_text("\n".join("\t".join(row) for row in segments) + "\n")


def discover(configuration: Path, out: Path, *options: str) -> dict[str, Any]:
    printed = io.StringIO()
    call_command(
        "discover", str(configuration), "--out", str(out), "--json", *options, stdout=printed, stderr=io.StringIO()
    )
    found: dict[str, Any] = json.loads(printed.getvalue())
    return found


def refused(configuration: Path) -> str:
    """The sentence of exit code 2; nothing may have been computed."""
    out = configuration.parent / "out-of-refused"
    with pytest.raises(CommandError) as error:
        discover(configuration, out)
    assert error.value.returncode == 2
    assert not out.exists()
    return str(error.value)


def kept(out: Path, step: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "steps" / f"{step}.json").read_text())
    return found


def table_of(out: Path, step: str) -> pd.DataFrame:
    return pd.read_csv(out / "steps" / f"{step}.tsv", sep="\t", keep_default_na=False, na_values=[""])
