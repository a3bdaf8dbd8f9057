from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("labs", "0007_slide_images")]

    operations = []
