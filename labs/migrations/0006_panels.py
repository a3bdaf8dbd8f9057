import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("labs", "0005_gels"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="analyte",
            name="delta_factor",
            field=models.FloatField(
                blank=True,
                help_text="Asked about when a value moved by more than this factor since the patient's previous draw.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1.01)],
                verbose_name="unlikely change (times)",
            ),
        ),
        migrations.AddField(
            model_name="bloodresult",
            name="unusual_by",
            field=models.CharField(
                blank=True,
                choices=[
                    ("range", "unusual, confirmed"),
                    ("change", "changed a lot, confirmed"),
                    ("both", "unusual and changed a lot, confirmed"),
                ],
                max_length=6,
                verbose_name="confirmed because",
            ),
        ),
        migrations.CreateModel(
            name="PanelUpload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="uploaded at")),
                ("content", models.BinaryField(verbose_name="content")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("options", models.JSONField(default=dict, verbose_name="options")),
                ("columns", models.JSONField(default=dict, verbose_name="columns")),
                ("stored_at", models.DateTimeField(blank=True, null=True, verbose_name="stored at")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "upload of blood results",
                "verbose_name_plural": "uploads of blood results",
                "ordering": ("-id",),
            },
        ),
    ]
