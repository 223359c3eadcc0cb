"""Reporting by the API: cycles, reports, workbooks, contests, tracking, burden."""

from throughline.reporting.api import burden, contests, cycles, reports, several, tracking
from throughline.reporting.api.routing import router

__all__ = ["burden", "contests", "cycles", "reports", "router", "several", "tracking"]
