"""The room as Django knows it."""

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    """Procedures, and the cases that run by them."""

    name = "throughline.procedures"
    default_auto_field = "django.db.models.BigAutoField"
