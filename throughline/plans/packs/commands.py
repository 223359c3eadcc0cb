"""`throughline pack check DIR`: prints every fault with its file, line and remedy."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from django.utils.translation import gettext as _

from throughline.kernel.errors import Invalid
from throughline.plans.packs.checking import check
from throughline.plans.packs.faults import errors


def check_command(args: Namespace) -> int:
    """Check the pack in `args.folder`; with `args.json` print JSON.

    Returns 0, or the exit code of invalid input where a fault keeps the pack from loading.
    """
    folder = Path(args.folder)
    faults = check(folder)
    failed = bool(errors(faults))
    if args.json:
        said = {
            "folder": str(folder),
            "ok": not failed,
            "faults": [fault.as_dict() for fault in faults],
        }
        print(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        for fault in faults:
            print(f"{fault.severity}: {fault}")
        counts = {"errors": len(errors(faults)), "notices": len(faults) - len(errors(faults))}
        print(_("%(errors)d errors, %(notices)d notices") % counts)
    return Invalid.exit_code if failed else 0
