"""The plugins of the suite."""

pytest_plugins = ["tests.database"]
