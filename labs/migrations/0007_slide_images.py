import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import labs.rounds.images.models


class Migration(migrations.Migration):
    dependencies = [("labs", "0006_panels")]

    operations = [
        migrations.CreateModel(
            name="SlideImage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "retired_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=500, verbose_name="entered in error because"
                    ),
                ),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the file")),
                ("size", models.PositiveBigIntegerField(verbose_name="bytes")),
                ("width", models.PositiveIntegerField(verbose_name="width (pixels)")),
                ("height", models.PositiveIntegerField(verbose_name="height (pixels)")),
                (
                    "um_per_pixel",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0.01),
                            django.core.validators.MaxValueValidator(100.0),
                        ],
                        verbose_name="µm per pixel",
                    ),
                ),
                (
                    "folder",
                    models.CharField(
                        default=labs.rounds.images.models.new_folder, editable=False, max_length=24, unique=True
                    ),
                ),
                (
                    "stain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="images",
                        to="labs.stain",
                        verbose_name="stain",
                    ),
                ),
            ],
            options={
                "verbose_name": "slide image",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_reason", "")),
                        fields=("stain",),
                        name="slide_image_once",
                        violation_error_message="The stain has an image: mark that one as an error first.",
                    )
                ],
            },
        ),
    ]
