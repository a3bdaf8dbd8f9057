"""Public or own omics data and references that discovery reads: files of a cohort, or of the whole installation."""

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registry.cohorts.models import Cohort
from registry.log.facts import Fact, FactQuerySet
from registry.log.recording import StreamKey


class DatasetKind(models.TextChoices):
    EXPRESSION = "expression", _("expression")
    MUTATIONS = "mutations", _("mutations (MAF)")
    SEGMENTS = "segments", _("copy-number segments")
    PLACES = "places", _("places of genes or arms")
    GISTIC = "gistic", _("outcome of GISTIC")
    SETS = "sets", _("sets of genes (GMT)")
    SCORES = "scores", _("published scores of samples")
    IDENTIFIERS = "identifiers", _("table of identifiers")
    SIGNATURE = "signature", _("signature of a method")


def new_folder() -> str:
    return uuid.uuid4().hex


class Dataset(Fact):
    """One version of what has a name; the newest that nobody has retired counts. Its files are never changed."""

    # Without one it is a reference, which every cohort may name.
    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="datasets", verbose_name=_("cohort"), null=True, blank=True
    )
    name = models.CharField(
        _("name"), max_length=40, validators=[RegexValidator(r"^[A-Za-z0-9_-]+$", _("Letters, digits, - and _."))]
    )
    number = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=15, choices=DatasetKind)
    # As in a configuration of `manage.py discover`, without the files.
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    # key of the configuration → [{"name", "sha256", "size"}]
    files = models.JSONField(_("files"), default=dict, blank=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    # What was found in it when it was taken in: [[what, how much], …]
    found = models.JSONField(_("found in it"), default=list, blank=True)
    source = models.CharField(_("where it comes from"), max_length=300)
    folder = models.CharField(max_length=32, default=new_folder, unique=True, editable=False)
    stored_at = models.DateTimeField(_("stored at"), auto_now_add=True)
    stored_by = models.CharField(_("stored by"), max_length=150, editable=False)

    # Whoever named a file may have named a patient.
    unlogged_values = ("files",)
    unexported_values = ("folder",)

    objects = FactQuerySet["Dataset"].as_manager()

    class Meta:
        ordering = ("name", "-number")
        verbose_name = _("data set")
        constraints = [
            models.UniqueConstraint(fields=["cohort", "name", "number"], name="dataset_version_once"),
            models.UniqueConstraint(
                fields=["name", "number"], condition=Q(cohort__isnull=True), name="dataset_reference_version_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=DatasetKind.values), name="dataset_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("analysis:dataset", args=[self.pk])

    @property
    def domain(self) -> str:
        return dataset_domain(self.name, shared=self.cohort_id is None)

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, self.domain)]

    def log_code(self) -> str:
        return f"{self.cohort.code}/{self}" if self.cohort else str(self)

    @property
    def place(self) -> Path:
        return Path(settings.DATASETS_ROOT) / self.folder

    @property
    def is_licensed(self) -> bool:
        """What may be under terms of its own is computed with, but given to nobody; sets of KEGG are."""
        return self.kind in (DatasetKind.SIGNATURE, DatasetKind.SETS)

    @property
    def form(self) -> str:
        return str(self.settings.get("form", ""))

    def listed_files(self) -> list[dict[str, Any]]:
        return [
            {"key": key, "place": place, **one} for key, many in self.files.items() for place, one in enumerate(many)
        ]

    def path(self, key: str, place: int) -> Path:
        """Under the file's own name, which says in messages which it is and whether it is packed."""
        return self.place / f"{key}-{place}" / str(self.files[key][place]["name"])


def dataset_domain(name: str, *, shared: bool) -> str:
    return f"{'reference' if shared else 'dataset'}/{name}"
