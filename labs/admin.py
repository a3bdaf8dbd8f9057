"""Reference data of the laboratory, for administrators; every write is one of our services."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from labs.blood.analytes import Spelling, analyte_set
from labs.blood.models import Analyte, UnitSpelling
from labs.markers.models import Antibody, Marker
from labs.markers.services import antibody_set, marker_set
from registry.log.actors import Actor
from registry.service_admin import FactAdmin, ServiceInline


@admin.register(Marker)
class MarkerAdmin(FactAdmin):
    list_display = ("code", "name", "scale", "unit")
    key_fields = ("code",)
    fields = ("code", "name", "scale", "unit", "reason", "seen_version")

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> Marker:
        return marker_set(by=by, reason=reason, **values)


@admin.register(Antibody)
class AntibodyAdmin(FactAdmin):
    """An antibody is what it says: another lot or dilution is another antibody, so that there is nothing to change."""

    list_display = ("marker", "method", "vendor", "clone", "dilution", "lot")
    list_filter = ("marker", "method")
    fields = ("marker", "method", "vendor", "clone", "dilution", "lot", "reason", "seen_version")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> Antibody:
        return antibody_set(by=by, reason=reason, **values)


class SpellingInline(ServiceInline):
    model = UnitSpelling
    fields = ("spelling", "factor", "is_log10", "only_with_loinc")


@admin.register(Analyte)
class AnalyteAdmin(FactAdmin):
    list_display = ("code", "name", "unit", "possible_low", "possible_high")
    search_fields = ("code", "name")
    key_fields = ("code",)
    inlines = (SpellingInline,)
    fields = (
        "code",
        "name",
        "unit",
        "loinc",
        "possible_low",
        "possible_high",
        "usual_low",
        "usual_high",
        "words",
        "word_units",
        "loincs",
        "name_words",
        "kept_of",
        "reason",
        "seen_version",
    )

    def inline_values(self, formsets: Any) -> dict[str, Any]:
        names = ("spelling", "factor", "is_log10", "only_with_loinc")
        rows = [form.cleaned_data for formset in formsets for form in formset.forms]
        kept = [row for row in rows if row and not row.get("DELETE")]
        return {"spellings": [Spelling(**{name: row[name] for name in names}) for row in kept]}

    def write(self, row: Any, values: dict[str, Any], *, is_new: bool, by: Actor, reason: str) -> Analyte:
        return analyte_set(by=by, reason=reason, **values)
