"""What laboratories send: the bytes as they came, what was read of them, and what became of each result."""

import hashlib
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from labs.blood.models import Analyte, BloodResult, Comparator
from labs.blood.units import printed
from labs.specimens.models import Specimen
from registry.log.facts import Fact
from registry.log.recording import StreamKey
from registry.patients.models import Patient
from registry.people.models import Site

INBOX = "inbox"


class Transport(models.TextChoices):
    MLLP = "mllp", _("MLLP")
    FILE = "file", _("file drop")
    FORM = "form", _("upload")
    REST = "rest", _("REST")
    BRIDGE = "bridge", _("bridge of an instrument")
    PULL = "pull", _("pull from another system")


class Port(models.TextChoices):
    PRODUCTION = "production", _("production")
    # Test messages are read and judged by the same rules, and never reach a patient.
    VALIDATION = "validation", _("validation")


class Verdict(models.TextChoices):
    AA = "AA", _("accepted")
    AE = "AE", _("error")
    AR = "AR", _("refused")


class MessageReason(models.TextChoices):
    """Why a message as a whole is not accepted."""

    CHARSET = "charset", _("its characters cannot be read")
    MALFORMED_MSH = "malformed_msh", _("its header cannot be read")
    SEGMENT_BROKEN = "segment_broken", _("a segment is broken")
    MISSING_OBR = "missing_obr", _("it has no order (OBR)")
    MISSING_OBX = "missing_obx", _("it has no results (OBX)")
    ORDER_STATUS = "order_status", _("it answers a query (OBR-25)")
    NO_HEADER = "no_header", _("it has no header")
    MALFORMED_HEADER = "malformed_header", _("its header is malformed")
    UNKNOWN_RECORD = "unknown_record", _("it has an unknown record")
    TRUNCATED = "truncated", _("it is not complete")
    PROCESSING_ID = "processing_id", _("it is not for this port (MSH-11)")
    UNSUPPORTED_TYPE = "unsupported_type", _("messages of this type are not taken")
    UNKNOWN_SENDER = "unknown_sender", _("the sender is not listed")
    UNSUPPORTED_VERSION = "unsupported_version", _("its version is not taken")
    TOO_MANY_ROWS = "too_many_rows", _("it has too many results")
    # Ours alone: the reading or the storing itself failed, and is tried again.
    FAILED = "failed", _("it could not be stored; it is read again")


class Outcome(models.TextChoices):
    PLACED = "placed", _("placed")
    QUARANTINED = "quarantined", _("waits")
    IGNORED = "ignored", _("nothing to place")


class RowReason(models.TextChoices):
    UNMATCHED = "unmatched", _("no patient, or more than one, has this number")
    IDENTITY_CONFLICT = "identity_conflict", _("birth date or sex differ from the patient's")
    UNMAPPED_CODE = "unmapped_code", _("the code is not mapped")
    UNIT_UNKNOWN = "unit_unknown", _("the unit is none of the analyte's")
    IMPLAUSIBLE = "implausible", _("the value is not possible")
    CONTROL_MATERIAL = "control_material", _("control material")
    CHARSET = "charset", _("characters cannot be read")
    CONFLICT = "conflict", _("a person entered another value")
    TRUNCATED = "truncated", _("not complete")
    STATUS_MISSING = "status_missing", _("no status was sent")
    STATUS_UNKNOWN = "status_unknown", _("the status is unknown")
    VALUE_TYPE_UNKNOWN = "value_type_unknown", _("the type of the value is unknown")
    VALUE_UNPARSABLE = "value_unparsable", _("the value is neither a number nor a known word")
    QUESTIONABLE = "questionable", _("the instrument doubts it")
    NOT_A_RESULT = "not_a_result", _("a picture or document")
    PENDING = "pending", _("still pending")
    WITHDRAWN = "withdrawn", _("withdrawn by the sender")
    NO_RESULT = "no_result", _("no result was possible")
    NO_VALUE = "no_value", _("empty")
    COMMENT = "comment", _("a comment in place of a value")
    DUPLICATE_MESSAGE = "duplicate_message", _("in a message sent before")
    DUPLICATE_ROW = "duplicate_row", _("twice in this message")
    UNCHANGED = "unchanged", _("the same as before")


class State(models.TextChoices):
    """What a person has to do with a row. Of control material and tests there is nothing to do."""

    OPEN = "open", _("waits")
    PLACED = "placed", _("placed")
    ASSIGNED = "assigned", _("placed by a person")
    DISCARDED = "discarded", _("discarded")
    NONE = "none", _("nothing to do")


class RawQuerySet(models.QuerySet["RawMessage"]):
    def unread(self) -> "RawQuerySet":
        return self.filter(message__isnull=True)


