"""Specimens and their stains; markers, antibodies and analytes, which all sites share."""

from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework import serializers

from labs.api.references import antibody_numbered, marker_named, specimen_named
from labs.blood.models import Analyte
from labs.ihc.access import LISTING
from labs.ihc.worklist import stains_with_my_read, under_the_microscope
from labs.markers.access import access_stain_at_bench
from labs.markers.models import Antibody, Marker, Stain
from labs.markers.services import stain_create, stain_retire
from labs.specimens.access import BENCH, MEASUREMENTS, visible_specimens
from labs.specimens.forms import SpecimenForm
from labs.specimens.models import Specimen, SpecimenKind
from labs.specimens.services import specimen_correct, specimen_create, specimen_retire
from registry.api.endpoints import Collection, CorrectedItem, Item, Listing, Retirement
from registry.api.facts import of_members
from registry.api.references import patient_named
from registry.api.serializers import Entry, ModelEntry, Presented, Reasoned, Seen, WholeField
from registry.api.simulated import PresentedOfPatient, marked
from registry.people.models import User
from registry.people.roles import EVERYBODY


class MarkerPresenter(Presented):
    class Meta:
        model = Marker
        fields = ("id", "version", "code", "name", "scale", "unit")


class Markers(Listing):
    reading = EVERYBODY
    of_site = False
    presenter = MarkerPresenter
    orderings = {"code": "code"}

    def rows(self) -> QuerySet[Marker]:
        return Marker.objects.filter(retired_reason="")


class AntibodyPresenter(Presented):
    marker = serializers.CharField(source="marker.code")

    class Meta:
        model = Antibody
        fields = ("id", "version", "marker", "method", "vendor", "clone", "dilution", "lot")


class AntibodyFilters(Entry):
    marker = serializers.CharField(required=False, max_length=30)
    method = serializers.ChoiceField(Antibody.Method.choices, required=False)


class Antibodies(Listing):
    reading = EVERYBODY
    of_site = False
    presenter = AntibodyPresenter
    filters = AntibodyFilters
    orderings = {"id": "pk", "marker": "marker__code"}

    def rows(self) -> QuerySet[Antibody]:
        return Antibody.objects.filter(retired_reason="").select_related("marker")

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        columns = {"marker": "marker__code", "method": "method"}
        return rows.filter(**{columns[name]: value for name, value in asked.items()})


class AnalytePresenter(Presented):
    units = serializers.SerializerMethodField()

    class Meta:
        model = Analyte
        fields = (
            "id",
            "code",
            "name",
            "unit",
            "loinc",
            "possible_low",
            "possible_high",
            "usual_low",
            "usual_high",
            "words",
            "units",
        )

    def get_units(self, analyte: Analyte) -> list[str]:
        return sorted({spelling.spelling for spelling in analyte.spellings.all()})


class Analytes(Listing):
    reading = (*MEASUREMENTS,)
    of_site = False
    presenter = AnalytePresenter
    orderings = {"code": "code"}

    def rows(self) -> QuerySet[Analyte]:
        return Analyte.objects.filter(retired_reason="").prefetch_related("spellings")


class SpecimenPresenter(PresentedOfPatient):
    class Meta:
        model = Specimen
        fields = ("id", "version", "patient", "simulated", *SpecimenForm.columns())


class SpecimenEntry(Reasoned, ModelEntry):
    patient = serializers.CharField(max_length=40, help_text="Study number.")

    class Meta:
        model = Specimen
        fields = ("patient", *SpecimenForm.columns(), "reason")


class SpecimenChanges(Seen, ModelEntry):
    class Meta:
        model = Specimen
        fields = (*SpecimenForm.columns(), "version", "reason")


