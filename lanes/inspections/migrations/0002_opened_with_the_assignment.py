"""Inspections open with the assignment that sends a truck there; no sheet is signed half empty."""

from django.db import migrations

# Whatever writes an assignment, an inspection opens in its transaction: none can be lost between.
OPEN = r"""
CREATE FUNCTION inspections_open(arrival uuid, why text[], because text)
RETURNS void LANGUAGE sql AS $$
    WITH opened AS (
        INSERT INTO inspections_inspection (
            id, assignment_id, port_id, carrier_id, direction, basis, reasons, state, opened_at,
            hold_reason, result, note, closed_by)
        SELECT gen_random_uuid(), s.arrival_id, s.port_id, s.carrier_id, a.direction, because, why,
               'referred', clock_timestamp(), '', '', '', ''
        FROM lanes_assignment s JOIN lanes_arrival a ON a.id = s.arrival_id
        WHERE s.arrival_id = arrival
        ON CONFLICT (assignment_id) DO NOTHING
        RETURNING id, assignment_id, port_id, basis
    )
    INSERT INTO audit_event (action, actor_kind, actor_id, actor_label, subject_kind, subject_id,
                             port_code, data)
    SELECT 'inspection.opened', 'system', 'lanes', 'lanes', 'inspection', o.id::text, o.port_id,
           jsonb_build_object('arrival', o.assignment_id, 'basis', o.basis)
    FROM opened o
$$;

CREATE FUNCTION inspections_basis(why text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    -- The codes of draws begin with drawn_; what is no judgement of the truck is named here.
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM unnest(why) r WHERE r NOT LIKE 'drawn\_%') THEN 'random'
        WHEN why <@ ARRAY['deadline_passed', 'overload', 'gave_up', 'no_fast_lane_open'] THEN 'other'
        ELSE 'targeted' END
$$;

CREATE FUNCTION inspections_assigned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM inspections_open(
        NEW.arrival_id, NEW.reasons::text[], inspections_basis(NEW.reasons::text[]));
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    -- A truck gets its lane whatever happens here; the watch opens what is missing.
    RAISE WARNING 'inspection of % was not opened: %', NEW.arrival_id, SQLERRM;
    RETURN NULL;
END $$;
CREATE TRIGGER inspections_assigned AFTER INSERT ON lanes_assignment
    FOR EACH ROW WHEN (NEW.route = 'inspection') EXECUTE FUNCTION inspections_assigned();

CREATE FUNCTION inspections_overridden() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM inspections_open(NEW.arrival_id, ARRAY['overridden_to_inspection'], 'targeted');
    RETURN NULL;
END $$;
CREATE TRIGGER inspections_overridden AFTER INSERT ON lanes_override
    FOR EACH ROW WHEN (NEW.route = 'inspection') EXECUTE FUNCTION inspections_overridden();
"""

SHEET = r"""
CREATE FUNCTION inspections_exam_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'conveyance' AND NEW.state <> 'draft'
       AND (SELECT count(*) FROM inspections_pointresult p WHERE p.exam_id = NEW.id) <> 19 THEN
        RAISE EXCEPTION 'nothing on the sheet may stay blank' USING ERRCODE = 'check_violation';
    ELSIF TG_OP = 'UPDATE' AND OLD.state = 'approved' THEN
        RAISE EXCEPTION 'an approved exam never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER inspections_exam_is_whole BEFORE INSERT OR UPDATE ON inspections_exam
    FOR EACH ROW EXECUTE FUNCTION inspections_exam_is_whole();
"""

BACKWARD = """
DROP TRIGGER inspections_exam_is_whole ON inspections_exam;
DROP FUNCTION inspections_exam_is_whole();
DROP TRIGGER inspections_overridden ON lanes_override;
DROP FUNCTION inspections_overridden();
DROP TRIGGER inspections_assigned ON lanes_assignment;
DROP FUNCTION inspections_assigned();
DROP FUNCTION inspections_basis(text[]);
DROP FUNCTION inspections_open(uuid, text[], text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0001_initial"),
        ("lanes", "0004_what_is_fixed_stays_fixed"),
        ("audit", "0002_append_only"),
    ]

    operations = [migrations.RunSQL(OPEN + SHEET, BACKWARD)]
