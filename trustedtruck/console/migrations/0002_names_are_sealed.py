"""Names of drivers are found by their marks (`carriers.names`), no longer by trigrams."""

from django.db import migrations

BACKWARD = """
CREATE INDEX search_driver_name
    ON carriers_driver USING gin (upper(given_names || ' ' || family_names) gin_trgm_ops)
"""


class Migration(migrations.Migration):
    dependencies = [("console", "0001_search_indexes"), ("carriers", "0003_seal_who_drives")]

    operations = [migrations.RunSQL("DROP INDEX IF EXISTS search_driver_name", BACKWARD)]
