from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.cohorts.models import Cohort
from registry.log.facts import Fact
from registry.log.recording import StreamKey

DOMAIN = "remark"


class RemarkNote(Fact):
    """What people add to an item of a cohort's REMARK profile."""

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="remark_notes", verbose_name=_("cohort"))
    item = models.PositiveSmallIntegerField(_("item"))
    text = models.TextField(_("text"), max_length=4000)

    class Meta:
        ordering = ("cohort", "item")
        verbose_name = _("REMARK note")
        constraints = [
            models.UniqueConstraint(fields=["cohort", "item"], name="remark_note_once"),
            models.CheckConstraint(condition=models.Q(item__range=(1, 20)), name="remark_item_known"),
        ]

    def __str__(self) -> str:
        return f"{self.cohort.code} REMARK {self.item}"

    def streams(self) -> Iterable[StreamKey]:
        return [(self.cohort_id, DOMAIN)]

    def log_code(self) -> str:
        return f"{self.cohort.code}/{self.item}"
