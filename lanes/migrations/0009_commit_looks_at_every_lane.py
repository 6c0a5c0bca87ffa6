"""The statement that gives lanes looks at every lane once more, and at trucks that came since."""

import importlib

from django.db import migrations

FORWARD = r"""
CREATE OR REPLACE FUNCTION lanes_commit(proposals jsonb)
RETURNS TABLE (arrival_id uuid, outcome text)
LANGUAGE plpgsql
SET lock_timeout = '400ms'
AS $$
-- Commits proposals for many arrivals; run it in autocommit, so that nobody holds its locks while
-- frozen. Outcomes: assigned; already (somebody was first); late (fast, after the deadline); doubt
-- (what made it fast no longer holds, or its lane is no longer the one that was chosen: decide
-- again).
#variable_conflict use_column
DECLARE
    moment timestamptz;
BEGIN
    -- Locks first, always in this order, so that two batches cannot wait for each other.
    PERFORM 1 FROM lanes_waiting w
      WHERE w.arrival_id IN (SELECT (p->>'arrival')::uuid FROM jsonb_array_elements(proposals) p)
      ORDER BY w.arrival_id FOR UPDATE;
    -- FOR SHARE: a revocation either committed before (and is seen below) or waits for our commit.
    PERFORM 1 FROM carriers_carrier c
      WHERE c.id IN (SELECT (p->>'carrier')::bigint FROM jsonb_array_elements(proposals) p
                     WHERE p->>'route' = 'fast')
      ORDER BY c.id FOR SHARE;
    PERFORM 1 FROM credentials_credential c
      WHERE c.id IN (SELECT unnest(ARRAY[(p->>'truck_credential')::bigint,
                                         (p->>'driver_credential')::bigint])
                     FROM jsonb_array_elements(proposals) p WHERE p->>'route' = 'fast')
      ORDER BY c.id FOR SHARE;
    PERFORM 1 FROM lanes_lane l
      WHERE l.id IN (SELECT (p->>'lane')::bigint FROM jsonb_array_elements(proposals) p)
      ORDER BY l.id FOR SHARE;
    -- Shared with each other, against whoever writes the index of alerts: an alert either committed
    -- before (and is seen below) or waits for our commit.
    PERFORM pg_advisory_xact_lock_shared(7215701) WHERE EXISTS (
        SELECT 1 FROM jsonb_array_elements(proposals) p WHERE p->>'route' = 'fast');
    moment := clock_timestamp();

    RETURN QUERY
    WITH proposed AS (
        SELECT * FROM jsonb_to_recordset(proposals) AS p(
            arrival uuid, route text, lane bigint, reasons text[], facts jsonb,
            policy_version integer, draw double precision, carrier bigint, truck bigint,
            driver bigint, truck_credential bigint, driver_credential bigint, decided_by text,
            alert_keys text[], alerts_passed bigint[], lane_kind jsonb, clone_minutes float8)
    ), judged AS (
        SELECT p.*, w.port_id, CASE
            WHEN w.arrival_id IS NULL THEN 'already'
            WHEN p.route = 'fast' AND moment >= w.deadline_at THEN 'late'
            -- Closed or changed since the rules chose it. After the deadline nobody chooses again.
            WHEN p.lane_kind IS NOT NULL AND moment < w.deadline_at
             AND NOT EXISTS (SELECT 1 FROM lanes_lane l
                             WHERE l.id = p.lane AND l.state = 'open'
                               AND jsonb_build_object('route', l.route, 'group', l."group",
                                   'directions', l.directions, 'load', l.load) = p.lane_kind)
              THEN 'doubt'
            WHEN p.route <> 'fast' THEN 'assigned'
            WHEN NOT EXISTS (SELECT 1 FROM carriers_carrier c
                             WHERE c.id = p.carrier AND c.state = 'certified')
              OR p.lane_kind IS NULL
              -- The same tag or QR code came to another gate while this truck was being decided.
              OR EXISTS (SELECT 1 FROM lanes_arrival a JOIN lanes_arrival o
                           ON o.tag_epc = a.tag_epc AND o.tag_epc <> ''
                         WHERE a.id = p.arrival AND o.received_at > a.received_at
                           AND o.device_id <> a.device_id
                           AND (o.port_id <> a.port_id OR o.received_at - a.received_at
                                < p.clone_minutes * interval '1 minute'))
              OR EXISTS (SELECT 1 FROM lanes_arrival a JOIN lanes_arrival o
                           ON md5(o.qr) = md5(a.qr) AND o.qr <> ''
                         WHERE a.id = p.arrival AND o.received_at > a.received_at
                           AND o.device_id <> a.device_id
                           AND (o.port_id <> a.port_id OR o.received_at - a.received_at
                                < p.clone_minutes * interval '1 minute'))
              OR EXISTS (SELECT 1 FROM unnest(ARRAY[p.truck_credential, p.driver_credential]) x(id)
                         LEFT JOIN credentials_credential c ON c.id = x.id
                           AND c.state = 'active' AND c.valid_from <= moment
                           AND c.valid_until > moment
                         WHERE c.id IS NULL)
              OR p.alert_keys IS NULL
              OR EXISTS (SELECT 1 FROM alerts_term t
                         WHERE t.key = ANY(p.alert_keys) AND t.active
                           AND t.valid_from <= moment
                           AND (t.valid_until IS NULL OR t.valid_until > moment)
                           AND t.others::text[] <@ p.alert_keys
                           AND t.id <> ALL(p.alerts_passed))
              OR EXISTS (SELECT 1 FROM credentials_hold h
                         JOIN credentials_credential c ON c.id = h.credential_id
                         WHERE h.lifted_at IS NULL
                           AND (c.truck_id = p.truck OR c.driver_id = p.driver))
              THEN 'doubt'
            ELSE 'assigned' END AS verdict
        FROM proposed p LEFT JOIN lanes_waiting w ON w.arrival_id = p.arrival
    ), taken AS (
        DELETE FROM lanes_waiting w USING judged j
        WHERE w.arrival_id = j.arrival AND j.verdict = 'assigned'
        RETURNING w.arrival_id
    ), made AS (
        INSERT INTO lanes_assignment (
            arrival_id, port_id, route, lane_id, reasons, facts, policy_version, draw, decided_at,
            decided_by, carrier_id, truck_id, driver_id, truck_credential_id, driver_credential_id)
        SELECT j.arrival, j.port_id, j.route, j.lane, j.reasons, j.facts, j.policy_version, j.draw,
               moment, j.decided_by, j.carrier, j.truck, j.driver, j.truck_credential,
               j.driver_credential
        FROM judged j JOIN taken t ON t.arrival_id = j.arrival
        RETURNING lanes_assignment.arrival_id, port_id, route, reasons, lane_id, decided_by
    ), logged AS (
        INSERT INTO audit_event (action, actor_kind, actor_id, actor_label, subject_kind,
                                 subject_id, port_code, data)
        SELECT 'arrival.assigned', 'system', m.decided_by, m.decided_by, 'arrival',
               m.arrival_id::text, m.port_id,
               jsonb_build_object('route', m.route, 'lane', m.lane_id, 'reasons', m.reasons)
        FROM made m
    ), told AS (
        SELECT pg_notify('lanes_assigned', string_agg(m.arrival_id::text, ',')) FROM made m
        HAVING count(*) > 0
    )
    SELECT j.arrival,
           CASE WHEN j.verdict = 'assigned' AND m.arrival_id IS NULL THEN 'already'
                ELSE j.verdict END
    FROM judged j LEFT JOIN made m ON m.arrival_id = j.arrival, (SELECT count(*) FROM told) t;
END $$;
"""

BACKWARD = importlib.import_module("lanes.migrations.0005_commit_looks_at_alerts").FORWARD


class Migration(migrations.Migration):
    dependencies = [
        ("lanes", "0008_clones_redirections_and_lanes_measured"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
