"""A credential as it was issued names its holder: it becomes a token."""

from django.db import migrations

import trustedtruck.core.sealed
from trustedtruck.core.sealed import seal_in_place


def seal_rows(apps, schema_editor):
    seal_in_place(schema_editor, "credentials_credential", ["vc_jwt"])


class Migration(migrations.Migration):
    dependencies = [("credentials", "0004_mark_changes")]

    operations = [
        migrations.AlterField(
            model_name="credential",
            name="vc_jwt",
            field=trustedtruck.core.sealed.SealedTextField(),
        ),
        migrations.RunPython(seal_rows, migrations.RunPython.noop),
    ]
