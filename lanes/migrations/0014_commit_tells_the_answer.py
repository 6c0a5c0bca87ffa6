"""The statement that gives lanes tells the web process that waits the answer itself."""

import importlib

from django.db import migrations

_last = importlib.import_module("lanes.migrations.0012_commit_looks_at_owed_exams")
_before = _last.Migration.operations[0].sql
_RETURNED = "RETURNING lanes_assignment.arrival_id, port_id, route, reasons, lane_id, decided_by\n"
_MORE = """\
RETURNING lanes_assignment.arrival_id, port_id, route, reasons, lane_id, decided_by,
                  policy_version, decided_at
"""
_TOLD = """\
        SELECT pg_notify('lanes_assigned', string_agg(m.arrival_id::text, ',')) FROM made m
        HAVING count(*) > 0
"""
# In the order of `lanes.queries.answers.Answer`. A notification has 8,000 bytes at most: where the
# answers are longer, the ids alone, for the web process to read them. `lanes_assigned` stays for
# the web processes of the release before, which run on while this one is put in place.
_TOLD_MORE = """\
        SELECT pg_notify('lanes_assigned', t.ids),
               pg_notify('lanes_answered', CASE WHEN octet_length(t.answers) < 7900
                                           THEN t.answers ELSE t.bare END)
        FROM (SELECT string_agg(m.arrival_id::text, ',') AS ids,
                     jsonb_agg(m.arrival_id)::text AS bare,
                     jsonb_agg(jsonb_build_array(
                         m.arrival_id, a.event_id, a.port_id, a.received_at, a.deadline_at,
                         m.route, m.reasons, m.policy_version, m.decided_at, m.decided_by,
                         l.code, l.name))::text AS answers
              FROM made m JOIN lanes_arrival a ON a.id = m.arrival_id
              LEFT JOIN lanes_lane l ON l.id = m.lane_id HAVING count(*) > 0) t
"""
if _before.count(_RETURNED) != 1 or _before.count(_TOLD) != 1:
    raise RuntimeError("lanes_commit has changed: say anew how it tells what was decided")


class Migration(migrations.Migration):
    dependencies = [("lanes", "0013_overrides_and_redirections_by_time")]

    operations = [
        migrations.RunSQL(_before.replace(_RETURNED, _MORE).replace(_TOLD, _TOLD_MORE), _before)
    ]
