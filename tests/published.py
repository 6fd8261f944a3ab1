"""Tables of published arms and outcomes made up for tests."""

import csv
from pathlib import Path

from hemograft.parameters import DATA
from hemograft.tables import read_columns

ARM = {
    "arm_id": "study/one",
    "study_id": "study",
    "arm": "one",
    "citation": "made up",
    "disease": "AML",
    "stage": "CR1",
    "risk": "unknown",
    "mrd": "unknown",
    "comorbidity": "unknown",
    "intensity": "MAC",
    "regimen": "flubu4",
    "donor": "MUD",
    "hla_match": "10/10",
    "graft_source": "PB",
    "prophylaxis": "cni_mtx",
    "gcsf_after": "unknown",
    "graft_manipulation": "none",
    "maintenance": "none",
    "intervention": "none",
    "letermovir": "no",
    "year_mid": "2012",
    "pediatric": "no",
    "randomized": "no",
    "simulatable": "yes",
}
TARGET = {
    "arm_id": "study/one",
    "endpoint": "neutrophil_recovery",
    "clock": "transplant",
    "statistic": "median_day",
    "value": "16",
    "unit": "day",
    "verified": "yes",
}


def table(path: Path, kind: str, rows: list[dict[str, str]]) -> Path:
    """Write a table of ``arms`` or ``targets``; cells that are not given are those of the example, or blank."""
    columns = [column.name for column in read_columns(DATA / kind / "columns.yaml")]
    usual = ARM if kind == "arms" else TARGET
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({**dict.fromkeys(columns, ""), **usual, **row} for row in rows)
    return path
