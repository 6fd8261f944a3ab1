"""Virtual populations: what is declared is what is drawn, and a patient stays the same patient."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hemograft.case.case import Case
from hemograft.errors import InputError
from hemograft.files import read_document
from hemograft.parameters import DATA
from hemograft.population import draw, read_population, shipped_populations
from hemograft.population.draw import people
from hemograft.population.joint import Joint, drawn, flat, raked
from hemograft.population.luck import Luck, named
from hemograft.population.population import AXES
from hemograft.population.rules import shipped_rules

REGISTRY = Path(__file__).parent.parent.parent / "shared" / "data" / "cibmtr_covariates.csv"


def read_again(case: Case) -> Case:
    """The case as its forms accept it."""
    plain = {name: value for name, value in vars(case).items() if name not in ("patient", "donor", "graft")}
    parts = {name: dict(vars(part)) for name in ("patient", "donor", "graft") if (part := getattr(case, name))}
    return Case(**{**plain, **parts})


def columns(n: int = 4000, seed: int = 1):
    return people(read_population(), Luck(seed, named(n)[1]))


def test_drawn_cases_are_what_the_forms_accept():
    for case in draw(read_population(), 300, 3):
        assert read_again(case) == case


def test_a_patient_is_the_same_in_groups_of_any_size():
    assert draw(read_population(), 50, 5) == draw(read_population(), 80, 5)[:50]
    assert draw(read_population(), 5, 5) != draw(read_population(), 5, 6)


def test_a_patient_keeps_sex_and_luck_in_another_population():
    base = read_population()
    elder = base.joint.weighted((np.arange(85) >= 50).astype(float), "age")
    young, old = draw(base, 300, 2), draw(replace(base, joint=elder), 300, 2)
    assert np.corrcoef([c.patient.age for c in young], [c.patient.age for c in old])[0, 1] > 0.9
    assert all(c.patient.age >= 50 for c in old)
    assert [c.patient.liver for c in young] == [c.patient.liver for c in old]


def test_declared_pairs_are_the_pairs_of_the_joint_distribution():
    joint = read_population().joint
    words = read_document(DATA / "populations" / "registry.yaml").words
    for pair in (("sex", "disease"), ("disease", "stage"), ("stage", "donor")):
        counts = words["pairs"][" and ".join(pair)]
        table = np.array([[float(counts[a][b]) for b in words["axes"][pair[1]]] for a in words["axes"][pair[0]]])
        found = joint.shares(*pair)[: table.shape[0], : table.shape[1]]
        assert found == pytest.approx(table / table.sum(), abs=1e-5)
    assert joint.shares("disease", "stage") == pytest.approx(joint.shares("stage", "disease").T)


@pytest.mark.skipif(not REGISTRY.is_file(), reason="the registry's table is not beside the project")
def test_the_registry_is_reproduced_pair_by_pair():
    from validation.population import COLUMNS, cramer, registry
    from validation.population import drawn as virtual

    real, made = registry(REGISTRY.parent), virtual(20_000, 7)
    with REGISTRY.open(encoding="utf-8") as file:
        assert sum(1 for _ in csv.reader(file)) == len(real) + 1
    names = list(COLUMNS.values())
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert cramer(made, one, other) == pytest.approx(cramer(real, one, other), abs=0.02)


def test_raking_meets_the_shares_and_keeps_the_odds_ratios():
    axes = {"a": ("x", "y"), "b": ("u", "v")}
    joint = Joint(axes, np.array([[0.4, 0.1], [0.2, 0.3]]))
    made = raked(joint, [(("a",), np.array([0.8, 0.2])), (("b",), np.array([0.5, 0.5]))])
    assert made.shares("a") == pytest.approx([0.8, 0.2])
    assert made.shares("b") == pytest.approx([0.5, 0.5])
    ratio = made.cells[0, 0] * made.cells[1, 1] / made.cells[0, 1] / made.cells[1, 0]
    assert ratio == pytest.approx(0.4 * 0.3 / 0.1 / 0.2)


def test_the_least_assuming_distribution_of_two_shares_is_their_product():
    made = raked(
        flat({"a": ("x", "y"), "b": ("u", "v")}), [(("a",), np.array([0.7, 0.3])), (("b",), np.array([0.1, 0.9]))]
    )
    assert made.cells == pytest.approx(np.outer([0.7, 0.3], [0.1, 0.9]))


def test_conditional_draws_have_the_joint_shares():
    joint = Joint({"a": ("x", "y"), "b": ("u", "v", "w")}, np.array([[0.1, 0.2, 0.1], [0.3, 0.0, 0.3]]))
    rng = np.random.default_rng(1)
    found = drawn(joint, {"a": rng.random(40_000), "b": rng.random(40_000)})
    shares = np.zeros((2, 3))
    np.add.at(shares, (found["a"], found["b"]), 1 / 40_000)
    assert shares == pytest.approx(joint.cells, abs=0.01)
    assert ((found["within"] >= 0) & (found["within"] <= 1)).all()


def test_people_look_like_people():
    found = columns()
    grown = found["age"] >= 20
    mass = found["weight"] / found["height"] ** 2
    assert 24 < np.median(mass[grown]) < 28
    assert np.median(found["height"][grown & (found["sex"] == "male")]) == pytest.approx(1.76, abs=0.02)
    small = (found["age"] > 4) & (found["age"] < 6)
    assert 15 < np.median(found["weight"][small]) < 22
    assert np.corrcoef(found["age"][grown], found["gfr"][grown])[0, 1] < -0.3
    assert found["comorbidity"].max() <= 6


def test_donors_and_grafts_go_together():
    found = columns()
    siblings = found["relation"] == "sibling"
    assert np.std((found["donor_age"] - found["age"])[siblings & (found["age"] > 20)]) == pytest.approx(6.9, abs=0.5)
    unrelated = found["relation"] == "unrelated"
    assert np.median(found["donor_age"][unrelated]) == pytest.approx(34, abs=1)
    marrow, blood = (np.median(found["cd3"][found["product"] == name]) for name in ("marrow", "mobilized_blood"))
    assert blood > 5 * marrow
    here = found["product"] == "mobilized_blood"
    assert np.corrcoef(np.log(found["cd34"][here]), np.log(found["cd3"][here]))[0, 1] == pytest.approx(0.47, abs=0.06)


def test_every_rule_carries_its_source():
    for rule in shipped_rules().found.values():
        assert rule.meaning
        assert rule.source
        assert rule.evidence in ("measured", "fitted", "derived", "assumed")


def test_a_broken_population_is_refused_with_its_lines(tmp_path):
    text = (DATA / "populations" / "registry.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(
        text.replace("evidence: measured", "evidence: guessed").replace("oldest:", "eldest:"), encoding="utf-8"
    )
    with pytest.raises(InputError) as error:
        read_population(path)
    told = str(error.value)
    assert "mine.yaml:" in told
    assert "'guessed' is not a grade" in told
    assert "unknown section 'eldest'" in told
    path.write_text(text.replace("  sex and age:", "  sex and aged:"), encoding="utf-8")
    with pytest.raises(InputError, match="the pair 'sex and age' is missing"):
        read_population(path)


def test_a_number_of_patients_that_makes_no_sense_is_refused():
    assert shipped_populations() == ["registry"]
    with pytest.raises(InputError, match="0 patients"):
        draw(read_population(), 0, 0)
    assert set(AXES) == set(read_population().joint.axes)
