import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def settle(apps, schema_editor):
    """What the shipped catalogue says of new columns, for analytes that were loaded before they were there."""
    analyte = apps.get_model("labs", "Analyte")
    afp = analyte.objects.filter(code="AFP").first()
    if afp is not None:
        analyte.objects.filter(code="AFP-IU", unit="[IU]/mL").update(kept_of=afp)
    for row in analyte.objects.exclude(words={}):
        row.word_units = [""]
        row.save(update_fields=["word_units"])


class Migration(migrations.Migration):
    dependencies = [
        ("labs", "0008_spare"),
        ("registry", "0004_signatures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authority",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="As in PID-3.4.", max_length=120, unique=True, verbose_name="authority"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("record", "medical record number of the site"), ("study", "study number")],
                        default="record",
                        max_length=6,
                        verbose_name="its numbers are",
                    ),
                ),
            ],
            options={
                "verbose_name": "authority of patient numbers",
                "verbose_name_plural": "authorities of patient numbers",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="CodeMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                (
                    "sender",
                    models.CharField(
                        help_text="As in the list of senders; * is allowed.", max_length=250, verbose_name="sender"
                    ),
                ),
                ("code", models.CharField(max_length=80, verbose_name="code sent")),
            ],
            options={
                "verbose_name": "mapping of a code",
                "verbose_name_plural": "mappings of codes",
                "ordering": ("sender", "code"),
            },
        ),
        migrations.CreateModel(
            name="DrawNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(blank=True, max_length=120, verbose_name="number of the laboratory")),
                ("collected_at", models.DateTimeField(null=True, verbose_name="collected at")),
            ],
            options={
                "verbose_name": "number of a draw",
                "verbose_name_plural": "numbers of draws",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="InboxSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                (
                    "only_listed_senders",
                    models.BooleanField(
                        default=False,
                        help_text="Messages of others are refused; their bytes are kept.",
                        verbose_name="only senders that are listed",
                    ),
                ),
                (
                    "specimen_other",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text='As ["urin", "csf"].',
                        verbose_name="words of specimens that are no blood",
                    ),
                ),
                (
                    "comment_words",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text='As ["folgt"].',
                        verbose_name="words that begin a comment in place of a value",
                    ),
                ),
            ],
            options={
                "verbose_name": "settings of the inbox",
                "verbose_name_plural": "settings of the inbox",
            },
        ),
        migrations.CreateModel(
            name="ListenerSign",
            fields=[
                ("place", models.CharField(max_length=120, primary_key=True, serialize=False, verbose_name="listener")),
                ("at", models.DateTimeField(verbose_name="last sign of life")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("stopped_at", models.DateTimeField(null=True, verbose_name="stopped at")),
            ],
            options={
                "verbose_name": "listener for messages",
                "verbose_name_plural": "listeners for messages",
                "ordering": ("place",),
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("AA", "accepted"), ("AE", "error"), ("AR", "refused")],
                        max_length=2,
                        verbose_name="verdict",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("charset", "its characters cannot be read"),
                            ("malformed_msh", "its header cannot be read"),
                            ("segment_broken", "a segment is broken"),
                            ("missing_obr", "it has no order (OBR)"),
                            ("missing_obx", "it has no results (OBX)"),
                            ("order_status", "it answers a query (OBR-25)"),
                            ("no_header", "it has no header"),
                            ("malformed_header", "its header is malformed"),
                            ("unknown_record", "it has an unknown record"),
                            ("truncated", "it is not complete"),
                            ("processing_id", "it is not for this port (MSH-11)"),
                            ("unsupported_type", "messages of this type are not taken"),
                            ("unknown_sender", "the sender is not listed"),
                            ("unsupported_version", "its version is not taken"),
                            ("too_many_rows", "it has too many results"),
                            ("failed", "it could not be stored; it is read again"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=300, verbose_name="in words")),
                (
                    "answered",
                    models.CharField(
                        choices=[("AA", "accepted"), ("AE", "error"), ("AR", "refused")],
                        max_length=2,
                        verbose_name="answer to the sender",
                    ),
                ),
                ("sender", models.CharField(blank=True, db_index=True, max_length=250, verbose_name="sender")),
                ("control_id", models.CharField(blank=True, max_length=200, verbose_name="control id (MSH-10)")),
                ("key", models.CharField(blank=True, max_length=64, verbose_name="content key")),
                ("type", models.CharField(blank=True, max_length=30, verbose_name="type")),
                ("hl7_version", models.CharField(blank=True, max_length=20, verbose_name="version of the protocol")),
                ("processing_id", models.CharField(blank=True, max_length=20, verbose_name="processing id")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent at")),
                ("encoding", models.CharField(blank=True, max_length=30, verbose_name="character set")),
                (
                    "port",
                    models.CharField(
                        choices=[("production", "production"), ("validation", "validation")],
                        max_length=10,
                        verbose_name="port",
                    ),
                ),
                (
                    "is_control_id_reused",
                    models.BooleanField(default=False, verbose_name="control id used before with other content"),
                ),
                ("warnings", models.JSONField(blank=True, default=list, verbose_name="warnings")),
                ("read_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="read at")),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "ordering": ("-raw_id",),
            },
        ),
        migrations.CreateModel(
            name="MessageRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="row")),
                ("patient_group", models.PositiveSmallIntegerField(default=0, verbose_name="patient in the message")),
                ("code", models.CharField(blank=True, max_length=80, verbose_name="code sent")),
                ("text", models.CharField(blank=True, max_length=120, verbose_name="name sent")),
                ("raw", models.CharField(blank=True, max_length=60, verbose_name="value sent")),
                ("unit_sent", models.CharField(blank=True, max_length=40, verbose_name="unit sent")),
                ("status_sent", models.CharField(blank=True, max_length=20, verbose_name="status sent")),
                ("specimen_sent", models.CharField(blank=True, max_length=60, verbose_name="specimen sent")),
                ("observed_at", models.DateTimeField(blank=True, null=True, verbose_name="observed at")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("placed", "placed"), ("quarantined", "waits"), ("ignored", "nothing to place")],
                        max_length=11,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unmatched", "no patient, or more than one, has this number"),
                            ("identity_conflict", "birth date or sex differ from the patient's"),
                            ("unmapped_code", "the code is not mapped"),
                            ("unit_unknown", "the unit is none of the analyte's"),
                            ("implausible", "the value is not possible"),
                            ("control_material", "control material"),
                            ("charset", "characters cannot be read"),
                            ("conflict", "a person entered another value"),
                            ("truncated", "not complete"),
                            ("status_missing", "no status was sent"),
                            ("status_unknown", "the status is unknown"),
                            ("value_type_unknown", "the type of the value is unknown"),
                            ("value_unparsable", "the value is neither a number nor a known word"),
                            ("questionable", "the instrument doubts it"),
                            ("not_a_result", "a picture or document"),
                            ("pending", "still pending"),
                            ("withdrawn", "withdrawn by the sender"),
                            ("no_result", "no result was possible"),
                            ("no_value", "empty"),
                            ("comment", "a comment in place of a value"),
                            ("duplicate_message", "in a message sent before"),
                            ("duplicate_row", "twice in this message"),
                            ("unchanged", "the same as before"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=300, verbose_name="in words")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits"),
                            ("placed", "placed"),
                            ("assigned", "placed by a person"),
                            ("discarded", "discarded"),
                            ("none", "nothing to do"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("value", models.FloatField(blank=True, null=True, verbose_name="value")),
                ("unit", models.CharField(blank=True, max_length=30, verbose_name="unit")),
                (
                    "comparator",
                    models.CharField(
                        blank=True,
                        choices=[("", "="), ("<", "<"), ("<=", "≤"), (">", ">"), (">=", "≥")],
                        max_length=2,
                        verbose_name="comparator",
                    ),
                ),
                ("coded", models.CharField(blank=True, max_length=30, verbose_name="result in words")),
                ("for_analysis", models.BooleanField(default=True, verbose_name="for analysis")),
                ("is_revision", models.BooleanField(default=False, verbose_name="changes an earlier value")),
                ("decided_by", models.CharField(blank=True, max_length=150, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                (
                    "decision_reason",
                    models.CharField(blank=True, max_length=500, verbose_name="reason of the decision"),
                ),
            ],
            options={
                "verbose_name": "received result",
                "verbose_name_plural": "received results",
                "ordering": ("-message_id", "number"),
            },
        ),
        migrations.CreateModel(
            name="RawMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "received_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="received at"),
                ),
                (
                    "transport",
                    models.CharField(
                        choices=[
                            ("mllp", "MLLP"),
                            ("file", "file drop"),
                            ("form", "upload"),
                            ("rest", "REST"),
                            ("bridge", "bridge of an instrument"),
                        ],
                        max_length=6,
                        verbose_name="came by",
                    ),
                ),
                ("peer", models.CharField(blank=True, max_length=100, verbose_name="from address")),
                ("file_name", models.CharField(blank=True, max_length=255, verbose_name="file")),
                (
                    "port",
                    models.CharField(
                        choices=[("production", "production"), ("validation", "validation")],
                        default="production",
                        max_length=10,
                        verbose_name="port",
                    ),
                ),
                ("received_by", models.CharField(max_length=150, verbose_name="received by")),
                ("data", models.BinaryField()),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                ("sha256", models.CharField(db_index=True, max_length=64, verbose_name="SHA-256")),
            ],
            options={
                "verbose_name": "message as received",
                "verbose_name_plural": "messages as received",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="ResultKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "port",
                    models.CharField(
                        choices=[("production", "production"), ("validation", "validation")], max_length=10
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                ("issued_at", models.DateTimeField(null=True)),
                ("arrival", models.PositiveBigIntegerField(default=0)),
                ("place", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "result of a sender",
                "verbose_name_plural": "results of senders",
            },
        ),
        migrations.CreateModel(
            name="Sender",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                (
                    "pattern",
                    models.CharField(
                        help_text="MSH-3|MSH-4 of the message, as LAB|EAST; * stands for any text, case does not count.",
                        max_length=250,
                        unique=True,
                        verbose_name="sender",
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        help_text="The first pattern that fits decides.", verbose_name="place in the order"
                    ),
                ),
                (
                    "default_authority",
                    models.CharField(
                        blank=True,
                        help_text="As in PID-3.4.",
                        max_length=120,
                        verbose_name="authority of patient numbers that name none",
                    ),
                ),
                (
                    "charset_if_empty",
                    models.JSONField(
                        blank=True,
                        help_text='As ["utf-8", "latin-1"].',
                        null=True,
                        verbose_name="character sets to try when MSH-18 is empty",
                    ),
                ),
                (
                    "status_if_empty",
                    models.CharField(
                        blank=True,
                        help_text="F for final.",
                        max_length=1,
                        verbose_name="status of a result that has none",
                    ),
                ),
                (
                    "obr_optional",
                    models.BooleanField(blank=True, null=True, verbose_name="results without an order (OBR)"),
                ),
                (
                    "patient_id_in_pid2",
                    models.BooleanField(blank=True, null=True, verbose_name="PID-2 identifies the patient"),
                ),
                ("msh9_missing", models.BooleanField(blank=True, null=True, verbose_name="MSH-9 is left out")),
                ("decimal_comma", models.BooleanField(blank=True, null=True, verbose_name="decimal comma")),
                (
                    "peers",
                    models.JSONField(
                        blank=True,
                        help_text="Addresses or networks; what comes over MLLP from elsewhere in its name is refused.",
                        null=True,
                        verbose_name="addresses that it sends from",
                    ),
                ),
            ],
            options={
                "verbose_name": "sender",
                "verbose_name_plural": "senders",
                "ordering": ("position", "pk"),
            },
        ),
        migrations.AddField(
            model_name="analyte",
            name="kept_of",
            field=models.ForeignKey(
                blank=True,
                help_text="Set where another unit is kept apart, as no factor leads to it: the two are never mixed.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="kept_units",
                to="labs.analyte",
                verbose_name="the same as",
            ),
        ),
        migrations.AddField(
            model_name="analyte",
            name="loincs",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='A list, as ["1751-7"]; taken only when the name sent holds one of the words below.',
                verbose_name="LOINC codes taken from messages",
            ),
        ),
        migrations.AddField(
            model_name="analyte",
            name="name_words",
            field=models.JSONField(blank=True, default=list, verbose_name="words of its name"),
        ),
        migrations.AddField(
            model_name="analyte",
            name="word_units",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='As [""] for none.',
                verbose_name="units that a result in words may have",
            ),
        ),
        migrations.AddField(
            model_name="bloodresult",
            name="is_received",
            field=models.BooleanField(default=False, editable=False, verbose_name="from a message"),
        ),
        migrations.AddField(
            model_name="bloodresult",
            name="status",
            field=models.CharField(
                choices=[
                    ("final", "final"),
                    ("preliminary", "preliminary"),
                    ("corrected", "corrected"),
                    ("amended", "amended"),
                ],
                default="final",
                editable=False,
                max_length=12,
                verbose_name="status",
            ),
        ),
        migrations.AddConstraint(
            model_name="bloodresult",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["final", "preliminary", "corrected", "amended"])),
                name="blood_result_status_known",
            ),
        ),
        migrations.AddField(
            model_name="authority",
            name="site",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.site", verbose_name="site"
            ),
        ),
        migrations.AddField(
            model_name="codemapping",
            name="analyte",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="code_mappings",
                to="labs.analyte",
                verbose_name="analyte",
            ),
        ),
        migrations.AddField(
            model_name="drawnumber",
            name="specimen",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="numbers",
                to="labs.specimen",
                verbose_name="draw",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="duplicate_of",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="repeats",
                to="labs.message",
                verbose_name="repeats",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="site",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.site",
                verbose_name="site",
            ),
        ),
        migrations.AddField(
            model_name="messagerow",
            name="analyte",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="received_rows",
                to="labs.analyte",
                verbose_name="analyte",
            ),
        ),
        migrations.AddField(
            model_name="messagerow",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rows",
                to="labs.message",
                verbose_name="message",
            ),
        ),
        migrations.AddField(
            model_name="messagerow",
            name="patient",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="received_rows",
                to="registry.patient",
                verbose_name="patient",
            ),
        ),
        migrations.AddField(
            model_name="messagerow",
            name="result",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="received_rows",
                to="labs.bloodresult",
                verbose_name="result",
            ),
        ),
        migrations.AddConstraint(
            model_name="rawmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("transport__in", ["mllp", "file", "form", "rest", "bridge"])),
                name="raw_transport_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rawmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("port__in", ["production", "validation"])), name="raw_port_known"
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="raw",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="message", to="labs.rawmessage"
            ),
        ),
        migrations.AddField(
            model_name="resultkey",
            name="current",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="labs.messagerow"
            ),
        ),
        migrations.AddField(
            model_name="messagerow",
            name="key",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="labs.resultkey",
            ),
        ),
        migrations.AddField(
            model_name="sender",
            name="site",
            field=models.ForeignKey(
                blank=True,
                help_text="Its people see the messages; without one everybody at the bench does.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.site",
                verbose_name="site",
            ),
        ),
        migrations.AddConstraint(
            model_name="authority",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["record", "study"])), name="authority_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="codemapping",
            constraint=models.UniqueConstraint(
                fields=("sender", "code"),
                name="code_mapped_once",
                violation_error_message="This code of this sender is mapped already.",
            ),
        ),
        migrations.AddIndex(
            model_name="drawnumber",
            index=models.Index(fields=["number"], name="draw_by_number"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["sender", "control_id"], name="message_by_control_id"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["AA", "AE", "AR"])), name="message_verdict_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "charset",
                            "malformed_msh",
                            "segment_broken",
                            "missing_obr",
                            "missing_obx",
                            "order_status",
                            "no_header",
                            "malformed_header",
                            "unknown_record",
                            "truncated",
                            "processing_id",
                            "unsupported_type",
                            "unknown_sender",
                            "unsupported_version",
                            "too_many_rows",
                            "failed",
                            "",
                        ],
                    )
                ),
                name="message_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("duplicate_of__isnull", True), ("verdict", "AA"), models.Q(("key", ""), _negated=True)
                ),
                fields=("port", "key"),
                name="message_accepted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="resultkey",
            constraint=models.UniqueConstraint(fields=("port", "key"), name="result_key_once"),
        ),
        migrations.AddIndex(
            model_name="messagerow",
            index=models.Index(condition=models.Q(("state", "open")), fields=["reason"], name="row_open_by_reason"),
        ),
        migrations.AddConstraint(
            model_name="messagerow",
            constraint=models.UniqueConstraint(fields=("message", "number"), name="row_once_per_message"),
        ),
        migrations.AddConstraint(
            model_name="messagerow",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["placed", "quarantined", "ignored"])), name="row_outcome_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="messagerow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "unmatched",
                            "identity_conflict",
                            "unmapped_code",
                            "unit_unknown",
                            "implausible",
                            "control_material",
                            "charset",
                            "conflict",
                            "truncated",
                            "status_missing",
                            "status_unknown",
                            "value_type_unknown",
                            "value_unparsable",
                            "questionable",
                            "not_a_result",
                            "pending",
                            "withdrawn",
                            "no_result",
                            "no_value",
                            "comment",
                            "duplicate_message",
                            "duplicate_row",
                            "unchanged",
                            "",
                        ],
                    )
                ),
                name="row_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagerow",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "placed", "assigned", "discarded", "none"])),
                name="row_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagerow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "placed"), ("reason", "")),
                    models.Q(models.Q(("outcome", "placed"), _negated=True), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="row_placed_or_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagerow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "discarded"), _negated=True),
                    models.Q(("decision_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="row_discarded_because",
            ),
        ),
        migrations.RunPython(settle, migrations.RunPython.noop),
    ]
