"""The patient: age, size, organ function, comorbidity, and the disease as it stands before treatment."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from ..errors import InputError, Problem, nearest
from ..fields import Form, Refused, number_in, number_reader, one_of, phrase, whole_number
from ..files import read_document
from ..hla.typing import Typing
from ..parameters import DATA
from ..units import amount, factor
from .traits import BloodGroup, Serostatus

# Wide plausibility limits: beyond them an entry is taken for a slip, not for a rare patient.
OLDEST = 110.0  # years
LIGHTEST, HEAVIEST = 1.5, 350.0  # kg, newborn to the heaviest patients treated
SHORTEST, TALLEST = 0.4, 2.5  # m
ADULT_AGE = 18.0  # years
LIGHTEST_ADULT, SHORTEST_ADULT = 25.0, 1.0  # kg and m
THINNEST, WIDEST = 9.0, 80.0  # kg/m2, body mass index; in newborns it is about 12
LOWEST_GFR, HIGHEST_GFR = 1.0, 300.0  # mL/min
LONGEST_DISEASE = 40_000.0  # days, a long life
FIRST_YEAR, LAST_YEAR = 1970, 2040  # of treatment
HIGHEST_COMORBIDITY = 26  # every item of the index present
REMISSION_BLASTS = 0.05  # remission is below 5 % marrow blasts
BLAST_CRISIS = 0.20  # chronic phase is below 20 % marrow blasts


IN_REMISSION = ("cr1", "cr2", "cr3plus")
LATER_REMISSION = IN_REMISSION[1:]
WITH_DISEASE = ("newly_diagnosed", "active")
RESIDUAL = ("undetectable", "measurable")  # what may be known of residual disease without its number


def diagnoses() -> list[str]:
    """Diagnoses the package knows: the files of data/leukemias, and ``none``."""
    return [*sorted(path.stem for path in (DATA / "leukemias").glob("*.yaml")), "none"]


def _residual(value: Any) -> float | str | None:
    if value is None or phrase(value) in RESIDUAL:
        return None if value is None else phrase(value)
    try:
        return number_reader("1", 0.0, 1.0, "0.1 %")(value)
    except Refused as refused:
        raise Refused(refused.what, f"{refused.expected}, {' or '.join(RESIDUAL)}", refused.hint) from None


@lru_cache(maxsize=1)
def _index() -> Any:
    return read_document(DATA / "scores" / "hctci.yaml").words


def _points(listed: tuple[str, ...]) -> int:
    return sum(int(_index()["points"][name]) for name in listed)


def _comorbidities(value: Any) -> tuple[str, ...] | None:
    """Other diseases by their names in the index; of two degrees of one disease only the worse may be listed."""
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise Refused(f"comorbidities {value!r} is not a list", "a list of other diseases, [] for none")
    known, named = list(_index()["points"]), [phrase(one) for one in value]
    for name in named:
        if name not in known:
            raise Refused(f"unknown comorbidity {name!r}", f"one of: {', '.join(known)}", nearest(name, known))
    for pair in _index()["exclusive"]:
        if set(pair) <= set(named):
            raise Refused(f"both {' and '.join(pair)} are listed", "the worse of the two")
    return tuple(dict.fromkeys(named))


class Patient(Form):
    """One patient before treatment. In a file, every number carries its unit.

    Attributes
    ----------
    age : float [year]
    weight : float [kg]
    height : float [m]
    gfr : float [mL/min]
        Glomerular filtration rate, not indexed to body surface.
    liver : str
        Organ function class: normal, mild, moderate or severe dysfunction.
    comorbidity : int or None
        Hematopoietic cell transplantation comorbidity index.
    comorbidities : tuple of str or None
        Other diseases by the names of data/scores/hctci.yaml, from which the index follows; an empty list is none.
    diagnosis : str
        A file of data/leukemias, or ``none``.
    stage : str
        newly_diagnosed, cr1, cr2, cr3plus, active, chronic_phase or none.
    since_diagnosis : float or None [day]
        From diagnosis to transplant.
    marrow_blasts : float or None [fraction]
    residual_disease : float, str or None [leukemic fraction of marrow cells]
        ``undetectable`` or ``measurable`` where no number is known; None if it was not looked for.
    year : int or None
        Calendar year of treatment; care has become better.
    cmv : str or None
        ``positive`` or ``negative`` for antibodies against cytomegalovirus.
    blood_group : str or None
        Such as ``A+``.
    hla : Typing or None
    """

    age: Annotated[float, number_in("year", 0.0, OLDEST, "54 years")] = Field(examples=["54 years"])
    sex: Literal["female", "male"] = Field(examples=["female"])
    weight: Annotated[float, number_in("kg", LIGHTEST, HEAVIEST, "70 kg")] = Field(examples=["70 kg"])
    height: Annotated[float, number_in("m", SHORTEST, TALLEST, "175 cm")] = Field(examples=["175 cm"])
    gfr: Annotated[float, number_in("mL/min", LOWEST_GFR, HIGHEST_GFR, "100 mL/min")] = Field(examples=["100 mL/min"])
    liver: Literal["normal", "mild", "moderate", "severe"] = "normal"
    comorbidity: Annotated[int, whole_number(0, HIGHEST_COMORBIDITY)] | None = None
    comorbidities: Annotated[tuple[str, ...], BeforeValidator(_comorbidities)] | None = None
    diagnosis: Annotated[str, one_of(diagnoses, "diagnosis", "data/leukemias")] = Field(examples=["aml_intermediate"])
    stage: Literal["newly_diagnosed", "cr1", "cr2", "cr3plus", "active", "chronic_phase", "none"] = Field(
        examples=["cr1"]
    )
    since_diagnosis: Annotated[float, number_in("day", 0.0, LONGEST_DISEASE, "7 months")] | None = None
    marrow_blasts: Annotated[float, number_in("1", 0.0, 1.0, "40 %")] | None = Field(None, validate_default=True)
    residual_disease: Annotated[float | str | None, BeforeValidator(_residual)] = None
    year: Annotated[int, whole_number(FIRST_YEAR, LAST_YEAR)] | None = None
    cmv: Serostatus | None = None
    blood_group: BloodGroup | None = None
    hla: Typing | None = None

    @field_validator("weight")
    @classmethod
    def _adult_weight(cls, weight: float, info: ValidationInfo) -> float:
        age = info.data.get("age")
        if age is not None and age >= ADULT_AGE and weight < LIGHTEST_ADULT:
            raise Refused(
                f"an adult of {age:g} years cannot weigh {weight:g} kg",
                f"at least {LIGHTEST_ADULT:g} kg from {ADULT_AGE:g} years on",
            )
        return weight

    @field_validator("height")
    @classmethod
    def _height_fits(cls, height: float, info: ValidationInfo) -> float:
        age, weight = info.data.get("age"), info.data.get("weight")
        if age is not None and age >= ADULT_AGE and height < SHORTEST_ADULT:
            raise Refused(
                f"an adult of {age:g} years cannot be {height:g} m tall",
                f"at least {SHORTEST_ADULT:g} m from {ADULT_AGE:g} years on",
            )
        if weight is not None and not THINNEST <= weight / height**2 <= WIDEST:
            raise Refused(
                f"{weight:g} kg at {height:g} m is a body mass index of {weight / height**2:.0f} kg/m2",
                f"{THINNEST:g} to {WIDEST:g} kg/m2; check the units of weight and height",
            )
        return height

    @field_validator("stage")
    @classmethod
    def _stage_fits(cls, stage: str, info: ValidationInfo) -> str:
        diagnosis = info.data.get("diagnosis")
        if diagnosis is None:
            return stage
        if diagnosis == "none":
            allowed: tuple[str, ...] = ("none",)
        elif diagnosis.endswith("chronic_phase"):
            allowed = ("chronic_phase",)
        else:
            allowed = (*WITH_DISEASE, *IN_REMISSION)
        if stage not in allowed:
            raise Refused(
                f"stage {stage!r} does not fit the diagnosis {diagnosis!r}",
                " | ".join(allowed),
                allowed[0] if len(allowed) == 1 else "",
            )
        return stage

    @field_validator("marrow_blasts")
    @classmethod
    def _blasts_fit(cls, blasts: float | None, info: ValidationInfo) -> float | None:
        stage = info.data.get("stage")
        if blasts is None:
            if stage in WITH_DISEASE:
                raise Refused(f"marrow_blasts is missing; stage {stage!r} needs it", "marrow_blasts: 60 %")
            return None
        if stage == "none":
            raise Refused("marrow_blasts is given for a patient without leukemia", "no marrow_blasts")
        limit = REMISSION_BLASTS if stage in IN_REMISSION else BLAST_CRISIS if stage == "chronic_phase" else None
        if limit and blasts >= limit:
            raise Refused(f"{100 * blasts:g} % marrow blasts do not fit stage {stage!r}", f"below {100 * limit:g} %")
        if stage in WITH_DISEASE and blasts == 0:
            raise Refused(f"no marrow blasts do not fit stage {stage!r}", "more than 0 %")
        return blasts

    @field_validator("residual_disease")
    @classmethod
    def _residual_fits(cls, residual: float | str | None, info: ValidationInfo) -> float | str | None:
        stage = info.data.get("stage")
        if residual is not None and stage == "none":
            raise Refused("residual_disease is given for a patient without leukemia", "no residual_disease")
        if residual == "undetectable" and stage in WITH_DISEASE:
            raise Refused(f"undetectable residual disease does not fit stage {stage!r}", "a share of cells, or nothing")
        if isinstance(residual, float) and stage in IN_REMISSION and residual >= REMISSION_BLASTS:
            raise Refused(
                f"a residual disease of {100 * residual:g} % does not fit stage {stage!r}",
                f"below {100 * REMISSION_BLASTS:g} %, {' or '.join(RESIDUAL)}",
            )
        return residual

    @field_validator("comorbidities")
    @classmethod
    def _index_fits(cls, listed: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        stated = info.data.get("comorbidity")
        if listed is not None and stated is not None and stated != _points(listed):
            what = f"comorbidity {stated} is written and the listed diseases make {_points(listed)}"
            raise Refused(what, "one of the two corrected, or the list alone")
        return listed

    @property
    def comorbidity_index(self) -> int | None:
        """The comorbidity index as stated, or the sum over the listed diseases; None where neither is there."""
        return _points(self.comorbidities) if self.comorbidities is not None else self.comorbidity

    @property
    def body_surface(self) -> float:
        """Body surface [m2] by the formula of Mosteller (N Engl J Med 1987;317:1098)."""
        return math.sqrt(self.height / factor("cm") * self.weight / 3600)

    @property
    def ideal_weight(self) -> float:
        """Ideal weight [kg] by the formula of Devine (Drug Intell Clin Pharm 1974;8:650).

        50 kg for men or 45.5 kg for women, and 2.3 kg for each inch above 5 feet.

        Raises
        ------
        InputError
            The patient is shorter than 5 feet, where the formula says nothing.
        """
        inches = self.height / amount("2.54 cm", "m") - 60
        if inches < 0:
            raise InputError(
                Problem("there is no ideal weight below a height of 152.4 cm", "patient: height", "weight: actual")
            )
        return (45.5 if self.sex == "female" else 50.0) + 2.3 * inches

    @property
    def adjusted_weight(self) -> float:
        """Adjusted ideal weight [kg]: ideal plus a quarter of the excess (label of intravenous busulfan)."""
        return self.ideal_weight + 0.25 * (self.weight - self.ideal_weight)
