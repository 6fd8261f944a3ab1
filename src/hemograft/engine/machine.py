"""Machine code through LLVM: from text to an object that can be kept on disk, and from an object to addresses.

No compiler is needed on the user's machine. What is kept is named after everything it depends on.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import os
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

SPEED = 1  # of what LLVM does to make code faster: more takes twice as long, and the code is no faster
USUAL = -1  # copies functions into their callers as LLVM usually does
EFFORT = 1  # in choosing instructions: more takes a quarter longer, and the code is no faster
DIGEST = 32  # bytes of SHA-256 before what is kept
LIBRARY = ("exp", "log", "expm1", "log1p", "cos", "lgamma", "pow", "fmod")  # what generated code may call


def natural_lanes() -> int:
    """How many doubles one instruction of this processor takes; eight where it has AVX-512, else four."""
    _initialize()
    return 8 if llvm.get_host_cpu_features().get("avx512f") else 4


def named_after(*parts: str) -> str:
    """A name for machine code: changes with the parts, the processor and LLVM."""
    whole = [llvmlite.__version__, llvm.get_host_cpu_name(), *parts]
    return hashlib.sha256("\n".join(whole).encode()).hexdigest()[:32]


def object_code(text: str, inlining: int = USUAL) -> bytes:
    """Machine code of a module written in LLVM's language; ``inlining`` is the size of functions that are copied in.

    Loops are neither unrolled nor made into rows by LLVM: those of rows are rows already, and those of the compiled
    loop are short, so it takes half as long again and the code is no faster.
    """
    machine = _machine()
    tuning = llvm.create_pipeline_tuning_options(speed_level=SPEED)
    tuning.loop_unrolling = tuning.loop_interleaving = tuning.loop_vectorization = tuning.slp_vectorization = False
    tuning.inlining_threshold = inlining
    with llvm.create_context() as context, llvm.parse_assembly(text, context) as module:
        module.verify()
        builder = llvm.create_pass_builder(machine, tuning)
        builder.getModulePassManager().run(module, builder)
        return machine.emit_object(module)


def load(code: bytes):
    """Make machine code ready; it lives as long as what is returned, which tells addresses by name."""
    _initialize()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def triple() -> str:
    """What LLVM calls this kind of machine."""
    return llvm.get_process_triple()


def cache_folder() -> Path | None:
    """Where machine code is kept between runs; none where nothing can be written."""
    chosen = os.environ.get("HEMOGRAFT_CACHE")
    folder = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hemograft"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return folder if os.access(folder, os.W_OK) else None
    except OSError:
        return None


def keep(path: Path | None, content: bytes) -> None:
    """Write under a temporary name and rename, so that two runs at once never see half a file."""
    if path is None:
        return
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            half = Path(file.name)
    except OSError:
        return  # a full or read-only disk costs speed, not the run
    try:
        half.write_bytes(hashlib.sha256(content).digest() + content)
        os.replace(half, path)
    except OSError:
        half.unlink(missing_ok=True)


def kept(path: Path | None) -> bytes | None:
    """What was written there; None where nothing was, or where it is damaged, on which LLVM would end the process."""
    try:
        whole = path.read_bytes() if path is not None else b""
    except OSError:
        return None
    digest, content = whole[:DIGEST], whole[DIGEST:]
    return content if hashlib.sha256(content).digest() == digest else None


@lru_cache(maxsize=256)
def file_digest(file: str) -> str:
    """Changes with the content of a file."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return file  # typed at a prompt: only its names tell


@lru_cache(maxsize=1)
def _initialize() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else ctypes.util.find_library("m"))
    for name in LIBRARY:
        llvm.add_symbol(name, ctypes.cast(getattr(library, name), ctypes.c_void_p).value)


def _machine():
    _initialize()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=EFFORT, jit=True
    )


if __name__ == "__main__":  # as another process, see meanwhile.py: from a module to machine code
    sys.stdout.buffer.write(object_code(sys.stdin.buffer.read().decode(), int(sys.argv[1])))
