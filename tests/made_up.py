"""A calibrated ensemble made up for tests, and what it covers."""

from pathlib import Path

from hemograft.ensemble import file_values

COVERS = """\
patients: 100
ages: 20 to 60 years
diagnoses:
  aml_intermediate: [cr1, cr2]
donors: [matched sibling, matched unrelated]
grafts: [mobilized_blood]
intensity: [myeloablative]
conditioning: [busulfan, fludarabine]
irradiation: 12 to 12 Gy
prophylaxis: [methotrexate, tacrolimus]
"""


def ensemble(folder: Path, *, members: int = 10, covers: str = COVERS, factor: float = 2.0) -> Path:
    """Write an ensemble of two parameters, the first at so many times its shipped value, into a folder."""
    known = file_values()
    names = {"gvl_rate": factor, "g_csf_half": 1.0}
    middle = {name: known[name].value * times for name, times in names.items()}
    rows = [", ".join(f"{value * (0.8 + 0.04 * i):.9g}" for value in middle.values()) for i in range(members)]
    lines = ["format: 1", "made:", "  version: 0.1.0", "  seed: 0", "steps: [1]", "fitted: {}", "held_out: {}"]
    lines += ["written_in:", *(f"  {name}: {known[name].unit}" for name in names)]
    lines += ["medians:", *(f"  {name}: {value:.9g}" for name, value in middle.items())]
    lines += ["members:", *(f"  - [{row}]" for row in rows)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ensemble.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if covers:
        (folder / "covers.yaml").write_text(covers, encoding="utf-8")
    return folder / "ensemble.yaml"
