"""Blot files: what would be stored of them, and what not."""

import re
from math import fsum
from typing import Any

from labs.formats.densitometry.bands import BandTable, RatioTable
from labs.formats.densitometry.ratios import has_ratios, read_ratios
from labs.formats.densitometry.reading import has_bands, read_bands
from labs.formats.reading import Reading
from labs.formats.source import Source

TEMPLATE = "This is the template of an experiment, not a result: it names no lane and no band."
# Exported and recomputed ratios: more than this apart is worth a look.
AGREES = 1e-4


def is_band_table(source: Source) -> bool:
    return has_bands(source.sheets)


def read_band_table(source: Source) -> Reading:
    """`document` is a BandTable."""
    table = read_bands(source.sheets)
    stored = {"gels": len(table.blots), "lanes": lane_count(table), "bands": len(table.bands)}
    why_not = [f"Column {name} is not known and not kept." for name in table.columns_left_out]
    if table.blank_rows:
        why_not.append(f"{table.blank_rows} rows name a lane without a band.")
    return Reading(_bands(table), table, stored, tuple(why_not), tuple(_oddities(table)))


def lane_count(table: BandTable) -> int:
    return len({(band.blot, band.lane) for band in table.bands})


def _bands(table: BandTable) -> dict[str, Any]:
    volumes = [band.intensity for band in table.bands if band.intensity is not None]
    return {
        "layout": table.layout,
        "blots": list(table.blots),
        "probes": list(table.probes),
        "lanes": lane_count(table),
        "bands": len(table.bands),
        "blank_rows": table.blank_rows,
        "calibrated": any(band.is_calibrated for band in table.bands),
        "values": [
            {
                "blot": band.blot,
                "probe": band.probe,
                "lane": band.lane,
                "band": band.number,
                "sample": band.sample,
                "label": band.label,
                "volume": band.intensity,
                "adjusted": band.adjusted,
                "background": band.background,
                "area": band.area,
                "mean": band.mean,
                "saturated": band.is_saturated,
            }
            for band in table.bands
        ],
        "sum_volume": fsum(volumes),
    }


def _oddities(table: BandTable) -> list[str]:
    negative = [band for band in table.bands if band.adjusted is not None and band.adjusted < 0]
    found = [f"Row {band.row}, lane {band.lane}: the signal is below its background." for band in negative[:10]]
    saturated = [band.lane for band in table.bands if band.is_saturated]
    if saturated:
        found.append(f"Saturated by the file: {', '.join(saturated)}.")
    return found


def is_ratio_table(source: Source) -> bool:
    return has_ratios(source.sheets)


def read_ratio_table(source: Source) -> Reading:
    """`document` is a RatioTable."""
    table = read_ratios(source.sheets)
    undefined = [
        f"Row {row.row}: the loading control is {row.control:g}, so that there is no ratio."
        for row in table.rows
        if row.ratio is None
    ]
    summary = _ratios(table)
    difference = summary["exported_ratio_max_abs_diff"]
    warnings = list(undefined)
    if difference is not None and difference > AGREES:
        warnings.append(f"Ratios in the file differ from those of its numbers by up to {difference:.3g}.")
    stored = {"gels": 1, "lanes": len(table.rows), "bands": 2 * len(table.rows)}
    return Reading(summary, table, stored, (), tuple(warnings))


def _ratios(table: RatioTable) -> dict[str, Any]:
    groups: dict[str, list[float]] = {}
    differences = []
    for row in table.rows:
        if row.ratio is None:
            continue
        groups.setdefault(row.sample, []).append(row.ratio)
        if row.exported is not None:
            differences.append(abs(row.exported - row.ratio))
    means = {name: fsum(found) / len(found) for name, found in groups.items()}
    first_two = list(means.values())
    depletion = 100 * (1 - first_two[1] / first_two[0]) if len(means) == 2 and first_two[0] else None
    return {
        "rows": len(table.rows),
        "target": table.target,
        "loading_control": table.loading_control,
        "values": [
            {
                "replicate": row.replicate,
                "sample": row.sample,
                "target": row.target,
                "control": row.control,
                "ratio": row.ratio,
            }
            for row in table.rows
        ],
        "exported_ratio_max_abs_diff": max(differences, default=None),
        "group_mean_ratio": means,
        "depletion_percent": depletion,
        "exported_depletion_percent": table.depletion,
    }


def is_setup_template(source: Source) -> bool:
    """A sheet of questions about an experiment, most of which end in a colon, and no answer."""
    for sheet in source.sheets:
        cells = [cell for row in sheet.rows[:40] for cell in row if cell]
        asked = [cell for cell in cells if cell.endswith(":")]
        if len(asked) > 3 and len(asked) > len(cells) / 2 and any("experiment" in cell.casefold() for cell in asked):
            return True
    return False


def read_setup_template(source: Source) -> Reading:
    sheet = next((sheet for sheet in source.sheets if sheet.rows), source.sheets[0])
    header = next((row for row in sheet.rows if any(row)), ())
    names = [re.sub(r"\s+\(.*\Z", "", cell) for cell in header if cell]
    return Reading({"sheet": sheet.name, "header": names, "lanes": 0, "bands": 0}, why_not=(TEMPLATE,))
