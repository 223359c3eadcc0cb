"""Observations are added, never changed: beside the application's rights, a trigger."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER observation_unchangeable BEFORE UPDATE OR DELETE ON figures_observation
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change();
CREATE TRIGGER observation_untruncatable BEFORE TRUNCATE ON figures_observation
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();
"""
BACKWARD = """
DROP TRIGGER observation_untruncatable ON figures_observation;
DROP TRIGGER observation_unchangeable ON figures_observation;
"""


class Migration(migrations.Migration):
    dependencies = [("figures", "0001_initial"), ("kernel", "0002_journal_chain")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
