"""The public names: there, callable, and the same whatever was imported first."""

import subprocess
import sys

import pytest

import hemograft


def test_every_public_name_has_a_home():
    assert set(hemograft.__all__) == set(hemograft._HOME)


def test_every_public_name_is_there_and_can_be_called():
    for name in hemograft.__all__:
        assert callable(getattr(hemograft, name)), name


@pytest.mark.parametrize("first", ["hemograft.reporting.page", "hemograft.outcome.table", "hemograft.outlets.cli"])
def test_a_module_imported_first_does_not_hide_a_public_function(first):
    code = f"import {first}, hemograft; assert all(callable(getattr(hemograft, n)) for n in hemograft.__all__)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_no_public_name_is_also_a_module():
    """``hemograft.x`` would be one thing or the other, by order of imports."""
    from pathlib import Path

    here = Path(hemograft.__file__).parent
    modules = {path.stem for path in here.glob("*.py")} | {path.name for path in here.iterdir() if path.is_dir()}
    assert not modules & set(hemograft.__all__)


def test_an_unknown_name_says_so():
    with pytest.raises(AttributeError, match="simulat"):
        hemograft.simulat  # noqa: B018
