"""Asking the processor for memory that will be needed soon.

By itself it fetches what lies ahead only to the end of a page of memory, a handful of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped, unused-ignore]
from numba import njit, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

LINE = 64
"""Bytes that come at once."""

FOR_READING, EVERY_CACHE, DATA = 0, 3, 1
NUMBER, BYTES = ir.IntType(32), ir.IntType(8).as_pointer()


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def _fetch(_context: Any, array: Any, offset: Any) -> tuple[Any, Callable[..., Any]]:
    """Ask for the memory so many bytes behind the beginning of an array; what lies outside of
    it does no harm, for nothing is read (LLVM language reference, `llvm.prefetch`)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made: Any = make_array
        begin = builder.bitcast(made(signature.args[0])(context, builder, arguments[0]).data, BYTES)
        place = builder.gep(begin, [arguments[1]])
        kind = ir.FunctionType(ir.VoidType(), [BYTES, NUMBER, NUMBER, NUMBER])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [BYTES], kind)
        builder.call(fetch, [place, *map(NUMBER, (FOR_READING, EVERY_CACHE, DATA))])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@njit(inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def fetch_row(array: Any, row: int) -> None:
    """Ask for a row of a two-dimensional array."""
    size = array.shape[1] * array.itemsize
    for offset in range(row * size, row * size + size, LINE):
        _fetch(array, offset)  # type: ignore[call-arg, unused-ignore]
