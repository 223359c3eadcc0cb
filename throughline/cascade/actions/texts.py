"""Texts that somebody gives: in one language, or in both where they are known in both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_CHINESE = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Text:
    """What somebody typed, in one language or both. A language that is left empty says
    nothing rather than what it said before another one was changed."""

    en: str = ""
    zh: str = ""

    @classmethod
    def written(cls, text: str) -> Self:
        """A text of which is only known how it reads.

        >>> Text.written("Half of it"), Text.written("其中一半")
        (Text(en='Half of it', zh=''), Text(en='', zh='其中一半'))
        """
        return cls(zh=text) if _CHINESE.search(text) else cls(en=text)

    @classmethod
    def of(cls, row: object, name: str) -> Self:
        """As a field of a row has it, in both languages."""
        return cls(en=getattr(row, f"{name}_en"), zh=getattr(row, f"{name}_zh"))

    def fields(self, name: str) -> dict[str, str]:
        """The fields of a model in which it is kept."""
        return {f"{name}_en": self.en.strip(), f"{name}_zh": self.zh.strip()}

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.en.strip() or self.zh.strip())


NO_TEXT = Text()
