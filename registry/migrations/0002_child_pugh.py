import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="baseline",
            name="ascites",
            field=models.CharField(
                blank=True,
                choices=[("none", "none"), ("slight", "slight"), ("moderate", "moderate or severe")],
                max_length=8,
                verbose_name="ascites",
            ),
        ),
        migrations.AddField(
            model_name="baseline",
            name="encephalopathy",
            field=models.CharField(
                blank=True,
                choices=[("none", "none"), ("1-2", "grade 1–2"), ("3-4", "grade 3–4")],
                max_length=4,
                verbose_name="encephalopathy",
            ),
        ),
        migrations.AddField(
            model_name="baseline",
            name="extrahepatic_spread",
            field=models.BooleanField(blank=True, null=True, verbose_name="extrahepatic spread"),
        ),
        migrations.AddField(
            model_name="baseline",
            name="tumour_count",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(200)],
                verbose_name="number of tumours",
            ),
        ),
        migrations.AddField(
            model_name="baseline",
            name="vascular_invasion",
            field=models.BooleanField(blank=True, null=True, verbose_name="macrovascular invasion"),
        ),
        migrations.CreateModel(
            name="LiverAssessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                ("inputs", models.JSONField(default=list, verbose_name="inputs")),
                ("points", models.JSONField(default=dict, verbose_name="Child–Pugh points")),
                ("score", models.PositiveSmallIntegerField(verbose_name="Child–Pugh score")),
                (
                    "child_pugh",
                    models.CharField(
                        choices=[("A", "A"), ("B", "B"), ("C", "C")],
                        max_length=1,
                        verbose_name="Child–Pugh class as computed",
                    ),
                ),
                ("albi", models.FloatField(blank=True, null=True, verbose_name="ALBI score")),
                ("albi_grade", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="ALBI grade")),
                (
                    "bclc",
                    models.CharField(
                        blank=True,
                        choices=[("0", "0"), ("A", "A"), ("B", "B"), ("C", "C"), ("D", "D")],
                        max_length=1,
                        verbose_name="BCLC as computed",
                    ),
                ),
                ("bclc_reason", models.CharField(blank=True, max_length=300, verbose_name="why this BCLC stage")),
                (
                    "child_pugh_override",
                    models.CharField(
                        blank=True,
                        choices=[("A", "A"), ("B", "B"), ("C", "C")],
                        max_length=1,
                        verbose_name="Child–Pugh class as decided",
                    ),
                ),
                (
                    "child_pugh_why",
                    models.CharField(blank=True, max_length=300, verbose_name="why another Child–Pugh class"),
                ),
                (
                    "bclc_override",
                    models.CharField(
                        blank=True,
                        choices=[("0", "0"), ("A", "A"), ("B", "B"), ("C", "C"), ("D", "D")],
                        max_length=1,
                        verbose_name="BCLC as decided",
                    ),
                ),
                ("bclc_why", models.CharField(blank=True, max_length=300, verbose_name="why another BCLC stage")),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="registry.enrolment", verbose_name="enrolment"
                    ),
                ),
            ],
            options={
                "verbose_name": "liver assessment",
                "default_related_name": "liver_assessments",
                "constraints": [
                    models.UniqueConstraint(fields=("enrolment",), name="liver_assessment_once"),
                    models.CheckConstraint(condition=models.Q(("score__range", (5, 15))), name="liver_score_range"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("child_pugh_override", ""),
                            models.Q(("child_pugh_why", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="child_pugh_override_has_reason",
                        violation_error_message="Say why the Child–Pugh class is another than the computed one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("bclc_override", ""), models.Q(("bclc_why", ""), _negated=True), _connector="OR"
                        ),
                        name="bclc_override_has_reason",
                        violation_error_message="Say why the BCLC stage is another than the computed one.",
                    ),
                ],
            },
        ),
    ]
