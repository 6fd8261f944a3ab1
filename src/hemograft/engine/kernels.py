"""Machine code from symbols, through LLVM; no compiler on the user's machine, and kept on disk between runs.

The functions are those of :mod:`hemograft.engine.emit_model` and :mod:`hemograft.engine.emit_method`, on arrays of
rows: several patients at once, as many as the processor takes in one instruction.
"""

from __future__ import annotations

import ctypes
import inspect
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..model.compile import Model
from .machine import cache_folder, file_digest, keep, kept, load, named_after, natural_lanes, object_code

MODEL_FUNCTIONS = ("prepare", "rates", "factor", "solve", "observe", "tempo")
FUNCTIONS = (*MODEL_FUNCTIONS, "step", "between", "commit")
EMITTED = ("lines", "emit", "emit_math", "emit_model", "emit_method", "method")
SOURCES = ("symbols", "counted", "kernels", "machine", *EMITTED)


@dataclass(frozen=True)
class Kernels:
    """Addresses of the functions and the sizes of their arrays, in rows of ``lanes`` numbers."""

    addresses: dict[str, int]
    lanes: int
    states: int
    parameters: int
    constants: int
    factors: int
    observed: int
    reactions: int
    from_cache: bool
    engine: Any  # keeps the machine code alive


def build_kernels(model: Model, lanes: int | None = None) -> Kernels:
    """Machine code for a model: from the cache on disk when it is there, else generated and kept.

    Parameters
    ----------
    lanes : int, optional
        Patients advanced together; what suits the processor when absent. Results of a patient do not depend on
        the others in the row.
    """
    lanes = lanes or natural_lanes()
    return model.once(f"kernels {lanes}", lambda model: _built(model, lanes))


def _built(model: Model, lanes: int) -> Kernels:
    folder = cache_folder()
    path = folder / f"{fingerprint(model)}-{lanes}.o" if folder else None
    stored = kept(path)
    if stored is not None:
        head, _, code = stored.partition(b"\n")
        return _load(code, json.loads(head), True)
    code, sizes = _generate(model, lanes)
    keep(path, json.dumps(sizes).encode() + b"\n" + code)
    return _load(code, sizes, False)


def fingerprint(model: Model) -> str:
    """A name for the machine code: changes with the declarations, the axes, the processor and LLVM."""
    return model.once("fingerprint", _fingerprint)


def _fingerprint(model: Model) -> str:
    parts = [json.dumps({k: list(v) for k, v in model.axes.items()})]
    parts += [*model.slots, *(e.name for e in model.states), *(e.name for e in model.observed)]
    parts += [f"{name} {states}" for name, states in model.populations]
    parts += sorted({file_digest(file) for file in _files_of(model)})
    return named_after(*parts, *_own_digests())


def _files_of(model: Model) -> set[str]:
    """Where the rate functions of a model are written, which may be outside this package."""
    laws = [arrow.rate for arrow in model.arrows] + [e.declared.value for e in (*model.quantities, *model.derived)]
    return {law.__code__.co_filename for law in map(inspect.unwrap, laws)}


@lru_cache(maxsize=1)
def _own_digests() -> list[str]:
    package = Path(__file__).parent.parent
    sources = sorted([*(package / "model").glob("*.py"), *(package / f"engine/{name}.py" for name in SOURCES)])
    return [file_digest(str(source)) for source in sources]


def _load(code: bytes, sizes: dict, from_cache: bool) -> Kernels:
    engine = load(code)
    addresses = {name: engine.get_function_address(name) for name in FUNCTIONS}
    return Kernels(addresses, **sizes, from_cache=from_cache, engine=engine)


def _generate(model: Model, lanes: int) -> tuple[bytes, dict]:
    from ..model.reading import terms
    from .emit_math import write_math
    from .emit_method import emit_method
    from .emit_model import emit_model
    from .lines import Module
    from .symbols import plan_elimination, program

    read = terms(model)
    todo = program(model, read)
    plan = plan_elimination(todo.slopes.keys(), len(todo.states))
    text = Module(lanes)
    write_math(text)
    emit_method(text, len(todo.states), emit_model(text, model, todo, plan))
    sizes = {
        "lanes": lanes,
        "states": len(todo.states),
        "parameters": len(todo.parameters),
        "constants": len(todo.constants),
        "factors": len(plan.entries),
        "observed": len(model.observed),
        "reactions": len(todo.tempo),
    }
    return object_code(str(text)), sizes


def as_function(address: int, arguments: int):
    """A kernel as a Python callable on array addresses, for tests."""
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * arguments)(address)