class RawMessage(models.Model):
    """The bytes of one message, committed before anything reads them; append-only by trigger."""

    received_at = models.DateTimeField(_("received at"), default=timezone.now, editable=False)
    transport = models.CharField(_("came by"), max_length=6, choices=Transport.choices)
    peer = models.CharField(_("from address"), max_length=100, blank=True)
    file_name = models.CharField(_("file"), max_length=255, blank=True)
    port = models.CharField(_("port"), max_length=10, choices=Port.choices, default=Port.PRODUCTION)
    received_by = models.CharField(_("received by"), max_length=150)
    data = models.BinaryField(editable=False)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, db_index=True)

    # Whoever named the file may have named a patient.
    unexported_values = ("file_name", "peer", "sha256")

    objects = RawQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("message as received")
        verbose_name_plural = _("messages as received")
        constraints = [
            models.CheckConstraint(condition=models.Q(transport__in=Transport.values), name="raw_transport_known"),
            models.CheckConstraint(condition=models.Q(port__in=Port.values), name="raw_port_known"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def clean(self) -> None:
        if hashlib.sha256(bytes(self.data)).hexdigest() != self.sha256:
            raise ValidationError({"data": _("The bytes do not have this hash.")})


class AnswerKind(models.TextChoices):
    COMMIT = "commit", _("commit acknowledgement")
    APPLICATION = "application", _("application acknowledgement")


class Acknowledgement(models.Model):
    """The bytes that a sender was answered over MLLP, as they were made; append-only by trigger.

    Kept in the transaction of the message and sent once that is committed. Who brought a file was answered by nobody.
    """

    raw = models.ForeignKey(RawMessage, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(_("kind"), max_length=11, choices=AnswerKind.choices)
    code = models.CharField(_("code (MSA-1)"), max_length=2)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)
    data = models.BinaryField(editable=False)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("acknowledgement")
        verbose_name_plural = _("acknowledgements")
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=AnswerKind.values), name="acknowledgement_kind_known"),
            models.UniqueConstraint(fields=["raw", "kind"], name="acknowledged_once"),
        ]

    def __str__(self) -> str:
        return f"{self.raw_id} {self.code}"


