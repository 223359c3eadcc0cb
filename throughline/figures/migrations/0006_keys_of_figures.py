"""Series and place of a figure are kept there by triggers, in place of foreign keys.

A foreign key looks its row up and locks it once for each figure. Where thousands of units report
the same fifty figures at once, all of them lock the same fifty series for every report: a third of
what a report costs the database. Here each statement looks its series and places up once, without
a lock. Who deletes a series or a place (nobody does in running) waits for all that is being
written, and is refused where a figure is of it.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION figures_observation_refers() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    lost bigint;
BEGIN
    SELECT n.id INTO lost FROM (SELECT DISTINCT series_id AS id FROM added) n
     WHERE NOT EXISTS (SELECT FROM figures_series s WHERE s.id = n.id) LIMIT 1;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = format('there is no series %s', lost);
    END IF;
    SELECT n.id INTO lost FROM (SELECT DISTINCT place_id AS id FROM added) n
     WHERE NOT EXISTS (SELECT FROM places_place p WHERE p.id = n.id) LIMIT 1;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = format('there is no place %s', lost);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER observation_refers AFTER INSERT ON figures_observation
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION figures_observation_refers();

-- With the rights of the owner: nobody else may lock the table. The lock waits for every figure
-- that is being written, and each statement that comes after it sees what was deleted.
CREATE FUNCTION figures_referred_to() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found_one boolean;
BEGIN
    LOCK TABLE figures_observation IN SHARE ROW EXCLUSIVE MODE;
    IF TG_TABLE_NAME = 'figures_series' THEN
        SELECT EXISTS (SELECT FROM figures_observation WHERE series_id = OLD.id) INTO found_one;
    ELSE
        SELECT EXISTS (SELECT FROM figures_observation WHERE place_id = OLD.id) INTO found_one;
    END IF;
    IF found_one THEN
        RAISE foreign_key_violation
            USING MESSAGE = format('%s %s has figures', TG_TABLE_NAME, OLD.id);
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER series_referred_to BEFORE DELETE ON figures_series
    FOR EACH ROW EXECUTE FUNCTION figures_referred_to();
CREATE TRIGGER place_referred_to BEFORE DELETE ON places_place
    FOR EACH ROW EXECUTE FUNCTION figures_referred_to();
"""
BACKWARD = """
DROP TRIGGER place_referred_to ON places_place;
DROP TRIGGER series_referred_to ON figures_series;
DROP FUNCTION figures_referred_to();
DROP TRIGGER observation_refers ON figures_observation;
DROP FUNCTION figures_observation_refers();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('figures', '0005_confidence'),
        ('places', '0004_divisions'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='observation',
            name='one_first_observation_a_cell',
        ),
        migrations.RemoveIndex(
            model_name='observation',
            name='observation_by_cell',
        ),
        migrations.AlterField(
            model_name='observation',
            name='load',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='figures.load'),
        ),
        migrations.AlterField(
            model_name='observation',
            name='place',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='places.place'),
        ),
        migrations.AlterField(
            model_name='observation',
            name='series',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='observations', to='figures.series'),
        ),
        migrations.AddIndex(
            model_name='observation',
            index=models.Index(condition=models.Q(('load__isnull', False)), fields=['load'], name='observation_by_load'),
        ),
        migrations.AddConstraint(
            model_name='observation',
            constraint=models.UniqueConstraint(fields=('series', 'period', 'place', 'supersedes'), name='one_first_observation_a_cell', nulls_distinct=False),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
