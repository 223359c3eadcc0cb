"""Two hundred nasty files: what is taken, refused and empty is what was in the file."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from throughline.kernel.errors import Invalid
from throughline.reporting.sheets import Given, read, with_comments
from throughline.reporting.sheets.tests.corpus import cases
from throughline.reporting.sheets.tests.samples import census

CASES = cases()


def test_there_are_two_hundred() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize("name", CASES)
def test_a_nasty_file_is_read_or_refused_and_nothing_is_lost(name: str) -> None:
    case = CASES[name]()
    if case.whole:
        with pytest.raises(Invalid) as caught:
            read(case.content, case.of)
        assert case.whole in caught.value.message
        assert caught.value.remedy
        return
    found = read(case.content, case.of)
    assert found.found == found.accepted + len(found.rejects) + found.empty
    assert len(found.rejects) == case.rejects, found.rejects
    for reject in found.rejects:
        assert reject.remedy
        assert reject.cell in reject.message
        assert reject.sheet in reject.message
    assert {slot: found.cells.get(slot) for slot in case.says} == case.says
    blank = {slot for slot, given in case.says.items() if given == Given()}
    assert set(found.changes(case.of)) == set(case.says) - blank
    if not is_workbook(case.content):
        return
    if case.counted:
        filled, empty = census(case.content, case.of)
        assert (found.accepted + len(found.rejects), found.empty) == (filled, empty)
    again = read(with_comments(case.content, found.rejects), case.of)
    assert len(again.rejects) == len(found.rejects) - case.mended
    assert again.cells.items() >= found.cells.items()


def is_workbook(content: bytes) -> bool:
    return (
        content[:2] == b"PK" and "xl/workbook.xml" in zipfile.ZipFile(BytesIO(content)).namelist()
    )
