"""Figures and numbers as files. Each carries the run and the hash of the data it was computed from."""

import csv
import io
import zipfile
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from analysis.access import access_analysis
from analysis.dashboard.options import options_form
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis
from analysis.frames.frame import Frame
from analysis.kinds.base import TableKind
from analysis.kinds.registry import kind_of
from analysis.presenting import Shown, shown, stamp
from analysis.rscripts.rows import rows_csv as frame_csv
from analysis.views.drawings import drawing
from registry.export.writing import safe
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def figure(request: HttpRequest, code: str, slug: str, name: str, extension: str) -> HttpResponse:
    analysis, seen = _seen(request, code, slug)
    drawn = next((figure for figure in seen.figures if figure.name == name), None)
    _form, options = options_form(request.GET)
    if drawn is None:
        raise Http404
    return drawing(options.of(drawn), stamp(analysis, seen), f"{code}-{slug}-{name}-run{_run_id(seen)}", extension)


@require_GET
@allow(*CLINICAL)
def result_json(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    analysis, seen = _seen(request, code, slug)
    content: dict[str, Any] = {
        "analysis": f"{code}/{slug}",
        "title": analysis.title,
        "simulated": analysis.cohort.is_simulated,
        "run": seen.run.pk if seen.run else None,
        "look": seen.result.look,
        "freshness": freshness_of(analysis).state,
        "fingerprint": seen.result.frame_id,
        "parameters": analysis.parameters,
        "kind_version": seen.result.kind_version,
        "exploratory": seen.is_exploratory,
        "headline": seen.claims,
        "provenance": seen.provenance,
        "output": seen.output,
    }
    response = JsonResponse(content, json_dumps_params={"sort_keys": True, "ensure_ascii": False})
    response["Content-Disposition"] = f'inline; filename="{code}-{slug}-run{_run_id(seen)}.json"'
    return response


@require_GET
@allow(*CLINICAL)
def rows_csv(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """The very table that the result was computed from."""
    analysis, seen = _seen(request, code, slug)
    frame = Frame.from_bytes(seen.result.frame.content)
    names = sorted({name for row in frame.rows for name in row}, key=lambda name: (name != "patient", name))
    groups = {member["patient"]: member["group"] for member in seen.output.get("members", [])}
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    marks = ["simulated"] if analysis.cohort.is_simulated else []
    marks += ["exploratory"] if seen.is_exploratory else []
    writer.writerow([*names, *(["group"] if groups else []), "run", *marks])
    for row in frame.rows:
        group = [groups.get(row["patient"], "")] if groups else []
        cells = [safe(row.get(name)) for name in names]
        writer.writerow([*cells, *group, _run_id(seen), *("yes" for _mark in marks)])
    response = HttpResponse("\ufeff" + buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}-{slug}-run{_run_id(seen)}.csv"'
    return response


@require_GET
@allow(*CLINICAL)
def r_script(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """R that gives the same numbers, with the rows it reads beside it."""
    analysis, seen = _seen(request, code, slug)
    kind = kind_of(analysis.kind)
    if not (isinstance(kind, TableKind) and seen.has_r_script):
        raise Http404
    frame = Frame.from_bytes(seen.result.frame.content)
    name = f"{code}-{slug}-run{_run_id(seen)}"
    is_simulated = analysis.cohort.is_simulated
    said = "".join(f" {mark}." for mark in stamp(analysis, seen).marks)
    origin = f"# Run {_run_id(seen)}, data {seen.result.frame_id}.{said}\n"
    script = kind.r_script(frame, analysis.parameters, seen.output, name=name)
    marks = {"run": str(_run_id(seen))} | ({"simulated": "yes"} if is_simulated else {})
    marks |= {"exploratory": "yes"} if seen.is_exploratory else {}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.R", origin + script)
        archive.writestr(f"{name}.csv", frame_csv(frame, **marks))
    response = HttpResponse(buffer.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}-r.zip"'
    return response


def _run_id(seen: Shown) -> int | str:
    return seen.run.pk if seen.run else "-"


def _seen(request: HttpRequest, code: str, slug: str) -> tuple[Analysis, Shown]:
    analysis = access_analysis(acting_user(request), code, slug)
    if analysis.current is None:
        raise Http404
    return analysis, shown(analysis, analysis.current)
