"""The whole of an entry's writing in one call: the lock, the head, the time, the row.

Between the lock and the commit nobody else writes, so nothing in between waits for the
application. It gives an entry's body in the four pieces around what only the holder of the lock
knows (`journal.write`). Its time is read behind the lock: else an instant that was asked about
while the entry was on its way would later resolve to another position.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION kernel_journal_write(
    now timestamptz, until_at text, until_position text, until_previous text, until_end text
) RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    last_position bigint;
    last_hash text;
    last_at timestamptz;
    at timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(7421001);
    SELECT j.position, j.hash, j.at INTO last_position, last_hash, last_at
        FROM kernel_journalentry j ORDER BY j.position DESC LIMIT 1;
    -- A clock that was set back must not let an instant resolve to two positions.
    at := greatest(clock_timestamp(), now, last_at);
    INSERT INTO kernel_journalentry (body) VALUES (
        until_at || '"at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '"' || until_position || '"position":' || coalesce(last_position, 0) + 1
        || until_previous || '"previous":"' || coalesce(last_hash, repeat('0', 64))
        || '"' || until_end
    );
END $$;
"""

BACK = "DROP FUNCTION kernel_journal_write(timestamptz, text, text, text, text);"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_statistics")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
