from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "throughline.config"
    label = "config"

    def ready(self) -> None:
        """Wire the rooms together: only now are their models there to be imported."""
        import_module("throughline.config.wiring").wire()
