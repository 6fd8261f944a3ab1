"""Compiled Python, and how it calls machine code by address: the only place that knows about raw pointers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic


@intrinsic
def _call(typing_context, address, arrays):
    """``void f(double *, ...)`` at an address, with a tuple of array addresses."""

    def generate(context, builder, signature, values):
        byte_pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte_pointer] * len(arrays)).as_pointer()
        function = builder.inttoptr(values[0], kind)
        places = [builder.extract_value(values[1], i) for i in range(len(arrays))]
        builder.call(function, [builder.inttoptr(place, byte_pointer) for place in places])
        return context.get_dummy_value()

    return types.void(types.int64, types.UniTuple(types.int64, len(arrays))), generate


# typed loosely: what a compiled caller passes is not what the Python function of an intrinsic takes
call: Any = _call  # call(address, (array.ctypes.data, ...))


def forget_stale(folder: Path) -> None:
    """Drop compiled functions kept beside their sources when any of the sources has changed.

    Numba keeps a function until its own file changes, although it holds the code of functions of other files as well.
    """
    kept, digest = folder / "__pycache__", hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    stamp = kept / "compiled.sha256"
    try:
        if stamp.exists() and stamp.read_text() == digest.hexdigest():
            return
        for path in [*kept.glob("*.nbi"), *kept.glob("*.nbc")]:
            path.unlink(missing_ok=True)
        stamp.write_text(digest.hexdigest())
    except OSError:
        return  # nothing can be kept here anyway


forget_stale(Path(__file__).parent)

# The loop works on arrays it is given and makes none, so it needs no counting of references; without that it compiles
# several times faster.
_OPTIONS: Any = {"nogil": True, "error_model": "numpy", "_nrt": False}
compiled: Any = njit(cache=True, **_OPTIONS)
inlined: Any = njit(inline="always", **_OPTIONS)  # a part of a larger compiled function that is called in one place
