"""Every system of the paper's tables by its short name (Paper §4.3, Tables 1–2)."""

from torch import nn

from ..config import ModelConfig
from .attention import ModelError
from .cme import Cme
from .umons import Umons, UmonsReleased
from .vcemo import VcemoModel
from .xu import Xu, XuDelta
from .yoon import Mdre, Mha2

SYSTEMS: dict[str, type[nn.Module]] = {
    "vcemo": VcemoModel,
    "xu": Xu,
    "xu_delta": XuDelta,
    "umons": Umons,
    "umons_released": UmonsReleased,
    "mha2": Mha2,
    "mdre": Mdre,
    "cme": Cme,
}


def build_model(config: ModelConfig) -> nn.Module:
    """A fresh model of the system that `config.system` names; called as model(batch, keep_attention) → Output.

    Raises:
        ModelError: a baseline is to do without the audio or the words it is made of (only VCEMO can leave modalities
            out).
    """
    if config.system != "vcemo" and not {"audio", "words"} <= set(config.modalities):
        raise ModelError(
            f"System {config.system!r} joins audio and words; modalities={config.modalities} lacks one. "
            "Use system='vcemo' for ablations."
        )
    return SYSTEMS[config.system](config)
