"""Cases by the API."""

from throughline.procedures.api import cases, steps
from throughline.procedures.api.routing import router

__all__ = ["cases", "router", "steps"]
