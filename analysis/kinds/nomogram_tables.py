"""A nomogram as tables: what the ruler shows, to be read without one."""

from analysis.kinds.base import Output
from analysis.kinds.hazard_terms import term_table
from analysis.kinds.tables import ResultTable


def nomogram_tables(output: Output) -> list[ResultTable]:
    return [] if output["refused"] else [_points(output), _survival(output), _model(output)]


def _points(output: Output) -> ResultTable:
    rows = [
        [f"{axis['label']}, {axis['unit']}" if axis["unit"] else axis["label"], mark["label"], f"{mark['points']:.1f}"]
        for axis in output["axes"]
        for mark in axis["marks"]
    ]
    notes = ["Between the values of a number the points are in proportion."]
    return ResultTable("points", "Points", ["Covariate", "Value", "Points"], rows, notes)


def _survival(output: Output) -> ResultTable:
    unit = output["time_unit"]
    columns = ["Total points", *(f"{time:g} {unit}".rstrip() for time in output["times"])]
    rows = [[f"{row['points']:g}", *(f"{share:.1%}" for share in row["survival"])] for row in output["read"]]
    points = output["points"]
    notes = [
        f"Free of {output['endpoint']} at that time. The patients of the model have {points['lowest']:.0f} to "
        f"{points['highest']:.0f} points, half of them at most {points['median']:.0f}.",
        "The model is judged in the patients that it was fitted to, which flatters it: see its calibration.",
    ]
    return ResultTable("survival", "Survival by total points", columns, rows, notes)


def _model(output: Output) -> ResultTable:
    concordance = output["concordance"]
    notes = [
        f"{output['ties'].capitalize()} ties. {output['n']} patients, {output['events']} events. "
        f"Concordance {concordance['c']:.3f} (SE {concordance['se']:.3f})."
    ]
    return term_table("terms", f"The model for {output['endpoint']}", output["terms"], notes)
