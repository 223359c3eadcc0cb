"""What an action on projects asks before it does anything: raises, or lets pass."""

from __future__ import annotations

from django.utils.translation import gettext as _

from throughline.bodies.models import Body
from throughline.bodies.permissions import require_in_a_post
from throughline.bodies.queries import acting_for
from throughline.bodies.rules import Duty, Scope, Standing
from throughline.kernel.actor import Actor
from throughline.kernel.errors import Conflict, Forbidden
from throughline.projects.models import Project
from throughline.projects.rules.life import ProjectDeed, ProjectState, allows

OFFICE = frozenset({Duty.REPORT, Duty.COORDINATE, Duty.MANAGE_PLAN})
"""The duties of posts that keep their body's projects."""


def require_office_post(actor: Actor) -> Standing:
    """The standing of one who keeps the projects of a body at all, whichever it is."""
    standing = require_in_a_post(
        actor,
        Scope.PLANS_WRITE,
        token=_("This token may not change projects."),
        post=_("Projects are kept in a post that works on plans."),
        rule="projects.in-a-post",
    )
    if not standing.is_installation and not standing.duties & OFFICE:
        raise Forbidden(
            _("Projects are kept by posts that report, coordinate or manage a plan."),
            rule="projects.office",
            lifted_by=_("an administrator, who appoints people to posts"),
        )
    return standing


def require_owning(actor: Actor, body: Body) -> Standing:
    """Raise unless the actor keeps the projects of a body: in it, or in an office of it."""
    standing = require_office_post(actor)
    if standing.is_installation:
        return standing
    if standing.body is None or body.pk not in acting_for(standing.body):
        raise Forbidden(
            _("A project is kept by the body that owns it."),
            rule="projects.owner",
            lifted_by=body.name,
        )
    return standing


def require_keeping(actor: Actor, project: Project) -> Standing:
    """Raise unless the actor keeps a project: for the body that owns it."""
    return require_owning(actor, project.owner)


def require_state(project: Project, deed: ProjectDeed) -> None:
    """Raise Conflict where a project's state does not allow a deed, saying why not."""
    if allows(project.state, deed):
        return
    said = {
        ProjectState.PLANNED: _("Work on this project has not started."),
        ProjectState.UNDER_WAY: _("Work on this project has started already."),
        ProjectState.FINISHED: _("This project is finished."),
        ProjectState.CEASED: _("This project was given up."),
    }
    remedies = {ProjectState.PLANNED: _("Put on record first that it started.")}
    state = ProjectState(project.state)
    raise Conflict(said[state], remedy=remedies.get(state))
