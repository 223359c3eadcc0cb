"""English names and pinyin keys of places."""

from pypinyin import lazy_pinyin


def name_of(code: str, name: str, tier: str) -> tuple[str, str]:
    """The English name and the sort key (syllables without tones)."""
    syllables = lazy_pinyin(name)
    return "".join(syllables).capitalize(), " ".join(syllables)
