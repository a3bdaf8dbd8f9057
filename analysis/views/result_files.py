"""The files of one run's result: figure, numbers, rows, R. Each says its run, its data and whether it still stood."""

import csv
import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse

from analysis.dashboard.options import Options
from analysis.engine.models import Analysis, Result, Run
from analysis.frames.frame import Frame
from analysis.kinds.base import TableKind
from analysis.kinds.registry import kind_of
from analysis.presenting import Shown, shown, stamp
from analysis.rscripts.rows import rows_csv as frame_csv
from analysis.standing import Standing, standing_of
from analysis.views.drawings import drawing
from registry.export.writing import safe


@dataclass(frozen=True)
class Filed:
    """A run whose result is asked for as a file."""

    run: Run
    result: Result

    @property
    def analysis(self) -> Analysis:
        return self.run.analysis

    @property
    def name(self) -> str:
        return f"{self.analysis.cohort.code}-{self.analysis.slug}-run{self.run.pk}"

    @cached_property
    def seen(self) -> Shown:
        return shown(self.analysis, self.result, self.run)

    @cached_property
    def standing(self) -> Standing:
        return standing_of(self.run)

    @property
    def marks(self) -> dict[str, str]:
        """Columns that every row of a table carries, because rows are copied without their file's name."""
        marks = {"run": str(self.run.pk), "freshness": str(self.standing)}
        marks |= {"simulated": "yes"} if self.analysis.cohort.is_simulated else {}
        return marks | ({"exploratory": "yes"} if self.seen.is_exploratory else {})


def filed(run: Run | None) -> Filed:
    if run is None or run.result is None:
        raise Http404
    return Filed(run, run.result)


def figure_file(file: Filed, name: str, extension: str, options: Options = Options()) -> HttpResponse:  # noqa: B008  # frozen
    drawn = next((figure for figure in file.seen.figures if figure.name == name), None)
    if drawn is None:
        raise Http404
    mark = stamp(file.analysis, file.seen, file.standing, str(drawn.title))
    return drawing(options.of(drawn), mark, f"{file.name}-{name}", extension)


def json_file(file: Filed) -> HttpResponse:
    response = JsonResponse(result_content(file), json_dumps_params={"sort_keys": True, "ensure_ascii": False})
    response["Content-Disposition"] = f'inline; filename="{file.name}.json"'
    return response


def result_content(file: Filed) -> dict[str, Any]:
    analysis, result, standing = file.analysis, file.result, file.standing
    return {
        "analysis": analysis.log_code(),
        "title": analysis.title,
        "subcohort": Frame.from_bytes(result.frame.content).constants.get("subcohort"),
        "simulated": analysis.cohort.is_simulated,
        "run": file.run.pk,
        "look": result.look,
        "freshness": standing.state,
        "freshness_at": standing.at.isoformat(timespec="seconds"),
        "stale_since": standing.since.isoformat(timespec="seconds") if standing.since else None,
        "superseded_by": standing.superseded_by.pk if standing.superseded_by else None,
        "computed": result.created_at.isoformat(timespec="seconds"),
        "fingerprint": result.frame_id,
        "parameters": result.parameter_values,
        "kind": result.kind,
        "kind_version": result.kind_version,
        "exploratory": file.seen.is_exploratory,
        "registered": analysis.is_registered,
        "retired": analysis.retired_reason,
        "threshold": result.threshold,
        "spending": result.spending_values,
        "headline": file.seen.claims,
        "provenance": file.seen.provenance,
        "output": file.seen.output,
    }


def rows_file(file: Filed) -> HttpResponse:
    """The very table that the result was computed from."""
    frame = Frame.from_bytes(file.result.frame.content)
    names = sorted({name for row in frame.rows for name in row}, key=lambda name: (name != "patient", name))
    groups = {member["patient"]: member["group"] for member in file.seen.output.get("members", [])}
    marks = file.marks
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([*names, *(["group"] if groups else []), *marks])
    for row in frame.rows:
        group = [groups.get(row["patient"], "")] if groups else []
        writer.writerow([*(safe(row.get(name)) for name in names), *group, *marks.values()])
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file.name}.csv"'
    return response


def r_file(file: Filed) -> HttpResponse:
    """R that gives the same numbers, with the rows it reads beside it."""
    kind = kind_of(file.result.kind)
    if not (isinstance(kind, TableKind) and file.seen.has_r_script):
        raise Http404
    frame = Frame.from_bytes(file.result.frame.content)
    marks = "".join(f" {mark}." for mark in stamp(file.analysis, file.seen, file.standing, "").marks)
    origin = f"# Run {file.run.pk}, data {file.result.frame_id}. {file.standing}.{marks}\n"
    script = kind.r_script(frame, file.result.parameter_values, file.seen.output, name=file.name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{file.name}.R", origin + script)
        archive.writestr(f"{file.name}.csv", frame_csv(frame, **file.marks))
    response = HttpResponse(buffer.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{file.name}-r.zip"'
    return response
