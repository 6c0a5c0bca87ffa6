"""Filed versions and received certificates are evidence: refuse every change to them."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION manifests_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was filed is never changed: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER manifests_version_never_changes BEFORE UPDATE OR DELETE ON manifests_version
    FOR EACH ROW EXECUTE FUNCTION manifests_refuse_change();
CREATE TRIGGER manifests_message_never_changes
    BEFORE UPDATE OR DELETE ON manifests_certificatemessage
    FOR EACH ROW EXECUTE FUNCTION manifests_refuse_change();
"""
BACKWARD = """
DROP TRIGGER manifests_version_never_changes ON manifests_version;
DROP TRIGGER manifests_message_never_changes ON manifests_certificatemessage;
DROP FUNCTION manifests_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("manifests", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
