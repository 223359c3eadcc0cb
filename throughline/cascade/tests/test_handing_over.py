"""The form by which what a body has open is handed over."""

from __future__ import annotations

import re

from tests.permissions.endpoints import client_of
from throughline.cascade import actions
from throughline.cascade.models import Assignment
from throughline.cascade.tests.steps import element, issue, lay, local_plan
from throughline.cascade.tests.test_receiving import boxes
from throughline.plans.models import Element


def test_what_is_handed_over_stands_under_its_plan_with_how_many_there_are(world):
    """Two tasks of the nation's plan and one of a province's."""
    held = world.cast.bodies["uninvolved-department"]
    lay(world, held.key, "support")
    lay(world, held.key, "support", element=element(world, "jobs"))
    version = local_plan(world, "sibling")
    adopted = [actions.Adoption(superior=element(world))]
    actions.adopt_elements(world.cast.sibling.actor, version=version, adoptions=adopted)
    issue(world, version, "sibling")
    own = Element.objects.get(version=version, key="task")
    given = {"element": own, "body": held, "part": "support", "authority": "Issue 2"}
    actions.assign_task(world.cast.sibling.actor, **given)
    answer = client_of(world, "administrator").get(f"/bodies/{held.key}/hand-over")
    html = answer.content.decode()
    groups = re.findall(r'<fieldset class="group".*?</fieldset>', html, re.DOTALL)
    headings = {
        re.sub(r"<.*?>|\s+", " ", each[: each.index("</legend>")]).strip() for each in groups
    }
    assert headings == {f"{element(world).version.plan.title}  2", f"{version.plan.title}  1"}
    assert all("data-choose" in group for group in groups)  # a chooser for a whole plan
    rows = Assignment.objects.filter(body=held)
    assert boxes(html) == {row.pk: True for row in rows}
