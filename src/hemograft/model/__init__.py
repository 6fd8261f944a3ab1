"""The biology, one mechanism a file; ``STANDARD`` is the whole model as a visible tuple."""

from .body import BODY
from .drugs import DRUGS
from .granulocytes import GRANULOCYTES
from .homing import HOMING
from .immunosuppression import IMMUNOSUPPRESSION
from .injury import INJURY
from .leukemia import LEUKEMIA
from .lymphocytes import LYMPHOCYTES
from .measures import MEASURES
from .multipotent import MULTIPOTENT
from .niche import NICHE
from .platelets import PLATELETS
from .radiation import RADIATION
from .red_cells import RED_CELLS
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
    INJURY,  # alloreactivity, infection and organ injury, not modeled yet, will stand beside it
    MEASURES,
)
