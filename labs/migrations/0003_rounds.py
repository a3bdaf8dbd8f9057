import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import labs.rounds.models


class Migration(migrations.Migration):
    dependencies = [
        ("labs", "0002_initial"),
        ("registry", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                (
                    "purpose",
                    models.CharField(
                        choices=[("primary", "read"), ("third", "third read"), ("decoy", "decoy")],
                        default="primary",
                        max_length=10,
                    ),
                ),
                ("draft", models.JSONField(blank=True, default=dict)),
                ("draft_version", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ("round_reader", "position"),
            },
        ),
        migrations.CreateModel(
            name="Consensus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("is_retracted", models.BooleanField(default=False, editable=False, verbose_name="retracted")),
                (
                    "correction_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="reason of the correction"
                    ),
                ),
                ("recorded_by", models.CharField(editable=False, max_length=150, verbose_name="recorded by")),
                ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="recorded at")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("mean", "mean of the two reads"),
                            ("third", "third read decides"),
                            ("median", "median of three reads"),
                            ("joint", "joint session decides"),
                            ("concordant", "concordant"),
                        ],
                        max_length=12,
                        verbose_name="rule",
                    ),
                ),
                ("value", models.FloatField(blank=True, null=True, verbose_name="value")),
                (
                    "not_assessable",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_tumour", "no tumour on the slide"),
                            ("no_tissue", "tissue missing or washed off"),
                            ("necrosis", "necrosis only"),
                            ("artefact", "folds, edge effect or other artefact"),
                            ("stain_failed", "staining failed"),
                            ("unreadable", "slide or image unreadable"),
                            ("other", "other, see comment"),
                        ],
                        max_length=12,
                        verbose_name="not assessable because",
                    ),
                ),
                ("intensity", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="intensity")),
                ("extent", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="extent")),
                ("cites", models.JSONField(verbose_name="reads")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
            ],
            options={
                "verbose_name": "consensus",
                "verbose_name_plural": "consensus values",
                "ordering": ("slide", "version"),
            },
        ),
        migrations.CreateModel(
            name="ProtocolMarker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                ("cutoff", models.FloatField(blank=True, null=True, verbose_name="registered cutoff (high: above it)")),
            ],
            options={
                "verbose_name": "marker of a protocol",
                "ordering": ("marker__code",),
            },
        ),
        migrations.CreateModel(
            name="ReadingProtocol",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                ("code", models.SlugField(max_length=30, verbose_name="code")),
                ("number", models.PositiveSmallIntegerField(editable=False, verbose_name="version")),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("extent_1_upper", models.PositiveSmallIntegerField(default=25, verbose_name="extent 1 up to (%)")),
                ("extent_2_upper", models.PositiveSmallIntegerField(default=50, verbose_name="extent 2 up to (%)")),
                ("extent_3_upper", models.PositiveSmallIntegerField(default=75, verbose_name="extent 3 up to (%)")),
                (
                    "readers",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="readers of each slide",
                    ),
                ),
                (
                    "order",
                    models.CharField(
                        choices=[("blocks", "one marker after the other"), ("mixed", "markers mixed")],
                        default="blocks",
                        max_length=10,
                        verbose_name="order of the slides",
                    ),
                ),
                (
                    "repeat_percent",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="Shown again under another code, for intra-observer agreement.",
                        validators=[django.core.validators.MaxValueValidator(50)],
                        verbose_name="hidden repeats (% of slides)",
                    ),
                ),
                (
                    "washout_days",
                    models.PositiveSmallIntegerField(
                        default=14,
                        validators=[django.core.validators.MaxValueValidator(365)],
                        verbose_name="washout before a repeat (days)",
                    ),
                ),
                (
                    "decoy_percent",
                    models.PositiveSmallIntegerField(
                        default=100,
                        help_text="Concordant slides among the discordant ones, so that the third reader does not know which is which.",
                        validators=[django.core.validators.MaxValueValidator(300)],
                        verbose_name="decoys for the third reader (% of the discordant slides)",
                    ),
                ),
                (
                    "intensity_gap",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3),
                        ],
                        verbose_name="discordant when intensities differ by",
                    ),
                ),
                (
                    "score_gap",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(12),
                        ],
                        verbose_name="discordant when scores differ by",
                    ),
                ),
                (
                    "count_gap_percent",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(200),
                        ],
                        verbose_name="discordant when counts differ by (% of their mean)",
                    ),
                ),
                (
                    "consensus_rule",
                    models.CharField(
                        choices=[
                            ("mean", "mean of the two reads"),
                            ("third", "third read decides"),
                            ("median", "median of three reads"),
                            ("joint", "joint session decides"),
                        ],
                        default="joint",
                        max_length=10,
                        verbose_name="discordant slides",
                    ),
                ),
                (
                    "mean_rounding",
                    models.CharField(
                        choices=[
                            ("none", "kept as it is"),
                            ("lower", "nearest attainable score, the lower of two equally near"),
                            ("higher", "nearest attainable score, the higher of two equally near"),
                            ("forbid", "not taken: the slide counts as discordant"),
                        ],
                        default="none",
                        max_length=10,
                        verbose_name="a mean that is no attainable score",
                    ),
                ),
            ],
            options={
                "verbose_name": "reading protocol",
                "ordering": ("code", "-number"),
            },
        ),
        migrations.CreateModel(
            name="Round",
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
                    "code",
                    models.CharField(
                        max_length=8,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z][A-Z0-9]{0,7}\\Z", "A capital letter, then capitals and digits: R2."
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="title")),
                ("seed", models.CharField(default=labs.rounds.models.new_seed, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "in preparation"),
                            ("open", "open"),
                            ("adjudication", "in adjudication"),
                            ("closed", "closed"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="opened")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
            ],
            options={
                "verbose_name": "round",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="RoundReader",
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
                    "duty",
                    models.CharField(
                        choices=[("primary", "reader"), ("third", "third reader")], max_length=10, verbose_name="duty"
                    ),
                ),
            ],
            options={
                "verbose_name": "reader of a round",
                "ordering": ("duty", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Slide",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                ("code", models.CharField(max_length=16, unique=True, verbose_name="blind code")),
            ],
            options={
                "verbose_name": "slide",
                "ordering": ("code",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="read",
            name="read_once_per_reader",
        ),
        migrations.AddField(
            model_name="read",
            name="is_flagged",
            field=models.BooleanField(default=False, verbose_name="flagged to discuss"),
        ),
        migrations.AddField(
            model_name="read",
            name="not_assessable",
            field=models.CharField(
                blank=True,
                choices=[
                    ("no_tumour", "no tumour on the slide"),
                    ("no_tissue", "tissue missing or washed off"),
                    ("necrosis", "necrosis only"),
                    ("artefact", "folds, edge effect or other artefact"),
                    ("stain_failed", "staining failed"),
                    ("unreadable", "slide or image unreadable"),
                    ("other", "other, see comment"),
                ],
                max_length=12,
                verbose_name="not assessable because",
            ),
        ),
        migrations.AddField(
            model_name="read",
            name="seconds",
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name="seconds taken"),
        ),
        migrations.AlterField(
            model_name="read",
            name="value",
            field=models.FloatField(editable=False, null=True, verbose_name="value"),
        ),
        migrations.AddField(
            model_name="consensus",
            name="supersedes",
            field=models.OneToOneField(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="successor",
                to="labs.consensus",
            ),
        ),
        migrations.AddField(
            model_name="protocolmarker",
            name="marker",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="labs.marker", verbose_name="marker"
            ),
        ),
        migrations.AddConstraint(
            model_name="readingprotocol",
            constraint=models.UniqueConstraint(fields=("code", "number"), name="protocol_version_once"),
        ),
        migrations.AddConstraint(
            model_name="readingprotocol",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("extent_1_upper__gte", 1),
                    ("extent_2_upper__gt", models.F("extent_1_upper")),
                    ("extent_3_upper__gt", models.F("extent_2_upper")),
                    ("extent_3_upper__lt", 100),
                ),
                name="protocol_extents_ascend",
                violation_error_message="The extents must ascend, from 1 %% to below 100 %%.",
            ),
        ),
        migrations.AddConstraint(
            model_name="readingprotocol",
            constraint=models.CheckConstraint(condition=models.Q(("readers__gte", 2)), name="protocol_two_readers"),
        ),
        migrations.AddField(
            model_name="protocolmarker",
            name="protocol",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="markers", to="labs.readingprotocol"
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="cohort",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rounds",
                to="registry.cohort",
                verbose_name="cohort",
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="protocol",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rounds",
                to="labs.readingprotocol",
                verbose_name="protocol",
            ),
        ),
        migrations.AddField(
            model_name="roundreader",
            name="reader",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reading_duties",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reader",
            ),
        ),
        migrations.AddField(
            model_name="roundreader",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="readers", to="labs.round"
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="round_reader",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="labs.roundreader"
            ),
        ),
        migrations.AddField(
            model_name="slide",
            name="repeats",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="repeated_as",
                to="labs.slide",
            ),
        ),
        migrations.AddField(
            model_name="slide",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="slides", to="labs.round"
            ),
        ),
        migrations.AddField(
            model_name="slide",
            name="stain",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="slides", to="labs.stain"
            ),
        ),
        migrations.AddField(
            model_name="consensus",
            name="slide",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consensus",
                to="labs.slide",
                verbose_name="slide",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="slide",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="labs.slide"
            ),
        ),
        migrations.AddField(
            model_name="read",
            name="slide",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reads",
                to="labs.slide",
                verbose_name="slide",
            ),
        ),
        migrations.AddConstraint(
            model_name="read",
            constraint=models.UniqueConstraint(
                condition=models.Q(("slide__isnull", True), ("supersedes__isnull", True)),
                fields=("stain", "reader"),
                name="read_once_per_reader",
                violation_error_message="This reader has read this stain: correct that read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="read",
            constraint=models.UniqueConstraint(
                condition=models.Q(("slide__isnull", False), ("supersedes__isnull", True)),
                fields=("slide", "reader"),
                name="read_once_per_slide",
                violation_error_message="This reader has read this slide: correct that read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="read",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("not_assessable", ""), ("value__isnull", False)),
                    models.Q(
                        ("slide__isnull", False),
                        ("value__isnull", True),
                        models.Q(("not_assessable", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="read_value_or_not_assessable",
            ),
        ),
        migrations.AddConstraint(
            model_name="protocolmarker",
            constraint=models.UniqueConstraint(fields=("protocol", "marker"), name="protocol_marker_once"),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "open", "adjudication", "closed"])),
                name="round_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "draft"), ("opened_at__isnull", False), _connector="OR"),
                name="round_opened_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "closed"), _negated=True), ("closed_at__isnull", False), _connector="OR"
                ),
                name="round_closed_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundreader",
            constraint=models.UniqueConstraint(
                fields=("round", "reader"),
                name="round_reader_once",
                violation_error_message="A reader has one duty in a round.",
            ),
        ),
        migrations.AddConstraint(
            model_name="roundreader",
            constraint=models.CheckConstraint(
                condition=models.Q(("duty__in", ["primary", "third"])), name="round_reader_duty_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="slide",
            constraint=models.UniqueConstraint(
                condition=models.Q(("repeats__isnull", True)), fields=("round", "stain"), name="slide_once_per_round"
            ),
        ),
        migrations.AddConstraint(
            model_name="slide",
            constraint=models.UniqueConstraint(
                condition=models.Q(("repeats__isnull", False)), fields=("repeats",), name="slide_repeated_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="consensus",
            constraint=models.UniqueConstraint(
                condition=models.Q(("supersedes__isnull", True)), fields=("slide",), name="consensus_once_per_slide"
            ),
        ),
        migrations.AddConstraint(
            model_name="consensus",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("not_assessable", ""), ("value__isnull", False)),
                    models.Q(("value__isnull", True), models.Q(("not_assessable", ""), _negated=True)),
                    _connector="OR",
                ),
                name="consensus_value_or_not_assessable",
            ),
        ),
        migrations.AddConstraint(
            model_name="consensus",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("intensity__isnull", True),
                    (
                        "value",
                        django.db.models.expressions.CombinedExpression(models.F("intensity"), "*", models.F("extent")),
                    ),
                    _connector="OR",
                ),
                name="consensus_score_is_the_product",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(fields=("slide", "round_reader"), name="assignment_once"),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(fields=("round_reader", "position"), name="assignment_position_once"),
        ),
    ]
