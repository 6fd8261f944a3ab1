"""Run folders: complete or absent, never half-done, and nothing of somebody else's is ever deleted."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hemograft.errors import InputError
from hemograft.outcome.table import outcomes
from hemograft.runs.folder import building, plan_run, write_run, writing
from hemograft.runs.leftovers import beside
from hemograft.runs.recipe import Recipe, Source, file_name, read_source
from synthetic import twins

RECIPE = Recipe(
    "run", (Source("case", "a.yaml", b"one"), Source("protocol", "a.yaml", b"two")), {"twins": 2, "seed": 0}
)
OTHER = Recipe("run", (Source("case", "a.yaml", b"another"), *RECIPE.sources[1:]), RECIPE.settings)
EXAMPLE = Path(__file__).parent.parent / "examples" / "aml_cr1_flubu4.yaml"


def build(place: Path, recipe: Recipe = RECIPE, *, force: bool = False, text: str = "page") -> None:
    """A run folder with a page and a provenance, as small as it gets."""
    with building(place, recipe, force=force) as partial:
        (partial / "report.html").write_text(text, encoding="utf-8")
        words = {"format": 1, "provenance": {"software": "hemograft", **recipe.provenance}}
        (partial / "provenance.json").write_text(json.dumps(words), encoding="utf-8")


def half(place: Path, error: type[BaseException]) -> None:
    """A run that ends before it is complete."""
    with building(place, RECIPE) as partial:
        (partial / "report.html").write_text("half")
        raise error


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_folder_appears_with_copies_of_its_inputs(tmp_path):
    build(tmp_path / "run")
    found = everything(tmp_path / "run")
    assert found.pop("provenance.json")
    assert found == {"inputs/a.yaml": b"one", "inputs/protocol-a.yaml": b"two", "report.html": b"page"}
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_nothing_and_an_older_run_untouched(tmp_path, error):
    build(tmp_path / "run")
    before = everything(tmp_path)
    for place in (tmp_path / "run", tmp_path / "new" / "deeper" / "run"):
        with pytest.raises(error):
            half(place, error)
    assert everything(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_same_inputs_replace_a_run_and_others_do_not(tmp_path):
    build(tmp_path / "run")
    build(tmp_path / "run", text="newer")
    assert (tmp_path / "run" / "report.html").read_text() == "newer"
    before = everything(tmp_path)
    with pytest.raises(InputError, match="other inputs or settings"):
        build(tmp_path / "run", OTHER)
    assert everything(tmp_path) == before
    build(tmp_path / "run", OTHER, force=True, text="forced")
    assert (tmp_path / "run" / "report.html").read_text() == "forced"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("foreign", ["notes.txt", "inputs/notes.txt"])
def test_a_run_folder_with_a_foreign_file_is_never_replaced(tmp_path, force, foreign):
    build(tmp_path / "run")
    (tmp_path / "run" / foreign).write_text("mine")
    before = everything(tmp_path)
    with pytest.raises(InputError, match=r"also holds '.*notes.txt'"):
        build(tmp_path / "run", force=force)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("mark", [None, "[]", "{}", '{"provenance": {"software": "other"}}', "not json"])
def test_a_folder_that_is_no_run_folder_is_never_replaced(tmp_path, force, mark):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("years")
    if mark is not None:
        (tmp_path / "run" / "provenance.json").write_text(mark)
    before = everything(tmp_path)
    with pytest.raises(InputError, match="not a hemograft run folder"):
        build(tmp_path / "run", force=force)
    assert everything(tmp_path) == before


def test_a_file_is_refused_and_an_empty_folder_is_used(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="a file of this name"):
        build(tmp_path / "file", force=True)
    (tmp_path / "empty").mkdir()
    build(tmp_path / "empty")
    assert (tmp_path / "empty" / "report.html").is_file()


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege there")
def test_a_link_to_a_run_folder_stays_a_link(tmp_path):
    build(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    build(tmp_path / "link", text="newer")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "report.html").read_text() == "newer"


def test_a_failed_swap_puts_the_older_run_back(tmp_path, monkeypatch):
    build(tmp_path / "run")
    before = everything(tmp_path)
    rename = os.rename

    def fails_for_new(source, target):
        if str(source).endswith(".partial"):
            raise OSError(errno.ENOSPC, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "rename", fails_for_new)
    with pytest.raises(InputError, match="No space left on device"):
        build(tmp_path / "run", text="newer")
    assert everything(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_full_disk_is_told_with_the_folder(tmp_path):
    with pytest.raises(InputError) as caught, writing("runs/x"):
        raise OSError(errno.ENOSPC, "No space left on device")
    (problem,) = caught.value.problems
    assert (problem.what, problem.where) == ("cannot be written (No space left on device)", "runs/x")


def test_what_was_started_together_cannot_overwrite_a_stranger(tmp_path):
    """Another program makes the folder while ours simulates."""

    def both() -> None:
        with building(tmp_path / "run", RECIPE):
            (tmp_path / "run").mkdir()
            (tmp_path / "run" / "theirs.txt").write_text("x")

    with pytest.raises(InputError, match="not a hemograft run folder"):
        both()
    assert everything(tmp_path) == {"run/theirs.txt": b"x"}


def test_a_run_holds_all_files_without_host_or_paths_and_the_same_bytes_again(tmp_path):
    made = twins(count=3, last=60)

    judged = outcomes(made)
    for name in ("one", "two"):
        with building(tmp_path / name, RECIPE) as partial:
            write_run(partial, made, judged)
    one = everything(tmp_path / "one")
    assert set(one) == {
        "trajectory.nc", "given.parquet", "events.parquet", "individual.parquet", "outcomes.parquet", "outcomes.csv",
        "provenance.json", "report.html", "inputs/a.yaml", "inputs/protocol-a.yaml",
    }  # fmt: skip
    assert one == everything(tmp_path / "two")
    text = one["provenance.json"].decode() + one["report.html"].decode()
    assert str(tmp_path) not in text
    assert str(Path.home()) + os.sep not in text
    assert socket.gethostname() not in text


def test_a_plan_says_how_to_repeat_the_run_from_inside_its_folder():
    plan = plan_run(EXAMPLE, None, twins=3, days=60.0, seed=4)
    assert plan.recipe.again == (
        "hemograft run inputs/aml_cr1_flubu4.yaml --protocol inputs/flubu4.yaml+gvhd_steroids "
        "--twins 3 --days 60 --seed 4"
    )
    assert plan.folder.as_posix() == "runs/aml_cr1_flubu4-flubu4_gvhd_steroids-seed4"
    assert plan.recipe.hash != plan_run(EXAMPLE, None, twins=4, days=60.0, seed=4).recipe.hash
    assert plan.recipe.hash != plan_run(EXAMPLE, "flubu2", twins=3, days=60.0, seed=4).recipe.hash


def test_a_plan_repeats_the_parts_that_were_combined_by_name():
    example = Path(__file__).parent.parent / "examples" / "aml_cr1_flubu4.yaml"
    plain, combined = (plan_run(example, protocol=name, twins=2, days=10, seed=0) for name in ("flubu4", "flubu4+ptcy"))
    assert "--protocol inputs/flubu4.yaml+ptcy" in combined.recipe.again
    assert combined.recipe.names == plain.recipe.names
    assert combined.recipe.hash != plain.recipe.hash


@pytest.mark.parametrize(
    ("text", "name"), [("aml 1", "aml_1"), ("../../etc", "etc"), ("a/b\\c:d", "a_b_c_d"), ("..", "unnamed"), ("é", "é")]
)
def test_an_id_becomes_a_harmless_file_name(text, name):
    assert file_name(text) == name


def test_a_source_must_be_a_regular_file(tmp_path):
    with pytest.raises(InputError, match="not a regular file"):
        read_source("case", tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_source("case", tmp_path / "absent.yaml")


def gone(kind: str) -> str:
    """The name of what a killed run to the folder "run" leaves."""
    code = "from pathlib import Path; from hemograft.runs.leftovers import beside; "
    code += f"print(beside(Path('run'), {kind!r}))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(os.name == "nt", reason="processes cannot be asked there without harm")
def test_what_a_killed_run_left_is_put_right_by_the_next(tmp_path):
    build(tmp_path / "run")
    before = everything(tmp_path)
    (tmp_path / "run").rename(tmp_path / gone("old"))  # killed while it replaced an older run
    (tmp_path / gone("partial")).mkdir()
    with pytest.raises(KeyboardInterrupt):
        half(tmp_path / "run", KeyboardInterrupt)
    assert everything(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_what_belongs_to_a_living_run_or_to_nobody_we_know_stays(tmp_path):
    theirs = {beside(tmp_path / "run", "partial").name, ".run.notes.old", ".run.00000000-1-abc.partial"}
    for name in theirs:
        (tmp_path / name).mkdir()
    build(tmp_path / "run")
    assert {path.name for path in tmp_path.iterdir()} == {"run", *theirs}


def test_the_folder_one_is_in_is_never_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for place in ("", "."):
        with pytest.raises(InputError, match="the folder you are in"):
            build(place)


def test_a_name_that_is_too_long_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        build(tmp_path / ("x" * 300))
