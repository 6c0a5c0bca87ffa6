"""The statement that gives lanes looks at the bundle of an edge; triggers keep its journal."""

import importlib

from django.db import migrations

_before = importlib.import_module("lanes.migrations.0009_commit_looks_at_every_lane").FORWARD
_PLACE = "              OR p.alert_keys IS NULL\n"
_STALE = """\
              OR EXISTS (SELECT 1 FROM lanes_heldbundle b
                         WHERE b.port_code = w.port_id AND b.expires_at <= moment)
"""
if _before.count(_PLACE) != 1:
    raise RuntimeError("lanes_commit has changed: say anew where it looks at the bundle")

JOURNAL = r"""
CREATE FUNCTION lanes_journal() RETURNS trigger LANGUAGE plpgsql AS $$
-- At an edge every assignment and passage is something that headquarters must hear of.
BEGIN
    INSERT INTO lanes_journalentry (arrival_id, version)
    SELECT NEW.arrival_id, 1 FROM lanes_heldbundle b WHERE b.port_code = NEW.port_id
    ON CONFLICT (arrival_id)
        DO UPDATE SET version = lanes_journalentry.version + 1, refused = '';
    RETURN NULL;
END $$;
CREATE TRIGGER lanes_assignment_journal AFTER INSERT ON lanes_assignment
    FOR EACH ROW EXECUTE FUNCTION lanes_journal();
CREATE TRIGGER lanes_passage_journal AFTER INSERT ON lanes_passage
    FOR EACH ROW EXECUTE FUNCTION lanes_journal();
"""
NO_JOURNAL = """
DROP TRIGGER lanes_passage_journal ON lanes_passage;
DROP TRIGGER lanes_assignment_journal ON lanes_assignment;
DROP FUNCTION lanes_journal();
"""


class Migration(migrations.Migration):
    dependencies = [("lanes", "0010_edge_of_a_port")]

    operations = [
        migrations.RunSQL(_before.replace(_PLACE, _STALE + _PLACE), _before),
        migrations.RunSQL(JOURNAL, NO_JOURNAL),
    ]
