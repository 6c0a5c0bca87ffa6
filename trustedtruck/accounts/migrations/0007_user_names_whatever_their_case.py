"""No two user names that differ by case alone: whoever signs in may write theirs either way."""

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_scope_to_read_crossings")]

    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                Lower("username"), name="user_names_differ_not_by_case_alone"
            ),
        ),
    ]
