"""Approved policies, commitments and overrides cannot be bent by whoever comes through SQL."""

from django.db import migrations

POLICY = """
CREATE FUNCTION lanes_policy_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a version of a policy is never deleted'
            USING ERRCODE = 'restrict_violation';
    ELSIF OLD.approved_by <> '' OR OLD.withdrawn_by <> '' THEN
        RAISE EXCEPTION 'an approved or withdrawn policy never changes'
            USING ERRCODE = 'restrict_violation';
    ELSIF (NEW.port_id, NEW.version, NEW.body, NEW.note, NEW.drafted_by, NEW.drafted_at)
        IS DISTINCT FROM
        (OLD.port_id, OLD.version, OLD.body, OLD.note, OLD.drafted_by, OLD.drafted_at) THEN
        RAISE EXCEPTION 'a draft is approved as it was drafted, or withdrawn'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lanes_policy_stays BEFORE UPDATE OR DELETE ON lanes_policy
    FOR EACH ROW EXECUTE FUNCTION lanes_policy_stays();
"""

SHIFT = """
CREATE FUNCTION lanes_shift_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a commitment is never taken back' USING ERRCODE = 'restrict_violation';
    ELSIF OLD.seed IS NOT NULL OR (to_jsonb(NEW) - '{seed,revealed_at}'::text[])
        IS DISTINCT FROM (to_jsonb(OLD) - '{seed,revealed_at}'::text[]) THEN
        RAISE EXCEPTION 'a shift only gets its seed, once' USING ERRCODE = 'restrict_violation';
    ELSIF NEW.seed IS NOT NULL AND sha256(NEW.seed) <> NEW.commitment THEN
        RAISE EXCEPTION 'this is not the seed that was committed to'
            USING ERRCODE = 'restrict_violation';
    ELSIF NEW.seed IS NOT NULL AND clock_timestamp() < NEW.ends_at THEN
        RAISE EXCEPTION 'a seed is secret until its shift is over'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lanes_shift_stays BEFORE UPDATE OR DELETE ON lanes_shift
    FOR EACH ROW EXECUTE FUNCTION lanes_shift_stays();
"""

OVERRIDE = """
CREATE FUNCTION lanes_may_be_fast(arrival uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    -- Whoever lets a truck into the fast lane answers for the decision, not for its papers: these
    -- must be good at this moment, and no bad one may have been shown.
    SELECT EXISTS (
        SELECT 1 FROM lanes_assignment s
        JOIN carriers_carrier c ON c.id = s.carrier_id AND c.state = 'certified'
        JOIN credentials_credential t ON t.id = s.truck_credential_id AND t.state = 'active'
         AND t.valid_from <= clock_timestamp() AND t.valid_until > clock_timestamp()
        LEFT JOIN credentials_credential d ON d.id = s.driver_credential_id
        WHERE s.arrival_id = arrival
          AND (s.driver_credential_id IS NULL
               OR (d.state = 'active' AND d.valid_from <= clock_timestamp()
                   AND d.valid_until > clock_timestamp()))
          AND NOT EXISTS (
              SELECT 1 FROM jsonb_array_elements(s.facts->'presented') p
              JOIN credentials_credential shown ON shown.public_id::text = p->>'public_id'
              WHERE shown.state IN ('revoked', 'suspended')))
$$;

CREATE FUNCTION lanes_override_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an override is never deleted' USING ERRCODE = 'restrict_violation';
    ELSIF TG_OP = 'UPDATE' THEN
        IF OLD.effective_at IS NOT NULL
           OR (to_jsonb(NEW) - '{approved_by,approved_at,effective_at,lane_id}'::text[])
              IS DISTINCT FROM
              (to_jsonb(OLD) - '{approved_by,approved_at,effective_at,lane_id}'::text[]) THEN
            RAISE EXCEPTION 'an override is only approved, once'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    IF NEW.route = 'fast' THEN
        IF NEW.approved_at IS NOT NULL AND clock_timestamp() >= NEW.expires_at THEN
            RAISE EXCEPTION 'this request has expired' USING ERRCODE = 'restrict_violation';
        END IF;
        -- The locks of lanes_commit, in its order: a revocation comes before or after, never between.
        PERFORM 1 FROM carriers_carrier c WHERE c.id IN
            (SELECT carrier_id FROM lanes_assignment WHERE arrival_id = NEW.arrival_id)
            FOR SHARE;
        PERFORM 1 FROM credentials_credential c WHERE c.id IN
            (SELECT unnest(ARRAY[truck_credential_id, driver_credential_id])
             FROM lanes_assignment WHERE arrival_id = NEW.arrival_id)
            ORDER BY c.id FOR SHARE;
        IF NOT lanes_may_be_fast(NEW.arrival_id) THEN
            RAISE EXCEPTION 'without good credentials no truck is let into the fast lane'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lanes_override_stays BEFORE INSERT OR UPDATE OR DELETE ON lanes_override
    FOR EACH ROW EXECUTE FUNCTION lanes_override_stays();
"""

BACKWARD = """
DROP TRIGGER lanes_override_stays ON lanes_override;
DROP FUNCTION lanes_override_stays();
DROP FUNCTION lanes_may_be_fast(uuid);
DROP TRIGGER lanes_shift_stays ON lanes_shift;
DROP FUNCTION lanes_shift_stays();
DROP TRIGGER lanes_policy_stays ON lanes_policy;
DROP FUNCTION lanes_policy_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lanes", "0003_policies_shifts_overrides"),
        ("credentials", "0002_status_positions"),
    ]

    operations = [migrations.RunSQL(POLICY + SHIFT + OVERRIDE, BACKWARD)]
