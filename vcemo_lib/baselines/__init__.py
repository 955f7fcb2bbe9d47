"""The systems VCEMO is compared with (Paper §4.3), each called like `VcemoModel`: model(batch) → Output.

All read the batch's log-mel and word vectors; none reads the BERT vector. `Output.h` is None: they have no
projector. Their widths follow `ModelConfig.d`, so that d = 512 gives the sizes of the sources; each
docstring says how.
"""

from .cme import Cme
from .umons import Umons, UmonsReleased
from .xu import Xu, XuDelta
from .yoon import Mdre, Mha2

__all__ = ["Cme", "Mdre", "Mha2", "Umons", "UmonsReleased", "Xu", "XuDelta"]
