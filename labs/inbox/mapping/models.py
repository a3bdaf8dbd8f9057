"""What the receiving site has agreed with those who send: settings, authorities of patient numbers, local codes."""

import ipaddress
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from labs.blood.models import Analyte
from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.people.models import Site

MAPPINGS = "inbox-mappings"


class _Setting(Fact):
    class Meta:
        abstract = True

    def streams(self) -> Iterable[StreamKey]:
        return [(None, MAPPINGS)]


class InboxSettings(_Setting):
    """One row: what holds for every sender."""

    only_listed_senders = models.BooleanField(
        _("only senders that are listed"),
        default=False,
        help_text=_("Messages of others are refused; their bytes are kept."),
    )
    specimen_other = models.JSONField(
        _("words of specimens that are no blood"), default=list, blank=True, help_text=_('As ["urin", "csf"].')
    )
    comment_words = models.JSONField(
        _("words that begin a comment in place of a value"), default=list, blank=True, help_text=_('As ["folgt"].')
    )

    class Meta:
        verbose_name = _("settings of the inbox")
        verbose_name_plural = _("settings of the inbox")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def clean(self) -> None:
        for name in ("specimen_other", "comment_words"):
            if not (isinstance(listed := getattr(self, name), list) and all(isinstance(each, str) for each in listed)):
                raise ValidationError({name: _("A list of texts is expected.")})

    def log_code(self) -> str:
        return "inbox"


class Sender(_Setting):
    """Settings for the senders that the pattern fits. An empty setting is left to the next pattern that fits."""

    pattern = models.CharField(
        _("sender"),
        max_length=250,
        unique=True,
        help_text=_("MSH-3|MSH-4 of the message, as LAB|EAST; * stands for any text, case does not count."),
    )
    position = models.PositiveIntegerField(_("place in the order"), help_text=_("The first pattern that fits decides."))
    site = models.ForeignKey(
        Site,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("site"),
        help_text=_("Its people see the messages; without one everybody at the bench does."),
    )
    default_authority = models.CharField(
        _("authority of patient numbers that name none"), max_length=120, blank=True, help_text=_("As in PID-3.4.")
    )
    charset_if_empty = models.JSONField(
        _("character sets to try when MSH-18 is empty"), null=True, blank=True, help_text=_('As ["utf-8", "latin-1"].')
    )
    status_if_empty = models.CharField(
        _("status of a result that has none"), max_length=1, blank=True, help_text=_("F for final.")
    )
    obr_optional = models.BooleanField(_("results without an order (OBR)"), null=True, blank=True)
    patient_id_in_pid2 = models.BooleanField(_("PID-2 identifies the patient"), null=True, blank=True)
    msh9_missing = models.BooleanField(_("MSH-9 is left out"), null=True, blank=True)
    decimal_comma = models.BooleanField(_("decimal comma"), null=True, blank=True)
    peers = models.JSONField(
        _("addresses that it sends from"),
        null=True,
        blank=True,
        help_text=_("Addresses or networks; what comes over MLLP from elsewhere in its name is refused."),
    )

    class Meta:
        ordering = ("position", "pk")
        verbose_name = _("sender")
        verbose_name_plural = _("senders")

    def __str__(self) -> str:
        return self.pattern

    def clean(self) -> None:
        for name in self._listed("charset_if_empty"):
            try:
                "".encode(str(name))
            except LookupError:
                raise ValidationError(
                    {"charset_if_empty": _("“%s” is no character set that is known here.") % name}
                ) from None
        for peer in self._listed("peers"):
            try:
                ipaddress.ip_network(str(peer), strict=False)
            except ValueError:
                raise ValidationError({"peers": _("“%s” is no address or network.") % peer}) from None

    def _listed(self, name: str) -> list[Any]:
        listed = getattr(self, name)
        if listed is None:
            return []
        if not isinstance(listed, list) or not listed:
            raise ValidationError({name: _("A list of names is expected, or nothing.")})
        return listed

    def log_code(self) -> str:
        return self.pattern[:80]


class NumberKind(models.TextChoices):
    RECORD = "record", _("medical record number of the site")
    STUDY = "study", _("study number")


class Authority(_Setting):
    """Whose number a patient number in a message is; without a name: of messages that name no authority."""

    name = models.CharField(_("authority"), max_length=120, unique=True, blank=True, help_text=_("As in PID-3.4."))
    kind = models.CharField(_("its numbers are"), max_length=6, choices=NumberKind.choices, default=NumberKind.RECORD)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", verbose_name=_("site"))

    class Meta:
        ordering = ("name",)
        verbose_name = _("authority of patient numbers")
        verbose_name_plural = _("authorities of patient numbers")
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=NumberKind.values), name="authority_kind_known")
        ]

    def __str__(self) -> str:
        return self.name or str(_("(none named)"))

    def log_code(self) -> str:
        return self.name[:80]


class CodeMapping(_Setting):
    """A code of a sender, in this unit and of this specimen, means an analyte. Unit and specimen are kept as they are
    compared. Which units a value may have is the analyte's own list of spellings."""

    sender = models.CharField(_("sender"), max_length=250, help_text=_("As in the list of senders; * is allowed."))
    code = models.CharField(_("code sent"), max_length=80)
    unit = models.CharField(
        _("only in the unit"),
        max_length=40,
        blank=True,
        help_text=_("As it is sent; case and spaces do not count. Empty: in any unit."),
    )
    specimen = models.CharField(
        _("only of the specimen"),
        max_length=60,
        blank=True,
        help_text=_("Words of the specimen that is sent, as serum; case does not count. Empty: of any specimen."),
    )
    analyte = models.ForeignKey(
        Analyte, on_delete=models.PROTECT, related_name="code_mappings", verbose_name=_("analyte")
    )

    class Meta:
        ordering = ("sender", "code", "unit", "specimen")
        verbose_name = _("mapping of a code")
        verbose_name_plural = _("mappings of codes")
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "code", "unit", "specimen"],
                condition=models.Q(retired_reason=""),
                name="code_mapped_once",
                violation_error_message=_(
                    "This code of this sender is mapped already for the same unit and specimen: change that mapping."
                ),
            )
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.sender, self.code, self.unit, self.specimen)))

    def log_code(self) -> str:
        return str(self)[:80]
