"""The one small model of the tests, and what is said of its results."""

from vcemo_lib.config import ModelConfig
from vcemo_lib.evaluation.records import ProtocolCard

SMALL = ModelConfig(
    n_classes=4, n_mels=20, word_dim=12, bert_dim=16, d=16, n_layers=2, n_heads=2, d_ff=24, length=5,
    conv_channels=(3, 4), d_proj=8,
)  # fmt: skip
CARD = ProtocolCard(
    "vcemo_sim", "0123456789", True, 6, "8/1/1", (), "validation, best wa", "text_asr", "bundled", "bundled", "small"
)
