"""The journal keeps itself: gapless, chained, and closed to change.

The functions belong to the database's owner; the application's role can only insert
and select. The trigger derives every column from the body, checks the chain, and takes
the journal's lock, so that even an INSERT past the application's code cannot break it.
"""

from django.db import migrations

FORWARD = """
CREATE SEQUENCE kernel_act;

CREATE FUNCTION kernel_journal_append() RETURNS trigger LANGUAGE plpgsql
SET search_path = public AS $$
DECLARE
    content jsonb := NEW.body::jsonb;
    last_position bigint;
    last_hash text;
    last_at timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(7421001);
    SELECT j.position, j.hash, j.at INTO last_position, last_hash, last_at
        FROM kernel_journalentry j ORDER BY j.position DESC LIMIT 1;
    last_position := coalesce(last_position, 0);
    last_hash := coalesce(last_hash, repeat('0', 64));
    NEW.position := (content ->> 'position')::bigint;
    NEW.previous := content ->> 'previous';
    NEW.act := (content ->> 'act')::bigint;
    NEW.at := (content ->> 'at')::timestamptz;
    IF NEW.position IS DISTINCT FROM last_position + 1 THEN
        RAISE EXCEPTION 'journal: position % expected, not %', last_position + 1, NEW.position;
    END IF;
    IF NEW.previous IS DISTINCT FROM last_hash THEN
        RAISE EXCEPTION 'journal: entry % does not follow its predecessor', NEW.position;
    END IF;
    IF NEW.at < last_at OR NEW.at > clock_timestamp() + interval '1 minute' THEN
        RAISE EXCEPTION 'journal: entry % bears an impossible time', NEW.position;
    END IF;
    NEW.verb := content ->> 'verb';
    NEW.person := coalesce(content ->> 'person', '');
    NEW.body_code := coalesce(content ->> 'body', '');
    NEW.door := content ->> 'door';
    NEW.subject := coalesce(content ->> 'subject', '');
    NEW.request_id := coalesce(content ->> 'request', '');
    NEW.idempotency_key := content ->> 'key';
    NEW.digest := content ->> 'digest';
    NEW.hash := encode(
        sha256(decode(NEW.previous, 'hex') || convert_to(NEW.body, 'UTF8')), 'hex');
    RETURN NEW;
END $$;

CREATE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END $$;

CREATE TRIGGER journal_append BEFORE INSERT ON kernel_journalentry
    FOR EACH ROW EXECUTE FUNCTION kernel_journal_append();
CREATE TRIGGER journal_unchangeable BEFORE UPDATE OR DELETE ON kernel_journalentry
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change();
CREATE TRIGGER journal_untruncatable BEFORE TRUNCATE ON kernel_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();
"""

BACKWARD = """
DROP TRIGGER journal_untruncatable ON kernel_journalentry;
DROP TRIGGER journal_unchangeable ON kernel_journalentry;
DROP TRIGGER journal_append ON kernel_journalentry;
DROP FUNCTION kernel_refuse_change();
DROP FUNCTION kernel_journal_append();
DROP SEQUENCE kernel_act;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