class Message(Fact):
    """What was read of the bytes, at the latest reading. Who the patient is stands in the bytes alone."""

    raw = models.OneToOneField(RawMessage, on_delete=models.PROTECT, related_name="message")
    verdict = models.CharField(_("verdict"), max_length=2, choices=Verdict.choices)
    reason = models.CharField(_("reason"), max_length=20, choices=MessageReason.choices, blank=True)
    text = models.CharField(_("in words"), max_length=300, blank=True)
    # What the sender was told. A later reading may say more; the answer stays what it was.
    answered = models.CharField(_("answer to the sender"), max_length=2, choices=Verdict.choices)
    sender = models.CharField(_("sender"), max_length=250, blank=True, db_index=True)
    control_id = models.CharField(_("control id (MSH-10)"), max_length=200, blank=True)
    key = models.CharField(_("content key"), max_length=64, blank=True)
    type = models.CharField(_("type"), max_length=30, blank=True)
    hl7_version = models.CharField(_("version of the protocol"), max_length=20, blank=True)
    processing_id = models.CharField(_("processing id"), max_length=20, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    encoding = models.CharField(_("character set"), max_length=30, blank=True)
    port = models.CharField(_("port"), max_length=10, choices=Port.choices)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("site"))
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="repeats", verbose_name=_("repeats")
    )
    is_control_id_reused = models.BooleanField(_("control id used before with other content"), default=False)
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    read_at = models.DateTimeField(_("read at"), default=timezone.now)

    unexported_values = ("text", "control_id", "key", "warnings")

    class Meta:
        ordering = ("-raw_id",)
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["sender", "control_id"], name="message_by_control_id")]
        constraints = [
            models.CheckConstraint(condition=models.Q(verdict__in=Verdict.values), name="message_verdict_known"),
            models.CheckConstraint(
                condition=models.Q(reason__in=[*MessageReason.values, ""]), name="message_reason_known"
            ),
            # Two copies that arrive at once: the second finds the first, or is refused here and looks again.
            models.UniqueConstraint(
                fields=["port", "key"],
                condition=models.Q(verdict="AA", duplicate_of__isnull=True) & ~models.Q(key=""),
                name="message_accepted_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.raw_id} {self.sender}"

    def streams(self) -> Iterable[StreamKey]:
        return [(None, INBOX)]

    def log_code(self) -> str:
        return f"message {self.raw_id}"


class ResultKey(models.Model):
    """One result of a sender through all its versions: which of them counts, and as of when."""

    port = models.CharField(max_length=10, choices=Port.choices)
    key = models.CharField(max_length=64)
    current = models.ForeignKey("MessageRow", on_delete=models.PROTECT, null=True, related_name="+")
    # Order of the latest version that said what `current` says: issued, then arrival.
    issued_at = models.DateTimeField(null=True)
    arrival = models.PositiveBigIntegerField(default=0)
    place = models.PositiveIntegerField(default=0)

    unexported_values = ("key",)

    class Meta:
        verbose_name = _("result of a sender")
        verbose_name_plural = _("results of senders")
        constraints = [models.UniqueConstraint(fields=["port", "key"], name="result_key_once")]

    def __str__(self) -> str:
        return f"{self.pk}"


class MessageRow(Fact):
    """One observation of a message: what was sent, what became of it, and who decided."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="rows", verbose_name=_("message"))
    number = models.PositiveIntegerField(_("row"))
    patient_group = models.PositiveSmallIntegerField(_("patient in the message"), default=0)
    code = models.CharField(_("code sent"), max_length=80, blank=True)
    text = models.CharField(_("name sent"), max_length=120, blank=True)
    raw = models.CharField(_("value sent"), max_length=60, blank=True)
    unit_sent = models.CharField(_("unit sent"), max_length=40, blank=True)
    status_sent = models.CharField(_("status sent"), max_length=20, blank=True)
    specimen_sent = models.CharField(_("specimen sent"), max_length=60, blank=True)
    observed_at = models.DateTimeField(_("observed at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome.choices)
    reason = models.CharField(_("reason"), max_length=20, choices=RowReason.choices, blank=True)
    detail = models.CharField(_("in words"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    analyte = models.ForeignKey(
        Analyte,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="received_rows",
        verbose_name=_("analyte"),
    )
    value = models.FloatField(_("value"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    comparator = models.CharField(_("comparator"), max_length=2, choices=Comparator.choices, blank=True)
    coded = models.CharField(_("result in words"), max_length=30, blank=True)
    for_analysis = models.BooleanField(_("for analysis"), default=True)
    key = models.ForeignKey(ResultKey, on_delete=models.PROTECT, null=True, blank=True, related_name="versions")
    is_revision = models.BooleanField(_("changes an earlier value"), default=False)
    patient = models.ForeignKey(
        Patient,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="received_rows",
        verbose_name=_("patient"),
    )
    result = models.ForeignKey(
        BloodResult,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="received_rows",
        verbose_name=_("result"),
    )
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_reason = models.CharField(_("reason of the decision"), max_length=500, blank=True)

    # Text of a laboratory may name a patient.
    unlogged_values = ("raw", "text", "detail")
    unexported_values = ("raw", "text", "detail", "decision_reason")

    class Meta:
        ordering = ("-message_id", "number")
        verbose_name = _("received result")
        verbose_name_plural = _("received results")
        indexes = [
            models.Index(fields=["reason"], condition=models.Q(state="open"), name="row_open_by_reason"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="row_once_per_message"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="row_outcome_known"),
            models.CheckConstraint(condition=models.Q(reason__in=[*RowReason.values, ""]), name="row_reason_known"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="row_state_known"),
            models.CheckConstraint(
                condition=models.Q(outcome="placed", reason="") | (~models.Q(outcome="placed") & ~models.Q(reason="")),
                name="row_placed_or_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="discarded") | ~models.Q(decision_reason=""), name="row_discarded_because"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}/{self.number}"

    @property
    def shown(self) -> str:
        """What was read of it, in the unit that it would be stored in."""
        if self.value is None:
            return self.coded
        sign = Comparator(self.comparator).label if self.comparator else ""
        return f"{sign}{self.value:.6g} {printed(self.unit)}".rstrip()

    def streams(self) -> Iterable[StreamKey]:
        return [(None, INBOX)]

    def log_code(self) -> str:
        return f"message {self.message.raw_id} row {self.number}"


class DrawNumber(models.Model):
    """Which draw a laboratory's number and time of collection mean: how the next message finds it again."""

    specimen = models.ForeignKey(Specimen, on_delete=models.PROTECT, related_name="numbers", verbose_name=_("draw"))
    number = models.CharField(_("number of the laboratory"), max_length=120, blank=True)
    collected_at = models.DateTimeField(_("collected at"), null=True)

    unexported_values = ("number",)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("number of a draw")
        verbose_name_plural = _("numbers of draws")
        indexes = [models.Index(fields=["number"], name="draw_by_number")]

    def __str__(self) -> str:
        return f"{self.specimen_id}"
