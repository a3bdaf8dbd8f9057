"""Data sets and references that discovery reads."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from analysis.datasets.access import access_dataset, listed_datasets, may_change, visible_datasets
from analysis.datasets.models import Dataset, DatasetKind
from analysis.datasets.services import dataset_retire
from analysis.datasets.uploading import datasets_from
from analysis.kinds.discovery import LONGEST
from registry.api.endpoints import Computed, Item, Listing, Retirement, Told
from registry.api.serializers import Entry, Presented
from registry.cohorts.access import access_cohort
from registry.people.roles import CLINICAL


class DatasetFilePresenter(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="The key of a configuration that names the file.")
    name = serializers.CharField()
    sha256 = serializers.CharField()
    size = serializers.IntegerField()


class DatasetPresenter(Presented):
    cohort = serializers.CharField(
        source="cohort.code",
        default=None,
        allow_null=True,
        help_text="Null for a reference that every cohort may name.",
    )
    simulated = serializers.BooleanField(source="cohort.is_simulated", default=False)
    files = DatasetFilePresenter(many=True, source="listed_files")
    found = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))

    class Meta:
        model = Dataset
        fields = (
            "id",
            "version",
            "cohort",
            "simulated",
            "name",
            "number",
            "kind",
            "settings",
            "files",
            "fingerprint",
            "found",
            "source",
            "stored_at",
            "stored_by",
            "retired_reason",
        )


class DatasetFilters(Entry):
    cohort = serializers.CharField(required=False, max_length=40)
    name = serializers.CharField(required=False, max_length=40)
    kind = serializers.ChoiceField(DatasetKind.choices, required=False)


class Datasets(Listing):
    """Every version that you may see, retired ones as well."""

    reading = CLINICAL
    presenter = DatasetPresenter
    filters = DatasetFilters
    tag = "datasets"

    def rows(self) -> QuerySet[Dataset]:
        return visible_datasets(self.user)

    def narrowed(self, rows: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        columns = {"cohort": "cohort__code"}
        return rows.filter(**{columns.get(name, name): value for name, value in asked.items()})


class DatasetsEntry(Entry):
    configuration = serializers.CharField(
        max_length=LONGEST, help_text="TOML with tables [data.NAME], as manage.py discover takes it."
    )
    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), max_length=1_000, help_text="By the names written there."
    )
    origin = serializers.CharField(max_length=300, help_text="Where they come from: source, version, terms.")
    reason = serializers.CharField(max_length=500, required=False, default="")


class CohortDatasets(Computed):
    """Those that count in the cohort: its own, and the references where it has none of that name."""

    reading = CLINICAL
    writing = CLINICAL
    parser_classes = [MultiPartParser]
    presenter = DatasetPresenter
    tag = "datasets"

    def found(self, asked: dict[str, Any]) -> list[Dataset]:
        return listed_datasets(self.user, access_cohort(self.user, self.kwargs["code"]))

    def place(self, row: Dataset) -> list[str]:
        return [row.name]

    def post(self, request: Request, **kwargs: Any) -> Response:
        cohort = access_cohort(self.user, self.kwargs["code"])
        given = DatasetsEntry.parsed(request.data)
        made = datasets_from(
            cohort=cohort,
            text=given["configuration"],
            uploads=given["files"],
            origin=given["origin"],
            by=self.by,
            reason=given["reason"],
        )
        return Response(DatasetPresenter([one.dataset for one in made], many=True).data, status=201)

    def describe(self, method: str) -> Told:
        if method == "POST":
            return Told(
                "Store all data of a configuration, or none", DatasetsEntry, DatasetPresenter(many=True), status=201
            )
        return super().describe(method)


class OneDataset(Item):
    reading = CLINICAL
    presenter = DatasetPresenter
    tag = "datasets"

    def row(self) -> Dataset:
        return access_dataset(self.user, self.kwargs["pk"])


class RetiredDataset(Retirement):
    """The version before counts again, where there is one."""

    writing = CLINICAL
    tag = "datasets"

    def row(self) -> Dataset:
        found = access_dataset(self.user, self.kwargs["pk"])
        if not may_change(self.user, found):
            raise Http404
        return found

    def act(self, row: Dataset, given: dict[str, Any]) -> Dataset:
        version = self.seen_version(given)
        return dataset_retire(dataset=row, expected_version=version, by=self.by, reason=given["reason"])
