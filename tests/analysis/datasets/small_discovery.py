"""A data set of a few genes, and a discovery of it that has everything a page shows."""

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile

from analysis.datasets.models import Dataset
from analysis.datasets.uploading import datasets_from
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from registry.cohorts.models import Cohort
from tests.registry.fixtures import BY

DATA = """
[data.tissue]
kind = "expression"
file = "tissue.tsv"
unit = "log2"
groups = { file = "groups.tsv", sample = "sample", group = "group" }
"""
STEPS = """
[[steps]]
name = "scored"
method = "limma"
expression = "tissue"
case = "tumour"
control = "normal"
"""


def tissue(cohort: Cohort) -> Dataset:
    random = np.random.default_rng(5)
    samples = [f"S{number}" for number in range(8)]
    lines = ["gene\t" + "\t".join(samples)]
    for number in range(20):
        values = random.normal(6, 0.3, 8) + (2.0 if number < 4 else 0.0) * (np.arange(8) < 4)
        lines.append("\t".join([f"G{number:02}", *(f"{value:.4f}" for value in values)]))
    groups = [
        "sample\tgroup",
        *(f"{name}\t{'tumour' if place < 4 else 'normal'}" for place, name in enumerate(samples)),
    ]
    files = {"tissue.tsv": lines, "groups.tsv": groups}
    uploads = [SimpleUploadedFile(name, "\n".join(rows).encode()) for name, rows in files.items()]
    return datasets_from(cohort=cohort, text=DATA, uploads=uploads, origin="made up", by=BY)[0].dataset


def discovery(cohort: Cohort) -> Analysis:
    return analysis_define(
        cohort=cohort,
        slug="genes",
        title="Genes of tumours",
        kind="discovery",
        parameters={"configuration": STEPS},
        by=BY,
    )
