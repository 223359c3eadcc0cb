"""What a body owes is kept in both languages, as the plan prints it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cascade', '0002_overtaken'),
    ]

    operations = [
        migrations.RenameField(
            model_name='assignment',
            old_name='deliverable',
            new_name='deliverable_zh',
        ),
        migrations.AddField(
            model_name='assignment',
            name='deliverable_en',
            field=models.TextField(blank=True, default='', help_text='what this very body owes'),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='assignment',
            name='deliverable_zh',
            field=models.TextField(blank=True),
        ),
        # What was kept so far is in one language: without a Chinese character it is English.
        migrations.RunSQL(
            """
            UPDATE cascade_assignment
               SET deliverable_en = deliverable_zh, deliverable_zh = ''
             WHERE deliverable_zh !~ '[\u3400-\u9fff]' AND deliverable_zh <> ''
            """,
            """
            UPDATE cascade_assignment
               SET deliverable_zh = deliverable_en
             WHERE deliverable_zh = ''
            """,
        ),
    ]
