"""The one small model of the tests."""

from vcemo_lib.config import ModelConfig

SMALL = ModelConfig(
    n_classes=4, n_mels=20, word_dim=12, bert_dim=16, d=16, n_layers=2, n_heads=2, d_ff=24, length=5,
    conv_channels=(3, 4), d_proj=8,
)  # fmt: skip