class SpecimenFilters(Entry):
    patient = serializers.CharField(required=False, max_length=40, help_text="Study number.")
    cohort = serializers.CharField(required=False, max_length=40)
    code = serializers.CharField(required=False, max_length=60)
    kind = serializers.ChoiceField(SpecimenKind.choices, required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


class _AtBench:
    """Specimens as the bench sees them."""

    user: User
    kwargs: dict[str, Any]

    def rows(self) -> QuerySet[Any]:
        return marked(visible_specimens(self.user))

    def row(self) -> Any:
        found = self.rows().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class Specimens(_AtBench, Collection):
    reading = MEASUREMENTS
    writing = BENCH
    presenter = SpecimenPresenter
    entry = SpecimenEntry
    filters = SpecimenFilters
    orderings = {"code": "code", "id": "pk", "collected": "collected"}

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        own = {name: asked.pop(name) for name in ("code", "kind") if name in asked}
        return of_members(rows.filter(**own), self.user, asked, "collected")

    def add(self, given: dict[str, Any]) -> Model:
        patient = patient_named(self.user, given.pop("patient"))
        return specimen_create(patient=patient, by=self.by, **given)


class OneSpecimen(_AtBench, CorrectedItem):
    reading = MEASUREMENTS
    writing = BENCH
    presenter = SpecimenPresenter
    changes = SpecimenChanges

    def correct(self, row: Any, changes: dict[str, Any], version: int, reason: str) -> Specimen:
        return specimen_correct(specimen=row, changes=changes, expected_version=version, by=self.by, reason=reason)


class RetiredSpecimen(_AtBench, Retirement):
    writing = BENCH

    def act(self, row: Any, given: dict[str, Any]) -> Specimen:
        version = self.seen_version(given)
        return specimen_retire(specimen=row, expected_version=version, by=self.by, reason=given["reason"])


class StainPresenter(Presented):
    specimen = serializers.CharField(source="specimen.code")
    marker = serializers.CharField(source="marker.code")
    simulated = serializers.BooleanField()
    my_value = serializers.FloatField(help_text="Of your own current read, outside the rounds.")

    class Meta:
        model = Stain
        fields = ("id", "version", "specimen", "marker", "antibody", "stained_on", "simulated", "my_value")


class StainEntry(Reasoned, ModelEntry):
    specimen = serializers.CharField(max_length=60, help_text="Code of the specimen.")
    marker = serializers.CharField(max_length=30, help_text="Code of the marker.")
    antibody = WholeField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)

    class Meta:
        model = Stain
        fields = ("specimen", "marker", "antibody", "stained_on", "reason")


class StainFilters(Entry):
    marker = serializers.CharField(required=False, max_length=30)
    specimen = serializers.CharField(required=False, max_length=60)
    is_read = serializers.BooleanField(required=False, help_text="By you.", allow_null=True, default=None)


class _StainsSeen:
    user: User
    kwargs: dict[str, Any]

    def rows(self) -> QuerySet[Any]:
        """As the page of stains shows them: a pathologist is offered what is read under the microscope."""
        rows = marked(stains_with_my_read(self.user), "specimen__patient_id")
        return rows if self.user.has_role(*BENCH) else under_the_microscope(rows)


class Stains(_StainsSeen, Collection):
    reading = LISTING
    writing = BENCH
    presenter = StainPresenter
    entry = StainEntry
    filters = StainFilters
    orderings = {"specimen": "specimen__code", "marker": "marker__code", "id": "pk"}

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        columns = {"marker": "marker__code", "specimen": "specimen__code", "is_read": "is_read"}
        return rows.filter(**{columns[name]: value for name, value in asked.items() if value is not None})

    def add(self, given: dict[str, Any]) -> Model:
        return stain_create(
            specimen=specimen_named(self.user, given["specimen"]),
            marker=marker_named(self.user, given["marker"]),
            antibody=antibody_numbered(given.get("antibody")),
            stained_on=given.get("stained_on"),
            by=self.by,
            reason=given.get("reason", ""),
        )


class OneStain(_StainsSeen, Item):
    reading = LISTING
    presenter = StainPresenter

    def row(self) -> Any:
        found = self.rows().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class RetiredStain(Retirement):
    writing = BENCH

    def row(self) -> Stain:
        return access_stain_at_bench(self.user, self.kwargs["pk"])

    def act(self, row: Stain, given: dict[str, Any]) -> Stain:
        version = self.seen_version(given)
        return stain_retire(stain=row, expected_version=version, by=self.by, reason=given["reason"])
