from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0004_criteria_are_kept_once_by_their_marks"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="refused_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="release",
            name="refused_why",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
    ]
