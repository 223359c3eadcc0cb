"""Loaded before anything else (`-p tests.early`): tests have a home of their own and never
touch a developer's demo."""

import os
from pathlib import Path

os.environ["THROUGHLINE_HOME"] = str(Path(__file__).resolve().parent.parent / "var" / "test")
os.environ["DJANGO_SETTINGS_MODULE"] = "throughline.config.settings"
