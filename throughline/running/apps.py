from django.apps import AppConfig


class RunningConfig(AppConfig):
    name = "throughline.running"
    label = "running"
    default_auto_field = "django.db.models.BigAutoField"
