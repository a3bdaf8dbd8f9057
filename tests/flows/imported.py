"""A cohort of 500 made-up patients as the file that a hospital would bring."""

import random
from pathlib import Path

PATIENTS = 500
MAPPING = """
[cohort]
code = "made-up"
name = "Made-up resections"
site = "test"
site_name = "Test hospital"
index_event = "resection"

[[endpoints]]
code = "RFS"
name = "Recurrence-free survival"
events = ["recurrence"]

[patient]
study_number = "id"

[[times]]
endpoint = "RFS"
months = "months"
event = "event"

[[markers]]
code = "MX"
name = "Marker X"
scale = "density"
unit = "cells/mm2"

[[markers]]
code = "MY"
name = "Marker Y"
scale = "density"
unit = "cells/mm2"

[[ihc]]
marker = "MX"
specimen = "tumour"
density = "x"

[[ihc]]
marker = "MY"
specimen = "tumour"
density = "y"

[[analyses]]
slug = "rfs-x"
title = "RFS by X"
kind = "survival"
parameters = { endpoint = "RFS", marker = "ihc:MX@tumour", cutoff = "median" }

[[analyses]]
slug = "rfs-y"
title = "RFS by Y"
kind = "survival"
parameters = { endpoint = "RFS", marker = "ihc:MY@tumour", cutoff = "median" }
"""


def write(folder: Path, *, patients: int = PATIENTS, x_plus: float = 0.0) -> tuple[str, str]:
    """The table and its mapping; `x_plus` is added to every X, so that a second file corrects the first."""
    chance = random.Random(20250101)  # a fixed table, no secret
    rows = ["id,months,event,x,y"]
    for number in range(patients):
        x, y = chance.lognormvariate(3, 1), chance.lognormvariate(3, 1)
        months = chance.expovariate(0.02 + 0.0004 * x)
        rows.append(f"M-{number:04d},{months:.2f},{int(chance.random() < 0.7)},{x + x_plus:.3f},{y:.3f}")
    table, mapping = folder / "made_up.csv", folder / "made_up.toml"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    return str(table), str(mapping)
