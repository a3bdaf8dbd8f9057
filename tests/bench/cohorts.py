"""Simulated tables of any size for the bench, with the mapping that imports them."""

import csv
import random
from pathlib import Path

SEED = 20
MARKERS = ("CXCL17", "CD57", "CD15")

HEAD = """
[cohort]
code = "bench"
name = "Bench"
description = "Simulated, for measuring only."
site = "bench"
site_name = "Bench"
index_event = "resection"

[[endpoints]]
code = "OS"
name = "Overall survival"
events = ["death"]

[patient]
study_number = "Number"
prefix = "B-"
digits = 6

[baseline.age]
column = "Age"

[[times]]
endpoint = "OS"
months = "OS"
event = "Death"
"""

MARKER = """
[[markers]]
code = "{0}"
name = "{0}"
scale = "density"
unit = "cells/mm2"

[[ihc]]
marker = "{0}"
specimen = "tumour"
density = "{0}"

[[analyses]]
slug = "os-by-{1}"
title = "Overall survival by {0}"
kind = "survival"
order = 10
parameters = {{ endpoint = "OS", marker = "ihc:{0}@tumour", cutoff = "median" }}
"""


ONE_MORE = """
[[analyses]]
slug = "os-above-{1}"
title = "Overall survival above {1}"
kind = "survival"
order = 20
parameters = {{ endpoint = "OS", marker = "ihc:{0}@tumour", cutoff = {1} }}
"""


def mapping(folder: Path, more: int = 0) -> Path:
    """One analysis of each marker, and so many more that all read the first one."""
    path = folder / "bench.toml"
    analyses = [MARKER.format(code, code.lower()) for code in MARKERS]
    analyses += [ONE_MORE.format(MARKERS[0], 30 + number) for number in range(more)]
    path.write_text(HEAD + "".join(analyses), encoding="utf-8")
    return path


def table(folder: Path, patients: int) -> Path:
    chance = random.Random(SEED)
    path = folder / f"bench-{patients}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Number", "Age", "OS", "Death", *MARKERS])
        for number in range(1, patients + 1):
            densities = [round(chance.lognormvariate(4, 1), 2) for _ in MARKERS]
            months = round(chance.expovariate(densities[0] ** 0.3 / 120), 1)
            writer.writerow([number, chance.randint(30, 80), min(months, 60), int(months < 60), *densities])
    return path
