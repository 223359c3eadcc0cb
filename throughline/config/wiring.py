"""What lower rooms are told of higher ones: the one table of upward calls, read at start-up."""

from __future__ import annotations

from throughline.bodies.directory import declare as declare_offer
from throughline.cascade.coming import follow_version
from throughline.cascade.dependencies import offer_elements
from throughline.cascade.mechanism_subjects import SUBJECTS as MECHANISMS
from throughline.cascade.pages.dependencies import dependencies
from throughline.cascade.subjects import SUBJECTS as CASCADE
from throughline.cascade.telling import NOTICES as CASCADE_NOTICES
from throughline.figures.marking import declare as declare_marks
from throughline.figures.pages.confidence import element_status
from throughline.figures.subjects import SUBJECTS as FIGURES
from throughline.notices.kinds import declare as declare_notices
from throughline.plans.coming import declare as declare_follower
from throughline.plans.sections import declare as declare_section
from throughline.plans.subjects import CASES
from throughline.plans.subjects import SUBJECTS as PLANS
from throughline.procedures.case_subjects import declare as declare_case_subjects
from throughline.procedures.subjects import SUBJECTS as PROCEDURES
from throughline.procedures.telling import NOTICES as CASE_NOTICES
from throughline.projects.pages.serving import projects_serving
from throughline.reporting.contesting import contested_at, said_beside
from throughline.reporting.subjects import SUBJECTS as REPORTING
from throughline.reporting.telling import NOTICES as REPORTING_NOTICES
from throughline.subjects.kinds import declare


def wire() -> None:
    """Make known what the rooms offer. Called once, when every room is loaded."""
    declare(PLANS)
    declare(FIGURES)
    declare(CASCADE)
    declare(MECHANISMS)
    declare(PROCEDURES)
    declare(REPORTING)
    declare_case_subjects(CASES)
    declare_notices(CASE_NOTICES)
    declare_notices(CASCADE_NOTICES)
    declare_notices(REPORTING_NOTICES)
    declare_follower(follow_version)
    declare_offer("elements", offer_elements)
    declare_section(element_status)
    declare_section(dependencies)
    declare_section(projects_serving)
    declare_marks(contested_at, said_beside)
