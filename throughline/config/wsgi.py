"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from throughline.running.counter import Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughline.config.settings")

application: Application = get_wsgi_application()

from throughline.running.warming import warm_up  # noqa: E402 (needs the applications)

warm_up()
