from django.db import models
from django.utils.translation import gettext_lazy as _

from registry.people.models import User


class KeptAnswer(models.Model):
    """What a program was answered to a POST that it named by a key, for a day: no fact, so not in the log.

    Written in the transaction of what the POST stored, so that there is neither without the other.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("owner"))
    key = models.CharField(_("key"), max_length=200)
    # of the address and of what was sent; neither is kept, both may name a patient
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(_("status"))
    etag = models.CharField(max_length=40, blank=True)
    body = models.TextField(_("answer"))
    at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)

    # An answer may tell of somebody who was withdrawn since, so the table is in no export.
    unexported_values = ("id", "owner", "key", "digest", "status", "etag", "body", "at")

    class Meta:
        verbose_name = _("kept answer")
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="kept_answer_once")]

    def __str__(self) -> str:
        return f"{self.status}"
