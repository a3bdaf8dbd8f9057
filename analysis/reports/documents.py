"""What a report keeps beside its content: the drawn figures, each once, and the PDF."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from analysis.engine.models import Stored
from analysis.reports.models import Report


class StoredFigure(Stored):
    """A figure as it was drawn, under the hash of its specification and of the drawing library.

    Without run and marks: these are stamped on when it is shown, so that the same curve of two reports is drawn once.
    """

    class Meta:
        verbose_name_plural = _("stored figures")


class ReportDocument(models.Model):
    """The PDF as it was set when the report was made; the same bytes for whoever asks, and their hash."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, primary_key=True, related_name="document")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
