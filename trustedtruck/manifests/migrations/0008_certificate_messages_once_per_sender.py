"""The same certificate from a carrier and then from its agency are two messages, not one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("manifests", "0007_seals_that_officers_replaced")]

    operations = [
        migrations.AlterField(
            model_name="certificatemessage",
            name="sha256",
            field=models.BinaryField(max_length=32),
        ),
        migrations.AddConstraint(
            model_name="certificatemessage",
            constraint=models.UniqueConstraint(
                fields=["sha256", "received_from"], name="certificate_message_once_per_sender"
            ),
        ),
    ]
