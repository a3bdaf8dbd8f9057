import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_tokens")]

    operations = [
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                ("signer_id", models.CharField(max_length=64)),
                ("signer", models.CharField(max_length=150, verbose_name="signed by")),
                ("meaning", models.CharField(max_length=120, verbose_name="meaning")),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_code", models.CharField(max_length=80, verbose_name="subject")),
                ("digest", models.CharField(max_length=64, verbose_name="digest of what was signed")),
                ("signed_at", models.DateTimeField(auto_now_add=True, verbose_name="signed")),
                (
                    "cohort",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="registry.cohort",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature",
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["subject_type", "subject_code"], name="signature_by_subject")],
            },
        ),
    ]
