"""Plan packs: folders of YAML and CSV that hold a plan. See docs/guide/packs.md.

`check` finds every fault, `read_pack` gives typed values, `read_mapping` one mapping. Nothing
here knows the database.
"""

from throughline.plans.packs.checking import check, read_mapping, read_pack
from throughline.plans.packs.commands import check_command
from throughline.plans.packs.faults import Fault, Severity
from throughline.plans.packs.mapping import Mapping, Words
from throughline.plans.packs.pack import Pack

__all__ = [
    "Fault",
    "Mapping",
    "Pack",
    "Severity",
    "Words",
    "check",
    "check_command",
    "read_mapping",
    "read_pack",
]
