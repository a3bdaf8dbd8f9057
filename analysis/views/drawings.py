"""A specification as an answer: a picture, or the points that it draws."""

import csv
import io
from typing import Any

from django.http import Http404, HttpResponse

from analysis.charts import render
from analysis.charts.points import points
from analysis.charts.render import Stamp
from registry.export.writing import BOM, safe

_DRAWN = {
    "svg": (render.svg, "image/svg+xml"),
    "png": (render.png, "image/png"),
    "pdf": (render.pdf, "application/pdf"),
}


def drawing(spec: dict[str, Any], stamp: Stamp, name: str, extension: str) -> HttpResponse:
    """Each carries run, data and marks: the pictures in their caption and metadata, the points in every row."""
    if extension == "csv":
        response = HttpResponse(_points_csv(spec, stamp), content_type="text/csv; charset=utf-8")
    elif extension in _DRAWN:
        draw, content_type = _DRAWN[extension]
        response = HttpResponse(draw(spec, stamp), content_type=content_type)
    else:
        raise Http404
    kind = "attachment" if extension == "csv" else "inline"
    response["Content-Disposition"] = f'{kind}; filename="{name}.{extension}"'
    return response


def _points_csv(spec: dict[str, Any], stamp: Stamp) -> str:
    columns, rows = points(spec)
    said = [stamp.run_id, stamp.data_hash, stamp.freshness, ", ".join(stamp.marks)]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([*columns, "run", "data", "freshness", "marks"])
    for row in rows:
        writer.writerow([*(safe(row.get(name)) for name in columns), *said])
    return BOM + buffer.getvalue()
