"""Checks of a plan's cascade: what contradicts itself, what is owed, what is worth a look.

`read` takes a plan and all local plans below it from the database as columns, `check` gives the
findings in them, `findings_of_draft` those of a draft that is to be issued, `described` names what
they are about, in the reader's language. The codes with what mends them stand in
`docs/guide/checks.md`.
"""

from throughline.cascade.checking.checks import check
from throughline.cascade.checking.codes import SEVERITIES, Code, Finding, Severity
from throughline.cascade.checking.describing import Described, described
from throughline.cascade.checking.drafts import findings_of_draft
from throughline.cascade.checking.reading import read
from throughline.cascade.checking.rows import Rows
from throughline.cascade.checking.words import WORDS

__all__ = [
    "SEVERITIES",
    "WORDS",
    "Code",
    "Described",
    "Finding",
    "Rows",
    "Severity",
    "check",
    "described",
    "findings_of_draft",
    "read",
]
