from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0003_seal_who_is_named"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.UniqueConstraint(
                fields=("alert", "clause", "kind", "value_mark"), name="criterion_once_in_clause"
            ),
        ),
    ]
