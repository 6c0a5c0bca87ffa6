"""A truck that leaves the port before its inspection has ended is an alarm."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lanes", "0015_archive_of_past_arrivals"),
    ]

    operations = [
        migrations.AlterField(
            model_name="alarm",
            name="kind",
            field=models.CharField(
                choices=[
                    (
                        "fast_without_decision",
                        "a truck went through a fast lane without a decision for it",
                    ),
                    ("alert", "a truck that is here has come under an alert"),
                    (
                        "clone",
                        "the same tag or QR code was seen at two gates within an impossible time",
                    ),
                    (
                        "no_show",
                        "a truck did not appear at the station that it was ordered to",
                    ),
                    (
                        "long_stop",
                        "a released truck stopped for too long before the second point",
                    ),
                    (
                        "left_unreleased",
                        "a truck left the port before its inspection had ended",
                    ),
                ],
                max_length=32,
            ),
        ),
    ]
