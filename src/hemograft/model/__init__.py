"""The biology, one mechanism a file; ``STANDARD`` is the whole model as a visible tuple."""

from .absent import ABSENT
from .body import BODY
from .death import DEATH
from .drugs import DRUGS
from .granulocytes import GRANULOCYTES
from .homing import HOMING
from .immunosuppression import IMMUNOSUPPRESSION
from .infection import INFECTION
from .injury import INJURY
from .leukemia import LEUKEMIA
from .lymphocytes import LYMPHOCYTES
from .measures import MEASURES
from .multipotent import MULTIPOTENT
from .niche import NICHE
from .organs import ORGANS
from .platelets import PLATELETS
from .radiation import RADIATION
from .red_cells import RED_CELLS
from .reserve import RESERVE
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
    LEUKEMIA,
    HOMING,
    DRUGS,
    IMMUNOSUPPRESSION,
    RADIATION,
    INJURY,
    RESERVE,
    ORGANS,
    INFECTION,
    DEATH,
    ABSENT,
    MEASURES,
)
