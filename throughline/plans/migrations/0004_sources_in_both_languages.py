from django.db import migrations, models

BOTH = [("paper", "source"), ("indicator", "source"), ("bridge", "source"), ("target", "source"),
        ("target", "baseline_source")]


class Migration(migrations.Migration):
    """Sources were kept in English alone."""

    dependencies = [("plans", "0003_targets_and_bridges")]

    operations = [
        operation
        for model, field in BOTH
        for operation in (
            migrations.RenameField(model, field, f"{field}_en"),
            migrations.AddField(model, f"{field}_zh", models.TextField(blank=True, default="")),
            migrations.AlterField(model, f"{field}_zh", models.TextField(blank=True)),
        )
    ]
