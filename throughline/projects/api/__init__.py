"""Projects by the API."""

from throughline.projects.api.operations import router

__all__ = ["router"]
