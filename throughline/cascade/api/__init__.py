"""The cascade by the API: assignments, reports, local plans."""

from throughline.cascade.api import assignments, local_plans, reports
from throughline.cascade.api.routing import router

__all__ = ["assignments", "local_plans", "reports", "router"]
