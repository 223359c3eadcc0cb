"""The cascade by the API: assignments, reports, local plans, throughlines."""

from throughline.cascade.api import assignments, local_plans, reports, throughline
from throughline.cascade.api.routing import router

__all__ = ["assignments", "local_plans", "reports", "router", "throughline"]
"""The cascade by the API: assignments, reports, local plans, working mechanisms."""

from throughline.cascade.api import assignments, local_plans, mechanisms, reports
from throughline.cascade.api.routing import router

__all__ = ["assignments", "local_plans", "mechanisms", "reports", "router"]
