"""The rows of a file of drivers name them: they become tokens, as the drivers' own rows are."""

from django.db import migrations

import trustedtruck.core.sealed
from trustedtruck.core.sealed import seal_in_place


def seal_rows(apps, schema_editor):
    seal_in_place(schema_editor, "carriers_importjob", ["rows", "errors"])


class Migration(migrations.Migration):
    dependencies = [
        ("carriers", "0004_a_document_may_have_a_file"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importjob",
            name="errors",
            field=trustedtruck.core.sealed.SealedJSONField(default=list),
        ),
        migrations.AlterField(
            model_name="importjob",
            name="rows",
            field=trustedtruck.core.sealed.SealedJSONField(),
        ),
        # Last: after rows have changed, a transaction can no longer change the table.
        migrations.RunPython(seal_rows, migrations.RunPython.noop),
    ]
