"""Files that cannot be accepted: broken, huge, hostile, or wrong in several places at once."""

import contextlib
import os
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints import EXAMPLE, FLUBU4, complaints, line_of
from hemograft.case import read_case
from hemograft.errors import InputError
from hemograft.protocol import read_protocol

PIECES = (
    *(
        "",
        "\n",
        "  ",
        "\t",
        '"',
        "\x00",
        "-",
        ":",
        "0",
        "nan",
        "1e999",
        "[",
        "]",
        "{",
        "}",
        "'",
        "#",
        "%",
        "kg",
        "é",
    ),
    *("&a", "*a", "!!x", "give:", "-5", "-5 to", "10^9", "null", "~", "true", "|", ">", "?", "patient:"),
)


def test_several_errors_are_all_told_with_their_lines(tmp_path):
    text = EXAMPLE.replace("68 kg", "68").replace("sex: female", "sex: woman").replace("cd34: 6.2", "cd34: -6.2")
    text = text.replace("match: 10/10", "mach: 10/10")
    said = complaints(read_case, tmp_path, text)
    places = [one.split(":")[1] for one in said]
    assert places == [str(line_of(text, start)) for start in ("sex: w", "weight", "donor:", "mach", "cd34")]


def test_several_errors_of_a_protocol_are_all_told_with_their_lines(tmp_path):
    text = FLUBU4.replace("30 mg/m2", "30 mg/m").replace("route: oral", "route: mouth", 1).replace("< 7 g/dL", "< 7 g")
    said = complaints(read_protocol, tmp_path, text)
    assert [one.split(":")[1] for one in said] == [
        str(line_of(text, start)) for start in ("dose: 30 mg/m", "route: mouth", "if: hemoglobin")
    ]


@pytest.mark.parametrize("read", [read_case, read_protocol])
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "the file is empty"),
        (b"   \n\n", "the file is empty"),
        (b"# nothing\n", "only comments"),
        (b"name: caf\xe9\n", "not UTF-8"),
        (b"\x00\x01\x02", "not readable as YAML"),
        (b"just words\n", "not a list of 'name: value' lines"),
        (b"- a\n- b\n", "not a list of 'name: value' lines"),
        (b"name: a\nname: b\n", "'name' is given twice"),
        (b"patient:\n\tage: 3\n", "not readable as YAML"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", "anchors and aliases"),
        (b"a: {" + b"a: {" * 40 + b"}" * 41, "nested too deeply"),
        (b"[" * 400_000, "nested too deeply"),
        (b"name: [unclosed\n", "not readable as YAML"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be(tmp_path, read, content, complaint):
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=complaint):
        read(path)


@pytest.mark.parametrize("read", [read_case, read_protocol])
def test_a_file_of_100_megabytes(tmp_path, read):
    path = tmp_path / "x.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(InputError, match="100,000,000 bytes"):
        read(path)


@pytest.mark.parametrize("read", [read_case, read_protocol])
def test_a_folder_and_a_file_that_is_not_there(tmp_path, read):
    with pytest.raises(InputError, match="a folder"):
        read(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "absent.yaml")


def mutilate(draw, text: str) -> str:
    """A file after a few cuts, swaps and insertions of plausible and odd pieces."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 12))
        text = text[:start] + draw(st.sampled_from(PIECES)) + text[start + length :]
    return text


@pytest.mark.parametrize(("read", "good"), [(read_case, EXAMPLE), (read_protocol, FLUBU4)])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutilated_file_is_read_or_refused_and_nothing_else(tmp_path, read, good, data):
    (tmp_path / "x.yaml").write_text(mutilate(data.draw, good), encoding="utf-8")
    with contextlib.suppress(InputError):
        read(tmp_path / "x.yaml")


def test_a_tag_is_refused_with_its_line(tmp_path):
    text = EXAMPLE.replace("weight: 68 kg", "weight: !!str 68 kg")
    (said,) = complaints(read_case, tmp_path, text)
    assert said.startswith(f"x.yaml:{line_of(text, 'weight')}: tags")


@pytest.mark.parametrize("bad", [b"\xe9", b"\x00"])
def test_letters_that_cannot_be_read_are_told_with_their_line(tmp_path, bad):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"title: a\nsource: " + bad + b"\n")
    with pytest.raises(InputError, match=r"x.yaml:2: "):
        read_case(path)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no endless file")
def test_a_file_without_end_is_refused():
    with pytest.raises(InputError, match="more than 1,000,000 bytes"):
        read_case("/dev/zero")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_a_file_name_that_is_not_utf8_becomes_an_id_that_can_be_written(tmp_path):
    path = tmp_path / os.fsdecode(b"f\xe4ll.yaml")
    path.write_text(EXAMPLE, encoding="utf-8")
    assert read_case(path).id == "f\ufffdll"
