"""Expression of all genes in the tumours of a cohort: one set at a time counts, the newest that nobody has retired."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.cohorts.models import Cohort
from registry.log.facts import Fact, FactQuerySet
from registry.log.recording import StreamKey
from registry.patients.models import Enrolment


class ExpressionUnit(models.TextChoices):
    TPM = "TPM", "TPM"
    FPKM = "FPKM", "FPKM"
    COUNTS = "counts", _("counts")
    LOG2_TPM = "log2(TPM+1)", "log2(TPM+1)"
    LOG2_FPKM = "log2(FPKM+1)", "log2(FPKM+1)"
    LOG2 = "log2", _("log2 of an array")


class Identifiers(models.TextChoices):
    SYMBOL = "symbol", _("gene symbols")
    ENSEMBL = "ensembl", _("Ensembl ids")
    ENTREZ = "entrez", _("Entrez ids")


class ExpressionSet(Fact):
    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="expression_sets", verbose_name=_("cohort")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    unit = models.CharField(_("unit"), max_length=20, choices=ExpressionUnit)
    identifiers = models.CharField(_("genes are named by"), max_length=10, choices=Identifiers)
    source = models.CharField(_("source"), max_length=200)
    # Of the file as it was read.
    sha256 = models.CharField(_("sha256 of the file"), max_length=64)
    genes = models.PositiveIntegerField(_("genes"))
    samples = models.PositiveIntegerField(_("samples"))

    objects = FactQuerySet["ExpressionSet"].as_manager()

    class Meta:
        ordering = ("cohort", "-number")
        verbose_name = _("expression set")
        constraints = [
            models.UniqueConstraint(fields=["cohort", "number"], name="expression_set_version_once"),
            models.CheckConstraint(condition=models.Q(unit__in=ExpressionUnit.values), name="expression_unit_known"),
        ]

    def __str__(self) -> str:
        return f"{self.cohort.code} v{self.number}"

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, "expression")]

    def log_code(self) -> str:
        return f"{self.cohort.code} expression v{self.number}"


class ExpressionSample(models.Model):
    """Which patient a column of a set is of."""

    set = models.ForeignKey(ExpressionSet, on_delete=models.PROTECT, related_name="columns")
    place = models.PositiveIntegerField()
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("sample"), max_length=80)

    class Meta:
        ordering = ("set", "place")
        constraints = [
            models.UniqueConstraint(fields=["set", "place"], name="expression_column_once"),
            models.UniqueConstraint(fields=["set", "enrolment"], name="expression_sample_once_a_patient"),
        ]


class ExpressionGene(models.Model):
    """The values of one gene in all samples of a set: 64-bit floats, little-endian, in the order of the columns."""

    set = models.ForeignKey(ExpressionSet, on_delete=models.PROTECT, related_name="rows")
    gene = models.CharField(_("gene"), max_length=40)
    values = models.BinaryField()

    class Meta:
        ordering = ("set", "gene")
        constraints = [models.UniqueConstraint(fields=["set", "gene"], name="expression_gene_once")]
