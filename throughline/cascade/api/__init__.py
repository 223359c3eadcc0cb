"""The cascade by the API: assignments, reports, local plans, throughlines."""

from throughline.cascade.api import assignments, local_plans, reports, throughline
from throughline.cascade.api.routing import router

__all__ = ["assignments", "local_plans", "reports", "router", "throughline"]
