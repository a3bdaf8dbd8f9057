from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("labs", "0007_slide_images")]

    operations = [
        migrations.AddField(
            model_name="consensus",
            name="field_counts",
            field=models.JSONField(blank=True, null=True, verbose_name="positive cells per field"),
        ),
        migrations.AddField(
            model_name="consensus",
            name="percent",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="positive cells (%)"),
        ),
    ]
