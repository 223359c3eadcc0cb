"""Elements get what they are across versions; those on record get theirs."""

import django.db.models.deletion
from django.db import migrations, models

THREADS = """
INSERT INTO plans_thread (plan_id, key)
SELECT DISTINCT v.plan_id, e.key
  FROM plans_element e JOIN plans_planversion v ON v.id = e.version_id;
UPDATE plans_element e SET thread_id = t.id
  FROM plans_planversion v, plans_thread t
 WHERE v.id = e.version_id AND t.plan_id = v.plan_id AND t.key = e.key;
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0004_sources_in_both_languages")]

    operations = [
        migrations.CreateModel(
            name="Thread",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=80)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="threads",
                        to="plans.plan",
                    ),
                ),
            ],
            options={"ordering": ["plan", "key"]},
        ),
        migrations.AddConstraint(
            model_name="thread",
            constraint=models.UniqueConstraint(fields=("plan", "key"), name="thread_key_in_plan"),
        ),
        migrations.AddField(
            model_name="element",
            name="thread",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="elements",
                to="plans.thread",
            ),
        ),
        migrations.RunSQL(THREADS, migrations.RunSQL.noop),
        # The update above leaves deferred checks of the foreign key, before which PostgreSQL
        # refuses to alter the table.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="element",
            name="thread",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="elements",
                to="plans.thread",
            ),
        ),
        migrations.AddConstraint(
            model_name="element",
            constraint=models.UniqueConstraint(
                fields=("version", "thread"), name="thread_once_a_version"
            ),
        ),
    ]
