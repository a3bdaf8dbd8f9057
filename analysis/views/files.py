"""The files of an analysis' present result; those of any run are in analysis/views/runs.py."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from analysis.access import access_analysis
from analysis.dashboard.options import options_form
from analysis.standing import last_run
from analysis.views.result_files import Filed, figure_file, filed, json_file, r_file, rows_file
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def figure(request: HttpRequest, code: str, slug: str, name: str, extension: str) -> HttpResponse:
    _form, options = options_form(request.GET)
    return figure_file(_present(request, code, slug), name, extension, options)


@require_GET
@allow(*CLINICAL)
def result_json(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    return json_file(_present(request, code, slug))


@require_GET
@allow(*CLINICAL)
def rows_csv(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    return rows_file(_present(request, code, slug))


@require_GET
@allow(*CLINICAL)
def r_script(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    return r_file(_present(request, code, slug))


def _present(request: HttpRequest, code: str, slug: str) -> Filed:
    return filed(last_run(access_analysis(acting_user(request), code, slug)))
