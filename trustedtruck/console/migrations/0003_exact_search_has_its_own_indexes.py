"""Equality by trigrams reads every list of a long text's parts; the unique indexes know only what
is in use. What is searched for exactly gets plain indexes over all rows."""

from django.db import migrations

INDEXES = {
    "exact_truck_vin": "carriers_truck (vin)",
    "exact_truck_plate": "carriers_truck (plate_number)",
    "exact_truck_tag": "carriers_truck (tag_epc)",
    "exact_trailer_plate": "carriers_trailer (plate_number)",
    "exact_driver_card": "carriers_driver (fast_card)",
    "exact_seal_number": "manifests_seal (number)",
}


class Migration(migrations.Migration):
    dependencies = [("console", "0002_names_are_sealed"), ("manifests", "0001_initial")]

    operations = [
        migrations.RunSQL(f"CREATE INDEX {name} ON {target}", f"DROP INDEX {name}")
        for name, target in INDEXES.items()
    ]
