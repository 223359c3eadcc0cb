from django.apps import AppConfig


class CascadeConfig(AppConfig):
    name = "throughline.cascade"
    label = "cascade"
    default_auto_field = "django.db.models.BigAutoField"
