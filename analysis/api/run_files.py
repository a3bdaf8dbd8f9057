"""The files of a run's result; each says its run, its data and whether it still stood."""

from typing import Any

from django.http import HttpResponseBase

from analysis.access import access_run
from analysis.views.result_files import Filed, figure_file, filed, r_file, rows_file
from analysis.views.step_files import tables_file
from registry.api.endpoints import Download
from registry.people.roles import CLINICAL


class _OfRun(Download):
    reading = CLINICAL
    tag = "runs"

    @property
    def filed(self) -> Filed:
        return filed(access_run(self.user, self.kwargs["pk"]))


class RunRows(_OfRun):
    """The rows that the result was computed from."""

    media_type = "text/csv"

    def file(self) -> HttpResponseBase:
        return rows_file(self.filed)


class RunScript(_OfRun):
    """An R script with its rows, which gives the same numbers."""

    media_type = "application/zip"

    def file(self) -> HttpResponseBase:
        return r_file(self.filed)


class RunTables(_OfRun):
    """All tables and lists of genes of a run of discovery."""

    media_type = "application/zip"

    def file(self) -> HttpResponseBase:
        return tables_file(self.filed)


class RunFigure(_OfRun):
    """A figure as svg, png, pdf, or its points as csv."""

    media_type = "*/*"

    def file(self) -> HttpResponseBase:
        named: dict[str, Any] = self.kwargs
        return figure_file(self.filed, named["name"], named["extension"])
