"""A trajectory comes back from a folder as it was saved."""

import dataclasses
import json

import numpy as np
import pyarrow as pa
import pytest

from hemograft.errors import InputError
from hemograft.outcome.table import outcomes
from hemograft.protocol.protocol import in_words
from hemograft.trajectory import EVENTS, load_trajectory
from synthetic import assemble, failing, twins


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    trajectory = twins(12, 150)
    return trajectory, trajectory.save(tmp_path_factory.mktemp("run") / "flubu")


def test_the_curves_come_back_in_single_precision(saved):
    trajectory, folder = saved
    again = load_trajectory(folder)
    assert set(again.data.data_vars) == set(trajectory.data.data_vars)
    for name in trajectory.data.data_vars:
        np.testing.assert_allclose(again.data[name], trajectory.data[name], rtol=1e-6, atol=1e-38)
        assert again.data[name].attrs["unit"] == trajectory.data[name].attrs["unit"]
    assert list(again.data["patient"].values) == list(trajectory.data["patient"].values)
    assert (again.data["day"].values == trajectory.data["day"].values).all()


def test_the_file_of_curves_has_the_bytes_that_scipy_writes(saved, tmp_path):
    trajectory, folder = saved
    single = {name: {"dtype": "float32"} for name in trajectory.daily.values}
    trajectory.data.to_netcdf(tmp_path / "other.nc", engine="scipy", format="NETCDF3_64BIT", encoding=single)
    assert (folder / "trajectory.nc").read_bytes() == (tmp_path / "other.nc").read_bytes()


def test_case_protocol_parameters_and_orders_come_back_equal(saved):
    trajectory, folder = saved
    again = load_trajectory(folder)
    assert again.case == trajectory.case
    assert again.protocol == trajectory.protocol
    assert in_words(again.protocol) == in_words(trajectory.protocol)
    assert dict(again.parameters.parameters) == dict(trajectory.parameters.parameters)
    assert again.given.equals(trajectory.given)
    assert again.given.schema.field("day").metadata == {b"unit": b"day"}
    assert dict(again.provenance) == dict(trajectory.provenance)
    np.testing.assert_array_equal(again.individual["homing"], trajectory.individual["homing"])


def test_events_come_back_with_their_days_and_a_run_without_any_has_none(saved, tmp_path):
    trajectory, folder = saved
    assert load_trajectory(folder).events.num_rows == 0
    happened = pa.table({"patient": ["twin-0001"], "event": ["death_infection"], "day": [33.25]}, schema=EVENTS)
    again = load_trajectory(dataclasses.replace(trajectory, events=happened).save(tmp_path / "run"))
    assert again.events.equals(happened)
    assert again.events.schema.field("day").metadata == {b"unit": b"day"}


def test_outcomes_are_the_same_before_and_after_saving(saved):
    trajectory, folder = saved
    assert outcomes(load_trajectory(folder)).equals(outcomes(trajectory))


def test_saving_again_replaces_and_leaves_no_partial_files(saved):
    trajectory, folder = saved
    before = (folder / "trajectory.nc").read_bytes()
    trajectory.save(folder)
    assert (folder / "trajectory.nc").read_bytes() == before
    names = {"trajectory.nc", "given.parquet", "events.parquet", "individual.parquet", "provenance.json"}
    assert {path.name for path in folder.iterdir()} == names


def test_failures_survive_and_their_values_stay_missing(tmp_path):
    days = np.arange(-2.0, 30)
    data = {"neutrophils": np.ones((2, len(days)))}
    trajectory = assemble(days, data, count=2, failures=(failing("twin-0001", 10.0),))
    again = load_trajectory(trajectory.save(tmp_path / "run"))
    assert again.failures == trajectory.failures
    assert np.isnan(again.data["neutrophils"].sel(patient="twin-0001", day=10.0))
    assert np.isfinite(again.data["neutrophils"].sel(patient="twin-0000", day=10.0))


def test_the_place_of_a_protocol_file_is_not_saved(tmp_path):
    trajectory = twins(2, 20)
    case = trajectory.case.model_copy(update={"protocol": "/home/somebody/secret/flubu.yaml"})
    folder = type(trajectory)(**{**vars(trajectory), "case": case}).save(tmp_path / "run")
    assert "somebody" not in (folder / "provenance.json").read_text()
    assert load_trajectory(folder).case.protocol == "flubu.yaml"


def test_an_incomplete_folder_is_refused_with_its_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"no provenance\.json"):
        load_trajectory(tmp_path)


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": 1}', '{"format": 99}'])
def test_a_damaged_record_is_refused(saved, tmp_path, damage):
    trajectory, _ = saved
    folder = trajectory.save(tmp_path / "run")
    (folder / "provenance.json").write_text(damage)
    with pytest.raises(InputError):
        load_trajectory(folder)


def test_a_damaged_array_file_is_refused(saved, tmp_path):
    folder = saved[0].save(tmp_path / "run")
    (folder / "trajectory.nc").write_bytes(b"not netCDF")
    with pytest.raises(InputError):
        load_trajectory(folder)


def test_a_record_never_builds_a_class_of_another_package(saved, tmp_path):
    folder = saved[0].save(tmp_path / "run")
    words = json.loads((folder / "provenance.json").read_text())
    words["case"]["class"] = "subprocess.Popen"
    (folder / "provenance.json").write_text(json.dumps(words))
    assert type(load_trajectory(folder).case).__name__ == "SimpleNamespace"
