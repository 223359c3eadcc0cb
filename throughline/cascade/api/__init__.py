"""The cascade by the API: assignments, reports, local plans, throughlines, findings."""

from throughline.cascade.api import (
    assignments,
    dependencies,
    findings,
    local_plans,
    mechanisms,
    reports,
    throughline,
)
from throughline.cascade.api.routing import router

__all__ = [
    "assignments",
    "dependencies",
    "findings",
    "local_plans",
    "mechanisms",
    "reports",
    "router",
    "throughline",
]
