"""Machine code from symbols, through LLVM; no compiler on the user's machine, and kept on disk between runs.

Five functions on plain arrays of doubles:

``prepare(p, c)``       constants of one patient from the parameter vector
``rates(x, p, c, dx)``  rates of change
``factor(x, p, c, g, a)``  sparse LU of ``g * identity - Jacobian``
``solve(a, b)``         solves in place with the factors
``observe(x, p, c, o)`` recorded quantities
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import llvmlite.ir as ir

from ..model.compile import Model

FUNCTIONS = ("prepare", "rates", "factor", "solve", "observe")
FAST = ("contract", "arcp", "nsz", "reassoc")  # keeps NaN and infinity meaningful
DOUBLE = ir.DoubleType()
POINTER = DOUBLE.as_pointer()


@dataclass(frozen=True)
class Kernels:
    """Addresses of the five functions and the sizes of their arrays."""

    addresses: dict[str, int]
    states: int
    parameters: int
    constants: int
    factors: int
    observed: int
    from_cache: bool
    engine: Any  # keeps the machine code alive


def build_kernels(model: Model) -> Kernels:
    """Machine code for a model: from the cache on disk when it is there, else generated and kept."""
    folder = _cache_folder()
    path = folder / f"{fingerprint(model)}.o" if folder else None
    if path is not None and path.exists():
        try:
            stored = path.read_bytes()
            head, _, code = stored.partition(b"\n")
            return _load(code, json.loads(head), True)
        except (OSError, TypeError, ValueError, RuntimeError):
            path = None  # an unreadable cache file is generated anew and left alone
    code, sizes = _generate(model)
    if path is not None:
        _keep(path, json.dumps(sizes).encode() + b"\n" + code)
    return _load(code, sizes, False)


def fingerprint(model: Model) -> str:
    """A name for the machine code: changes with the declarations, the axes, the processor and LLVM."""
    parts = [
        llvmlite.__version__,
        llvm.get_host_cpu_name(),
        json.dumps({k: list(v) for k, v in model.axes.items()}),
    ]
    parts += [*model.slots, *(e.name for e in model.states), *(e.name for e in model.observed)]
    return hashlib.sha256("\n".join([*parts, _source_digest()]).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _source_digest() -> str:
    package = Path(__file__).parent.parent
    sources = sorted([*(package / "model").glob("*.py"), package / "engine/symbols.py", package / "engine/kernels.py"])
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def _cache_folder() -> Path | None:
    chosen = os.environ.get("HEMOGRAFT_CACHE")
    folder = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hemograft"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return folder if os.access(folder, os.W_OK) else None
    except OSError:
        return None


def _keep(path: Path, content: bytes) -> None:
    """Write under a temporary name and rename, so that two runs at once never see half a file."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            half = Path(file.name)
    except OSError:
        return  # a full or read-only disk costs speed, not the run
    try:
        half.write_bytes(content)
        os.replace(half, path)
    except OSError:
        half.unlink(missing_ok=True)


def _load(code: bytes, sizes: dict, from_cache: bool) -> Kernels:
    _initialize()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    addresses = {name: engine.get_function_address(name) for name in FUNCTIONS}
    if not all(addresses.values()):
        raise RuntimeError("the machine code lacks a function")
    return Kernels(addresses, **sizes, from_cache=from_cache, engine=engine)


@lru_cache(maxsize=1)
def _initialize() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _machine():
    _initialize()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=2, jit=True
    )


def _generate(model: Model) -> tuple[bytes, dict]:
    from ..model.reading import equations  # sympy is only needed when nothing is cached
    from .emit import emit_module
    from .symbols import plan_elimination, program

    read = equations(model)
    todo = program(model, read)
    plan = plan_elimination(todo.slopes.keys(), len(todo.states))
    text = emit_module(model, todo, plan)
    machine = _machine()
    module = llvm.parse_assembly(text)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=2)
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    sizes = {
        "states": len(todo.states),
        "parameters": len(todo.parameters),
        "constants": len(todo.constants),
        "factors": len(plan.entries),
        "observed": len(model.observed),
    }
    return machine.emit_object(module), sizes


def as_function(address: int, arguments: int):
    """A kernel as a Python callable on array addresses, for tests."""
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * arguments)(address)
