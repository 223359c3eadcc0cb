"""Who I am, which bodies and people there are, and their administration, by the API."""

from ninja import Router

from throughline.bodies.api import bodies, directory, people

router = Router()
router.add_router("", directory.router)
router.add_router("", people.router)

__all__ = ["bodies", "router"]
