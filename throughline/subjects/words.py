"""The words of this room in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from throughline.subjects.rules import Audience

AUDIENCES = {
    # Translators: 本单位
    Audience.BODY: _("my body"),
    # Translators: 上下级条线
    Audience.LINE: _("my line: the governments above and below, and who has a part in this"),
    # Translators: 所有可查看者
    Audience.ALL: _("everyone who sees this page"),
}
