from django.db import migrations, models


def added(model: str, name: str, **more: str) -> list[migrations.AddField | migrations.AlterField]:
    """A text that is empty in the rows that are there."""
    return [
        migrations.AddField(model, name, models.TextField(blank=True, default="", **more)),
        migrations.AlterField(model, name, models.TextField(blank=True, **more)),
    ]


class Migration(migrations.Migration):
    """Sources and notes were kept in English alone. What was observed before stays as it is."""

    dependencies = [("figures", "0003_alter_load_state")]

    operations = [
        migrations.RenameField("series", "source", "source_en"),
        *added("series", "source_zh"),
        *added("observation", "source_zh"),
        *added("observation", "note_zh", help_text="the same in Chinese, where it came in both"),
    ]
