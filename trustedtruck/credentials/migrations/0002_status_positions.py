"""Where the next status index comes from: never twice, and without a lock."""

from django.db import migrations

FORWARD = "CREATE SEQUENCE credentials_status_position AS bigint MINVALUE 0 START 0;"
BACKWARD = "DROP SEQUENCE credentials_status_position;"


class Migration(migrations.Migration):
    dependencies = [("credentials", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
