"""How the cube is kept: one file for a generation, and behind it the changes since.

`figures.cube` is written aside and renamed, so that it is there whole or not at all. It says
which journal position it stands at, with the hash of the entry there, and bears a checksum
for its head and one for every strip. `changes-ID` holds what happened after it, batch by
batch, each with its own checksum: a batch that was cut off by a crash does not count, and
nothing that is read is ever written over. Any number of processes map both read-only (what
they read is copied when a change comes, in their own memory); only the holder of the lock
writes.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from throughline.figures.cube.columns import NOTHING, by_part, replaced
from throughline.figures.cube.measures import Column, Measure
from throughline.figures.cube.shape import Shape
from throughline.figures.cube.strips import CELL, Cells, Key, Layout, Strip

FORMAT = 1
MAGIC = b"TLCUBE\0\1"
BATCH = b"TLCH"
_HEAD = struct.Struct("<8sQI")
_BATCH_HEAD = struct.Struct("<4sQI")
_ALIGNED = 64

NAME = "figures.cube"

OWN = np.dtype([("strip", "<i4"), ("unit", "<i4"), ("column", "<i4"), ("value", "<f8")])
ABOVE = np.dtype([("strip", "<i4"), ("upper", "<i4"), ("lane", "<i4"), ("value", "<f8")])
CLEARED = np.dtype([("strip", "<i4"), ("part", "<i4"), ("place", "<i8")])
PLACED = np.dtype([("strip", "<i4"), ("cell", CELL)])


class Torn(Exception):
    """A file that is not whole, or not of this release: it has to be made anew."""


@dataclass(frozen=True)
class Standing:
    """What a cube stands at: a journal position and the hash of the entry there; released
    figures up to the instant `until` count, the next one is due at `due` (seconds of the
    epoch; None: there is none)."""

    position: int
    hash: str
    until: float
    due: float | None

    def holds_at(self, instant: float) -> bool:
        """Whether every figure that is released by an instant counts."""
        return self.due is None or instant < self.due


@dataclass(frozen=True)
class Batch:
    """What became of the cube by some acts: changed figures of units, changed lanes, and all
    standing figures of the places in which one changed."""

    standing: Standing
    own: npt.NDArray[Any]
    above: npt.NDArray[Any]
    cleared: npt.NDArray[Any]
    placed: npt.NDArray[Any]

    def packed(self) -> bytes:
        """The batch as it stands in the file."""
        arrays = (self.own, self.above, self.cleared, self.placed)
        said = json.dumps({**asdict(self.standing), "sizes": [len(each) for each in arrays]})
        content = struct.pack("<I", len(said)) + said.encode()
        content += b"".join(each.tobytes() for each in arrays)
        return _BATCH_HEAD.pack(BATCH, len(content), zlib.crc32(content)) + content

    @classmethod
    def unpacked(cls, content: bytes) -> Batch:
        """A batch from its content."""
        (size,) = struct.unpack_from("<I", content)
        said = json.loads(content[4 : 4 + size])
        at, arrays = 4 + size, []
        for kind, count in zip((OWN, ABOVE, CLEARED, PLACED), said.pop("sizes"), strict=True):
            arrays.append(np.frombuffer(content, kind, count, at))
            at += count * kind.itemsize
        return cls(Standing(**said), *arrays)


def _aligned(at: int) -> int:
    return -(-at // _ALIGNED) * _ALIGNED


@dataclass(frozen=True)
class _Place:
    """Where the arrays of a strip lie."""

    key: Key
    shape: int
    layout: int
    kind: str
    cells: int
    at: int
    size: int
    checksum: int


def write(folder: Path, standing: Standing, definitions: str, strips: Sequence[Strip]) -> str:
    """Write a generation aside and put it in the place of the one before; its id."""
    name = os.urandom(8).hex()
    shapes = list({strip.shape.digest: strip.shape for strip in strips}.values())
    shape_number = {shape.digest: number for number, shape in enumerate(shapes)}
    layouts = list(dict.fromkeys(strip.layout for strip in strips))
    layout_number = {layout: number for number, layout in enumerate(layouts)}
    places, at = [], 0
    for strip in strips:
        blocks = _blocks(strip)
        size = sum(len(block) for block in blocks)
        checksum = 0
        for block in blocks:
            checksum = zlib.crc32(block, checksum)
        cells = sum(len(each) for each in strip.cells.values())
        places.append(
            _Place(
                strip.key, shape_number[strip.shape.digest], layout_number[strip.layout],
                strip.own.dtype.str, cells, at, size, checksum,
            )
        )  # fmt: skip
        at = _aligned(at + size)
    head = {
        "format": FORMAT, "id": name, "standing": asdict(standing), "definitions": definitions,
        "shapes": [_shape_said(shape) for shape in shapes],
        "layouts": [_layout_said(layout) for layout in layouts],
        "strips": [asdict(place) for place in places],
    }  # fmt: skip
    _write_aside(folder, name, json.dumps(head).encode(), zip(strips, places, strict=True))
    return name


def _write_aside(
    folder: Path, name: str, head: bytes, strips: Iterable[tuple[Strip, _Place]]
) -> None:
    partial = folder / f"{NAME}.partial"
    with partial.open("wb") as file:
        file.write(_HEAD.pack(MAGIC, len(head), zlib.crc32(head)) + head)
        begin = _aligned(_HEAD.size + len(head))
        for strip, place in strips:
            file.seek(begin + place.at)
            for block in _blocks(strip):
                file.write(block)
        file.flush()
        os.fsync(file.fileno())
    changes = folder / f"changes-{name}"
    changes.touch()
    partial.rename(folder / NAME)
    _sync(folder)
    for other in folder.glob("changes-*"):
        if other != changes:
            other.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _blocks(strip: Strip) -> list[bytes]:
    cells = [strip.cells[part] for part in sorted(strip.cells)]
    return [
        np.ascontiguousarray(strip.above).tobytes(),
        np.ascontiguousarray(strip.own).tobytes(),
        b"".join(each.tobytes() for each in cells),
    ]


def _shape_said(shape: Shape) -> dict[str, Any]:
    return {
        "digest": shape.digest, "names": shape.names, "levels": shape.levels,
        "places": shape.places.tolist(), "parents": shape.parents.tolist(),
        "tiers": shape.tiers.tolist(),
    }  # fmt: skip


def _shape_read(said: Mapping[str, Any]) -> Shape:
    shape = Shape(
        np.asarray(said["places"], np.int64), np.asarray(said["parents"], np.int32),
        np.asarray(said["tiers"], np.int32), tuple(said["names"]), tuple(said["levels"]),
    )  # fmt: skip
    if shape.digest != said["digest"]:
        raise Torn("a tree is not what its digest says")
    return shape


def _layout_said(layout: Layout) -> dict[str, Any]:
    return {
        "measures": [asdict(measure) for measure in layout.measures],
        "absent": layout.absent,
        "lanes": zlib.crc32(repr((layout.columns, layout.lanes)).encode()),
    }


def _layout_read(said: Mapping[str, Any]) -> Layout:
    measures = [Measure(**{**each, "parts": tuple(each["parts"])}) for each in said["measures"]]
    layout = Layout.of(measures, [Column(*each) for each in said["absent"]])
    if zlib.crc32(repr((layout.columns, layout.lanes)).encode()) != said["lanes"]:
        raise Torn("its lanes are those of another release")
    return layout


class Generation:
    """A file as one process has it mapped. What is written into its arrays stays in this
    process; a strip's checksum is looked at when it is first used."""

    def __init__(self, path: Path) -> None:
        try:
            self._bytes: npt.NDArray[np.uint8] = np.memmap(path, np.uint8, mode="c")
        except ValueError as error:
            raise Torn("the file is empty") from error
        head = self._head()
        self.id: str = head["id"]
        self.standing = Standing(**head["standing"])
        self.definitions: str = head["definitions"]
        self._shapes = [_shape_read(each) for each in head["shapes"]]
        self._layouts = [_layout_read(each) for each in head["layouts"]]
        self._places = [_Place(**{**each, "key": Key(*each["key"])}) for each in head["strips"]]
        self._strips: dict[int, Strip] = {}
        if self._places and self._begin + max(p.at + p.size for p in self._places) > len(
            self._bytes
        ):
            raise Torn("the file is cut off")

    def _head(self) -> dict[str, Any]:
        if len(self._bytes) < _HEAD.size:
            raise Torn("the file is cut off")
        magic, size, checksum = _HEAD.unpack(self._bytes[: _HEAD.size].tobytes())
        head = self._bytes[_HEAD.size : _HEAD.size + size].tobytes()
        if magic != MAGIC or len(head) < size or zlib.crc32(head) != checksum:
            raise Torn("its head is not whole")
        self._begin = _aligned(_HEAD.size + size)
        said: dict[str, Any] = json.loads(head)
        if said["format"] != FORMAT:
            raise Torn("it is of another release")
        return said

    @cached_property
    def number(self) -> dict[Key, int]:
        """By key, the number of a strip."""
        return {place.key: number for number, place in enumerate(self._places)}

    def strip(self, number: int) -> Strip:
        """A strip, checked once. Raises Torn where it is not what was written."""
        if number not in self._strips:
            self._strips[number] = self._read(self._places[number])
        return self._strips[number]

    def strips(self) -> list[Strip]:
        """Every strip."""
        return [self.strip(number) for number in range(len(self._places))]

    def _read(self, place: _Place) -> Strip:
        begin = self._begin + place.at
        content = self._bytes[begin : begin + place.size]
        if zlib.crc32(content.data) != place.checksum:
            raise Torn(f"the figures of {place.key.period} are not what was written")
        shape, layout = self._shapes[place.shape], self._layouts[place.layout]
        kind = np.dtype(place.kind)
        above = len(shape.units) * len(layout.lanes) * 8
        own = len(shape) * len(layout.columns) * kind.itemsize
        cells: Cells = content[above + own :].view(CELL)
        return Strip(
            place.key,
            shape,
            layout,
            content[above : above + own].view(kind).reshape(len(shape), len(layout.columns)),
            content[:above].view(np.float64).reshape(len(shape.units), len(layout.lanes)),
            by_part(cells),
        )

    def check(self) -> None:
        """Look at every strip's checksum. Raises Torn."""
        for number in range(len(self._places)):
            self.strip(number)

    def apply(self, batch: Batch) -> None:
        """Bring a change into the arrays of this process."""
        for number in {*batch.own["strip"].tolist(), *batch.above["strip"].tolist()}:
            strip = self.strip(number)
            rows = batch.own[batch.own["strip"] == number]
            strip.own[rows["unit"], rows["column"]] = rows["value"]
            rows = batch.above[batch.above["strip"] == number]
            strip.above[rows["upper"], rows["lane"]] = rows["value"]
        cleared, placed = batch.cleared, batch.placed
        for number, part in np.unique(cleared[["strip", "part"]]).tolist():
            here = (cleared["strip"] == number) & (cleared["part"] == part)
            new = placed["cell"][(placed["strip"] == number) & (placed["cell"]["part"] == part)]
            cells = self.strip(number).cells
            cells[part] = replaced(cells.get(part, NOTHING), cleared["place"][here], new)
        self.standing = batch.standing


def append(folder: Path, name: str, batch: Batch) -> int:
    """Write a batch behind a generation; the length of the file afterwards."""
    with (folder / f"changes-{name}").open("ab") as file:
        file.write(batch.packed())
        file.flush()
        return file.tell()


def batches(content: bytes) -> tuple[list[Batch], int]:
    """The whole batches at the beginning of some content, and where they end."""
    found, at = [], 0
    while at + _BATCH_HEAD.size <= len(content):
        magic, size, checksum = _BATCH_HEAD.unpack_from(content, at)
        begin = at + _BATCH_HEAD.size
        inside = content[begin : begin + size]
        if magic != BATCH or len(inside) < size or zlib.crc32(inside) != checksum:
            break
        found.append(Batch.unpacked(inside))
        at = begin + size
    return found, at


def cut_off(folder: Path, name: str, length: int) -> None:
    """Forget what a crash left behind the last whole batch."""
    with (folder / f"changes-{name}").open("r+b") as file:
        file.truncate(length)
