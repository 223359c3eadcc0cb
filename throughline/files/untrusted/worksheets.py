"""A worksheet's own part: formulas made into what they showed, cells shown as faulty.

The fill is a condition that always holds, not a format of the cells: it can be taken away again
without knowing how the cells looked before.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape
from xml.sax.saxutils import escape

from throughline.files.formulas import neutralised
from throughline.files.untrusted.cutting import (
    Element,
    elements,
    spliced,
    tag,
    with_child,
)
from throughline.files.untrusted.marks import ANY_FORMULA
from throughline.files.untrusted.places import cell_name

_ALWAYS = 'LEN("throughline")>0'
"""How our condition is known again."""
_CELLS_A_RULE = 1000
_STYLE = (
    '<{0}dxf><{0}font><{0}color rgb="FF9C0006"/></{0}font><{0}fill>'
    '<{0}patternFill patternType="solid"><{0}fgColor rgb="FFFFC7CE"/>'
    '<{0}bgColor rgb="FFFFC7CE"/></{0}patternFill></{0}fill></{0}dxf>'
)
_BEFORE_FILLS = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr"),
    *("sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState"),
    *("dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting"),
)
_BEFORE_DRAWING = (
    *_BEFORE_FILLS,
    *("dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup"),
    *("headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches"),
    *("ignoredErrors", "smartTags", "drawing"),
)
"""What the format has to stand before them."""
_BEFORE_STYLES = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles"),
)


_OUTLINE = {"worksheet", "styleSheet", *_BEFORE_DRAWING, *_BEFORE_STYLES, "cfRule", "dxfs", "dxf"}
"""All that one must know of a part to put something in its place; of the cells, nothing."""


def without_formulas(content: bytes) -> tuple[bytes, bool]:
    """The sheet with each formula replaced by its stored result, and whether there was one.

    A formula without a result stays as text that no program runs.
    """
    if not ANY_FORMULA.search(content):
        return content, False
    changes = []
    found = elements(content, {"c", "f", "v"})
    results = {id(each.parent): each for each in found if each.local == "v"}
    for formula in found:
        cell = formula.parent
        if formula.local != "f" or cell is None or cell.local != "c":
            continue
        stored = results.get(id(cell))
        if stored is not None and stored.inner < stored.inner_end:
            changes.append((formula.start, formula.end, b""))
            continue
        written = unescape(content[formula.inner : formula.inner_end].decode("utf-8", "replace"))
        changes.append((cell.start, cell.end, _as_text(cell, neutralised("=" + written))))
    return spliced(content, changes), bool(changes)


def _as_text(cell: Element, text: str) -> bytes:
    kept = {key: value for key, value in cell.attributes.items() if key in {"r", "s"}}
    at = cell.prefix
    inside = f'<{at}is><{at}t xml:space="preserve">{escape(text)}</{at}t></{at}is>'
    opened = tag(cell.name, kept | {"t": "inlineStr"})
    return opened + inside.encode() + f"</{cell.name}>".encode()


def without_fills(content: bytes) -> bytes:
    """The sheet without the conditions that an earlier round put in."""
    if b"throughline" not in content:
        return content
    found = elements(content, {"conditionalFormatting", "cfRule", "formula"})
    ours = {
        id(each.parent)
        for each in found
        if each.local == "formula"
        and unescape(content[each.inner : each.inner_end].decode("utf-8", "replace")) == _ALWAYS
    }
    rules_of: dict[int, list[Element]] = {}
    for each in found:
        if each.local == "cfRule":
            rules_of.setdefault(id(each.parent), []).append(each)
    changes = []
    for block in found:
        rules = rules_of.get(id(block), [])
        gone = [rule for rule in rules if id(rule) in ours]
        if gone and len(gone) == len(rules):
            changes.append((block.start, block.end, b""))
        else:
            changes += [(rule.start, rule.end, b"") for rule in gone]
    return spliced(content, changes)


def with_fills(content: bytes, style: int, places: Sequence[tuple[int, int]]) -> bytes:
    """The sheet with these cells shown as faulty."""
    outline = elements(content, _OUTLINE)
    root = outline[0]
    taken = [
        int(each.attributes.get("priority", "0"))
        for each in outline
        if each.local == "cfRule" and each.attributes.get("priority", "0").isdigit()
    ]
    at = root.prefix
    cells = [cell_name(row, column) for row, column in dict.fromkeys(places)]
    blocks, priority = b"", max(taken, default=0)
    for first in range(0, len(cells), _CELLS_A_RULE):
        priority += 1
        some = " ".join(cells[first : first + _CELLS_A_RULE])
        rule = {"type": "expression", "dxfId": str(style), "priority": str(priority)}
        blocks += (
            tag(f"{at}conditionalFormatting", {"sqref": some})
            + tag(f"{at}cfRule", rule)
            + f"<{at}formula>{escape(_ALWAYS)}</{at}formula></{at}cfRule>".encode()
            + f"</{at}conditionalFormatting>".encode()
        )
    return _inserted(content, outline, blocks, _BEFORE_FILLS)


def with_drawing(content: bytes, key: str, base: str) -> bytes:
    """The sheet with a reference to the part that holds its comments' shapes."""
    outline = elements(content, _OUTLINE)
    attributes = {"xmlns:tlr": base, "tlr:id": key}
    reference = tag(outline[0].prefix + "legacyDrawing", attributes, closed=True)
    return _inserted(content, outline, reference, _BEFORE_DRAWING)


def filled_style(styles: bytes) -> tuple[bytes, int]:
    """The styles with that of a faulty cell among the differential ones, and its number."""
    outline = elements(styles, _OUTLINE)
    root = outline[0]
    style = _STYLE.format(root.prefix).encode()
    block = next((each for each in outline if each.depth == 1 and each.local == "dxfs"), None)
    if block is None:
        whole = tag(root.prefix + "dxfs", {"count": "1"}) + style
        whole += f"</{root.prefix}dxfs>".encode()
        return _inserted(styles, outline, whole, _BEFORE_STYLES), 0
    known = [each for each in outline if each.parent is block]
    for number, each in enumerate(known):
        if styles[each.start : each.end] == style:
            return styles, number
    opened = tag(block.name, block.attributes | {"count": str(len(known) + 1)})
    inside = styles[block.inner : block.inner_end]
    whole = opened + inside + style + f"</{block.name}>".encode()
    return spliced(styles, [(block.start, block.end, whole)]), len(known)


def _inserted(
    content: bytes, outline: Sequence[Element], new: bytes, before: Sequence[str]
) -> bytes:
    """`new` as a child of the root, behind the last one of those named."""
    root = outline[0]
    earlier = [each.end for each in outline if each.depth == 1 and each.local in before]
    if not earlier:
        if root.is_empty:
            return with_child(content, root, new)
        return spliced(content, [(root.inner, root.inner, new)])
    at = max(earlier)
    return spliced(content, [(at, at, new)])
