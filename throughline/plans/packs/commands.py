"""`throughline pack check DIR`: prints every fault with its file, line and remedy."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from django.utils.translation import gettext as _

from throughline.kernel.errors import Invalid
from throughline.kernel.period import PER_YEAR, Span
from throughline.plans.packs.checking import check, read_pack
from throughline.plans.packs.faults import errors
from throughline.plans.packs.pack import Pack


def check_command(args: Namespace) -> int:
    """Check the pack in `args.folder`; with `args.json` print JSON.

    Returns 0, or the exit code of invalid input where a fault keeps the pack from loading.
    """
    folder = Path(args.folder)
    faults = check(folder)
    failed = bool(errors(faults))
    asked = {} if failed else figures_asked(read_pack(folder))
    if args.json:
        said = {
            "folder": str(folder),
            "ok": not failed,
            "faults": [fault.as_dict() for fault in faults],
            "asked": {
                tier: {"figures": figures, "apart": apart, "forms": forms}
                for tier, (figures, apart, forms) in asked.items()
            },
        }
        print(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        for fault in faults:
            print(f"{fault.severity}: {fault}")
        counts = {"errors": len(errors(faults)), "notices": len(faults) - len(errors(faults))}
        print(_("%(errors)d errors, %(notices)d notices") % counts)
        for tier, (figures, apart, forms) in asked.items():
            print(
                _(
                    "each unit of the tier %(tier)s gives %(figures)d figures a year in %(forms)d"
                    " forms; filled in apart they would ask for %(apart)d"
                )
                % {"tier": tier, "figures": figures, "forms": forms, "apart": apart}
            )
    return Invalid.exit_code if failed else 0


def figures_asked(pack: Pack) -> dict[str, tuple[int, int, int]]:
    """By tier, how many figures the pack's forms ask of each unit in a year: entered once, and
    by each form apart; and how many forms they are."""
    found: dict[str, tuple[int, int, int]] = {}
    for tier in dict.fromkeys(form.tier for form in pack.forms):
        forms = [form for form in pack.forms if form.tier == tier]
        lines = [
            (line.series, PER_YEAR[Span(form.span)])
            for form in forms
            for section in form.sections
            for line in section.lines
        ]
        found[tier] = (sum(dict(lines).values()), sum(times for _key, times in lines), len(forms))
    return found
