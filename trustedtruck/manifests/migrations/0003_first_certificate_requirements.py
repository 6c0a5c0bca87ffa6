"""Which goods need a plant-health certificate to begin with: HS chapters 06 to 14.

The chapters are policy, not law: an officer ends a row and adds another when they change.
"""

import datetime as dt

from django.db import migrations

CHAPTERS = {
    "06": "Live trees and other plants; bulbs, roots; cut flowers",
    "07": "Edible vegetables, roots and tubers",
    "08": "Edible fruit and nuts; peel of citrus fruit or melons",
    "09": "Coffee, tea, mate and spices",
    "10": "Cereals",
    "11": "Products of the milling industry",
    "12": "Oil seeds; grains, seeds and fruit; industrial or medicinal plants; straw",
    "13": "Lac; gums, resins and other vegetable saps and extracts",
    "14": "Vegetable plaiting materials",
}
BEGINNING = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def fill(apps, schema_editor):
    requirement = apps.get_model("manifests", "CertificateRequirement")
    requirement.objects.bulk_create(
        requirement(hs_prefix=prefix, effective_from=BEGINNING, reason=reason)
        for prefix, reason in CHAPTERS.items()
    )


class Migration(migrations.Migration):
    dependencies = [("manifests", "0002_versions_never_change")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
