from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "throughline.config"
    label = "config"
