from django.db import migrations, models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0005_refusals_of_partners_are_kept"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="term", name="term_by_key"),
        migrations.AddIndex(
            model_name="term",
            index=models.Index(
                F("key"),
                Coalesce("others__0", Value("")),
                condition=Q(active=True),
                name="term_by_key_and_first_other",
            ),
        ),
    ]
