"""The room as Django knows it."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """Cycles, forms and reports."""

    name = "throughline.reporting"
    default_auto_field = "django.db.models.BigAutoField"
