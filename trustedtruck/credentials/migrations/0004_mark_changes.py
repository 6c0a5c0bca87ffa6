"""Every write of a credential bears its transaction, so that the lane bundle misses none."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION credentials_mark_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_xid := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
CREATE TRIGGER credentials_credential_mark_change
    BEFORE INSERT OR UPDATE ON credentials_credential
    FOR EACH ROW EXECUTE FUNCTION credentials_mark_change();
"""
BACKWARD = """
DROP TRIGGER credentials_credential_mark_change ON credentials_credential;
DROP FUNCTION credentials_mark_change();
"""


class Migration(migrations.Migration):
    dependencies = [("credentials", "0003_lane_bundle_bulk_jobs_and_wallet_offers")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
