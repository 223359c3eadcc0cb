"""The function by which the application lets the planner know how much there is now.

Only a table's owner may ANALYZE it, and the application owns none; asked by anybody else
PostgreSQL warns and does nothing. `throughline.kernel.tables` calls it.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION kernel_analyze(VARIADIC tables regclass[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named regclass;
BEGIN
    FOREACH named IN ARRAY tables LOOP
        EXECUTE format('ANALYZE %s', named);
    END LOOP;
END
$$;
"""

BACK = "DROP FUNCTION kernel_analyze(regclass[]);"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_words")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
