"""The cascade by the API: assignments, reports, local plans, throughlines, mechanisms."""

from throughline.cascade.api import assignments, local_plans, mechanisms, reports, throughline
from throughline.cascade.api.routing import router

__all__ = ["assignments", "local_plans", "mechanisms", "reports", "router", "throughline"]
