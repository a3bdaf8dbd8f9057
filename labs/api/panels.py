"""Blood results many at once: a draw with its panel in one request, and a table of many draws."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labs.api.files import FileEntry, Preview
from labs.api.results import BloodPresenter, Measured, panel_rows
from labs.blood.models import BloodResult
from labs.blood.selectors import analytes
from labs.blood.services import draw_panel_record
from labs.blood.upload.columns import OF
from labs.blood.upload.forms import DAY_FORMATS, ROLES
from labs.blood.upload.looking import LISTED, columns_of, look, names_of
from labs.blood.upload.planning import Plan, State
from labs.blood.upload.services import Stored, table_store
from labs.blood.upload.sheet import MAX_BYTES, Options, read_sheet
from labs.cohort_import.errors import ImportRefused, RowError
from labs.cohort_import.mapping import ENCODINGS, ISO
from labs.specimens.access import BENCH
from registry.api.endpoints import Endpoint, Told
from registry.api.references import patient_named
from registry.api.serializers import Reasoned
from registry.api.simulated import marked
from registry.log.actors import Actor


class NewPanelRow(Measured):
    """A new draw has no result yet that could be corrected."""

    analyte = serializers.CharField(max_length=20)


class NewPanel(Reasoned):
    patient = serializers.CharField(max_length=40, help_text="Study number.")
    specimen = serializers.CharField(max_length=60, help_text="Code of the new draw.")
    collected = serializers.DateField()
    rows = NewPanelRow(many=True, allow_empty=False)


class NewPanelPresenter(serializers.Serializer[Any]):
    specimen = serializers.CharField()
    id = serializers.IntegerField(help_text="Number of the draw: its panel is /specimens/{id}/panel/.")
    results = BloodPresenter(many=True)


class BloodPanels(Endpoint):
    """A draw and all its results in one request: all is stored, or nothing, and every row at fault is named."""

    writing = BENCH

    def post(self, request: Request, **kwargs: Any) -> Response:
        given = NewPanel.parsed(request.data)
        reason = given.get("reason", "")
        patient = patient_named(self.user, given["patient"])
        rows = panel_rows(given["rows"], {}, reason)
        draw = draw_panel_record(
            patient=patient, code=given["specimen"], collected=given["collected"], rows=rows, by=self.by, reason=reason
        )
        results = marked(BloodResult.objects.filter(specimen=draw), "specimen__patient_id")
        results = results.select_related("specimen__patient", "analyte", "successor").order_by("analyte")
        content = {"specimen": draw.code, "id": draw.pk, "results": results}
        return Response(NewPanelPresenter(content).data, status=201)

    def describe(self, method: str) -> Told:
        return Told("Record a draw with its panel", NewPanel, NewPanelPresenter, status=201)


class TableEntry(FileEntry):
    """A file with one row for each draw, or one for each result, and how it is to be read."""

    largest = MAX_BYTES

    encoding = serializers.ChoiceField([(name, name) for name in ENCODINGS], default="utf-8")
    decimal = serializers.ChoiceField([(".", "."), (",", ",")], default=".")
    day_format = serializers.ChoiceField(list(DAY_FORMATS.items()), default=ISO)
    registers_draws = serializers.BooleanField(default=False, help_text="Register draws that are not known yet.")
    columns = serializers.CharField(
        required=False,
        max_length=20000,
        help_text='JSON, only for headers that are not understood: {"Header": ["of:ALB", "g/L"]}; the first is one of '
        "draw, patient, day, analyte, value, unit, skip, or of: with the code of an analyte.",
    )
    confirmed = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=LISTED,
        help_text="The `key` of each unusual value that is right.",
    )
    valid_rows_only = serializers.BooleanField(default=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)

    def validate_columns(self, text: str) -> dict[str, tuple[str, str]]:
        try:
            found = json.loads(text)
            said = {str(header): (str(role), str(unit)) for header, (role, unit) in found.items()}
        except (AttributeError, TypeError, ValueError):
            raise serializers.ValidationError(_("Give an object of headers, each with a role and a unit.")) from None
        known = {*ROLES, *(OF + code for code in analytes())}
        if unknown := sorted({role for role, _unit in said.values()} - known):
            raise serializers.ValidationError(_("These are no roles: %s.") % ", ".join(unknown))
        return said


class RefusedCell(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="Line of the file; the header is line 1.")
    column = serializers.CharField()
    value = serializers.CharField()
    rule = serializers.CharField()


class AskedValue(serializers.Serializer[Any]):
    key = serializers.CharField()
    row = serializers.IntegerField(source="line")
    analyte = serializers.CharField(source="analyte.code")
    questions = serializers.ListField(child=serializers.CharField())


class StoredPresenter(serializers.Serializer[Any]):
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    draws = serializers.IntegerField()


class TablePresenter(serializers.Serializer[Any]):
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="new, changed, same, asks, refused")
    new_draws = serializers.ListField(child=serializers.CharField())
    refused = RefusedCell(many=True)
    asks = AskedValue(many=True, help_text="Unusual values that nobody has confirmed.")
    stored = StoredPresenter(allow_null=True, help_text="Null: this was a preview.")


class BloodUploads(Endpoint):
    """A table of blood results (CSV or XLSX), sent in parts: all of it is stored, or nothing, or the valid rows."""

    writing = BENCH
    parser_classes = [MultiPartParser]

    def post(self, request: Request, **kwargs: Any) -> Response:
        is_preview = Preview.parsed(request.query_params.dict())["preview"]
        given = TableEntry.parsed(request.data)
        file = given["file"]
        content = file.read()
        options = Options(given["encoding"], given["decimal"], given["day_format"], given["registers_draws"])
        plan = self._plan(content, file.name, options, given)
        if is_preview:
            return _answer(plan, None)
        if not given["valid_rows_only"]:
            _refuse_bad(plan)
        stored = table_store(
            content=content,
            options=options,
            plan=plan,
            valid_rows_only=given["valid_rows_only"],
            reason=given.get("reason", ""),
            user=self.user,
            by=Actor.of(self.user, "upload"),
        )
        return _answer(plan, stored)

    def _plan(self, content: bytes, name: str, options: Options, given: dict[str, Any]) -> Plan:
        known = analytes()
        names = names_of(known)
        try:
            table = read_sheet(content, options, name)
        except ImportRefused as refused:
            raise ValidationError({"file": refused.sentences}) from refused
        columns = columns_of(table, names, given.get("columns", {}))
        ticked = given.get("confirmed", ())
        plan, refused_whole = look(self.user, table, columns, names, known, options, ticked=ticked)
        if plan is None or refused_whole:
            raise ValidationError({"file": refused_whole})
        return plan

    def describe(self, method: str) -> Told:
        return Told("Store a table", TableEntry, TablePresenter, asks=Preview)


def _refuse_bad(plan: Plan) -> None:
    """Row by row, as everywhere; the line is that of the file."""
    asked = [RowError(item.line, item.analyte.code, "", " ".join(item.questions)) for item in plan.of(State.ASKS)]
    problems: dict[Any, Any] = {}
    for error in (*plan.errors, *asked):
        said = f"{error.value}: {error.rule}" if error.value else error.rule
        problems.setdefault(error.row - 1, {}).setdefault(error.column, []).append(said)
    if problems:
        raise serializers.ValidationError(problems)


def _answer(plan: Plan, stored: Stored | None) -> Response:
    content = {
        "counts": plan.counts,
        "new_draws": [draw.code for draw in plan.new_draws],
        "refused": plan.errors[:LISTED],
        "asks": plan.of(State.ASKS),
        "stored": stored,
    }
    return Response(TablePresenter(content).data)
