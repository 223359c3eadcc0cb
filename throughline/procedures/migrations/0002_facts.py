"""What was loaded, given and done is added and never changed, and what has ended stays as it ended:
beside the application's rights, triggers."""

from django.db import migrations

FACTS = ("procedureedition", "procedurelist", "casedocument", "caseact")
ENDING = {
    "case": "ended_at",
    "casestep": "ended_at",
    "supplement": "closed_at",
    "addedsigner": "answered_at",
}

FORWARD = "".join(
    f"""
CREATE TRIGGER {name}_unchangeable BEFORE UPDATE OR DELETE ON procedures_{name}
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change();
CREATE TRIGGER {name}_untruncatable BEFORE TRUNCATE ON procedures_{name}
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();
"""
    for name in FACTS
) + "".join(
    f"""
CREATE TRIGGER {name}_ended BEFORE UPDATE ON procedures_{name}
    FOR EACH ROW WHEN (OLD.{field} IS NOT NULL) EXECUTE FUNCTION kernel_refuse_change();
CREATE TRIGGER {name}_lasting BEFORE DELETE ON procedures_{name}
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change();
"""
    for name, field in ENDING.items()
)
BACKWARD = "".join(
    f"""
DROP TRIGGER {name}_untruncatable ON procedures_{name};
DROP TRIGGER {name}_unchangeable ON procedures_{name};
"""
    for name in FACTS
) + "".join(
    f"""
DROP TRIGGER {name}_lasting ON procedures_{name};
DROP TRIGGER {name}_ended ON procedures_{name};
"""
    for name in ENDING
)


class Migration(migrations.Migration):
    dependencies = [("procedures", "0001_first"), ("kernel", "0002_journal_chain")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
