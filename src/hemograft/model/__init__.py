"""The biology, one mechanism a file; ``STANDARD`` is the whole model as a visible tuple."""

from .acute_gvhd import ACUTE_GVHD
from .alloreactivity import ALLOREACTIVITY
from .body import BODY
from .chronic_gvhd import CHRONIC_GVHD
from .death import DEATH
from .drugs import DRUGS
from .graft_versus_leukemia import GRAFT_VERSUS_LEUKEMIA
from .granulocytes import GRANULOCYTES
from .homing import HOMING
from .immunosuppression import IMMUNOSUPPRESSION
from .infection import INFECTION
from .injury import INJURY
from .late_response import LATE_RESPONSE
from .leukemia import LEUKEMIA
from .lymphocytes import LYMPHOCYTES
from .measures import MEASURES
from .multipotent import MULTIPOTENT
from .niche import NICHE
from .organs import ORGANS
from .platelets import PLATELETS
from .presentation import PRESENTATION
from .radiation import RADIATION
from .red_cells import RED_CELLS
from .regeneration import REGENERATION
from .regulation import REGULATION
from .rejection import REJECTION
from .reserve import RESERVE
from .resident_t_cells import RESIDENT_T_CELLS
from .t_cells import T_CELLS

STANDARD = (
    BODY,
    NICHE,
    MULTIPOTENT,
    GRANULOCYTES,
    PLATELETS,
    RED_CELLS,
    LYMPHOCYTES,
    T_CELLS,
    RESIDENT_T_CELLS,
    LEUKEMIA,
    HOMING,
    DRUGS,
    IMMUNOSUPPRESSION,
    RADIATION,
    INJURY,
    PRESENTATION,
    REGULATION,
    ALLOREACTIVITY,
    ACUTE_GVHD,
    REGENERATION,
    LATE_RESPONSE,
    CHRONIC_GVHD,
    GRAFT_VERSUS_LEUKEMIA,
    REJECTION,
    RESERVE,
    ORGANS,
    INFECTION,
    DEATH,
    MEASURES,
)
