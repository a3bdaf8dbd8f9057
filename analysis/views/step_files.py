"""The tables and lists of genes of a run of discovery, in full; every row says its run and whether it still stood."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analysis.access import access_run
from analysis.artefacts.keeping import artefact
from analysis.datasets.candidates import MOST, candidates_of
from analysis.kinds.registry import kind_of
from analysis.views.result_files import Filed, filed, result_content
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL

# In an address, of the table that has no name of its own.
UNNAMED = "table"
TAKING_CANDIDATES = ("screen", "lasso", "stepwise", "pipeline")
_SHOWN = 100


@require_GET
@allow(*CLINICAL)
def run_tables(request: HttpRequest, pk: int) -> HttpResponse:
    return tables_file(filed(access_run(acting_user(request), pk)))


def tables_file(file: Filed) -> HttpResponse:
    steps = _steps(file)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for step in steps:
            for table in step["tables"]:
                name = f"{step['name']}.{table['name']}.tsv" if table["name"] else f"{step['name']}.tsv"
                archive.writestr(f"{file.name}/steps/{name}", _marked(artefact(table["sha256"]), file.marks))
            for name, listed in step["lists"].items():
                archive.writestr(f"{file.name}/genes/{step['name']}.{name}.tsv", _genes(listed, file.marks))
        archive.writestr(f"{file.name}/configuration.toml", file.result.parameter_values["configuration"])
        archive.writestr(f"{file.name}/result.json", json.dumps(result_content(file), sort_keys=True, indent=1))
    response = HttpResponse(buffer.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{file.name}-tables.zip"'
    return response


@require_GET
@allow(*CLINICAL)
def run_table(request: HttpRequest, pk: int, step: str, table: str) -> HttpResponse:
    file = filed(access_run(acting_user(request), pk))
    wanted = "" if table == UNNAMED else table
    found = next((one for one in _step(file, step)["tables"] if one["name"] == wanted), None)
    if found is None:
        raise Http404
    return _tsv(_marked(artefact(found["sha256"]), file.marks), f"{file.name}-{step}-{table}")


@require_GET
@allow(*CLINICAL)
def run_genes(request: HttpRequest, pk: int, step: str, list: str) -> HttpResponse:  # noqa: A002  # the address names it so
    file = filed(access_run(acting_user(request), pk))
    found = _step(file, step)["lists"].get(list)
    if found is None:
        raise Http404
    return _tsv(_genes(found, file.marks), f"{file.name}-{step}-{list}")


@require_GET
@allow(*CLINICAL)
def run_candidates(request: HttpRequest, pk: int, step: str, list: str) -> HttpResponse:  # noqa: A002  # see above
    file = filed(access_run(acting_user(request), pk))
    found = candidates_of(file.result, step, list, file.analysis.cohort)
    if found is None:
        raise Http404
    context = {
        "run": file.run,
        "analysis": file.analysis,
        "cohort": file.analysis.cohort,
        "found": found,
        "first": found.genes[:_SHOWN],
        "most": MOST,
        "kinds": [(kind, kind_of(kind).label) for kind in TAKING_CANDIDATES],
        "freshness": file.standing.badge,
        "simulated": file.analysis.cohort.is_simulated,
    }
    return render(request, "analysis/datasets/candidates.html", context)


def _steps(file: Filed) -> list[dict[str, Any]]:
    if file.result.kind != "discovery":
        raise Http404
    return [step for step in file.seen.output["steps"] if not step["reason"]]


def _step(file: Filed, name: str) -> dict[str, Any]:
    for step in _steps(file):
        if step["name"] == name:
            return step
    raise Http404


def _genes(listed: Mapping[str, Any], marks: Mapping[str, str]) -> bytes:
    return _marked(b"gene\n" + artefact(listed["sha256"]), marks)


def _marked(table: bytes, marks: Mapping[str, str]) -> bytes:
    header, *rows = table.decode().splitlines()
    tail = "\t".join(marks.values())
    lines = ["\t".join([header, *marks]), *(f"{row}\t{tail}" for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def _tsv(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/tab-separated-values; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.tsv"'
    return response
