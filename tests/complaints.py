"""Files with one thing wrong, and what is said about them."""

from pathlib import Path

import pytest

from hemograft.case import read_case
from hemograft.errors import InputError
from hemograft.protocol import read_protocol
from hemograft.protocol.protocol import FOLDER

EXAMPLE = (Path(__file__).parent.parent / "examples" / "aml_cr1_flubu4.yaml").read_text()
INDUCTION = (Path(__file__).parent.parent / "examples" / "aml_induction_7_3.yaml").read_text()
FLUBU4 = (FOLDER / "flubu4.yaml").read_text()


def complaints(read, tmp_path, text: str) -> list[str]:
    """All complaints about one file, as they are shown."""
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read(path)
    said = [str(problem) for problem in caught.value.problems]
    for one in said:
        assert not any(word in one.lower() for word in ("pydantic", "validat", "input_", "type=", "nonetype"))
    return said


def line_of(text: str, start: str) -> int:
    return next(i for i, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start))


def case_with(tmp_path, old: str, new: str, base: str = EXAMPLE) -> list[str]:
    """Complaints after one replacement in the example; the first must stand on the replaced line."""
    assert old in base
    text = base.replace(old, new, 1)
    said = complaints(read_case, tmp_path, text)
    assert said[0].startswith(f"x.yaml:{base[: base.index(old)].count(chr(10)) + 1}: ")
    return said


def protocol_with(tmp_path, old: str, new: str) -> list[str]:
    assert old in FLUBU4
    said = complaints(read_protocol, tmp_path, FLUBU4.replace(old, new, 1))
    assert said[0].startswith(f"x.yaml:{FLUBU4[: FLUBU4.index(old)].count(chr(10)) + 1}: ")
    return said
