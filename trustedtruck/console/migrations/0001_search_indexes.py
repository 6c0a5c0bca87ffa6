"""What makes the officers' search fast: trigram indexes on the tables of the floors below."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

INDEXES = {
    "search_carrier_name": "carriers_carrier USING gin (upper(legal_name) gin_trgm_ops)",
    "search_truck_vin": "carriers_truck USING gin (vin gin_trgm_ops)",
    "search_truck_plate": "carriers_truck USING gin (plate_number gin_trgm_ops)",
    "search_truck_tag": "carriers_truck USING gin (tag_epc gin_trgm_ops)",
    "search_trailer_plate": "carriers_trailer USING gin (plate_number gin_trgm_ops)",
    "search_driver_name": (
        "carriers_driver USING gin (upper(given_names || ' ' || family_names) gin_trgm_ops)"
    ),
    "search_trip_number": "manifests_trip USING gin (trip_number gin_trgm_ops)",
    "search_seal_number": "manifests_seal USING gin (number gin_trgm_ops)",
}


class Migration(migrations.Migration):
    dependencies = [
        ("carriers", "0001_initial"),
        ("manifests", "0001_initial"),
    ]

    operations = [
        TrigramExtension(),
        *(
            migrations.RunSQL(f"CREATE INDEX {name} ON {target}", f"DROP INDEX {name}")
            for name, target in INDEXES.items()
        ),
    ]
