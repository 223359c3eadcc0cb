"""Which mappings there are: the product's own, and those of plan packs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import gettext as _

from throughline.kernel.errors import NotFound
from throughline.plans.packs import Mapping, read_mapping
from throughline.running.home import CHECKOUT

BUILT_IN = Path(__file__).with_name("builtin")
PACKS = CHECKOUT / "packs"


def known_mappings(packs: Iterable[str]) -> dict[str, Path]:
    """The product's own mappings by name, then those of some packs by `pack/mapping`."""
    own = {path.stem: path for path in sorted(BUILT_IN.glob("*.yaml"))}
    return own | {
        f"{pack}/{path.stem}": path
        for pack in sorted(set(packs))
        for path in sorted((PACKS / pack / "mappings").glob("*.yaml"))
    }


def _every_mapping() -> dict[str, Path]:
    return known_mappings(path.parent.name for path in PACKS.glob("*/mappings"))


def mapping_named(name: str) -> Mapping:
    """A mapping by its name, by the last part of it where only one bears it, or by its file.

    Raises NotFound that names the known ones, and Invalid with the faults of a file.
    """
    known = _every_mapping()
    matching = [path for key, path in known.items() if key.rpartition("/")[2] == name]
    if name in known:
        return read_mapping(known[name])
    if len(matching) == 1:
        return read_mapping(matching[0])
    if Path(name).suffix == ".yaml" and Path(name).is_file():
        return read_mapping(Path(name))
    raise NotFound(
        _("There is no mapping “%(name)s”.") % {"name": name},
        remedy=_("Known ones: %(list)s; or name a mapping's YAML file.")
        % {"list": ", ".join(known)},
    )
