"""One vector a sentence from a frozen, pretrained BERT (Paper §3.1–3.2; A15, A40)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError

from ..digests import sha256_of_pieces
from ..errors import VcemoError
from ..hugging_face import load_pretrained
from ..paths import ASSETS

BUNDLED = ASSETS / "bert_mini_zh"
POOLINGS = ("cls", "pooler", "mean")


class BertError(VcemoError):
    """An encoder that cannot be had; the message says how to get it."""


class SentenceEncoder:
    """A pretrained encoder used as a frozen feature extractor."""

    def __init__(self, name: str, source: str):
        from transformers import AutoModel, AutoTokenizer  # only here: 2 s and 150 MB, of no use to kept vectors

        self.name, self._source = name, source
        self.tokenizer = load_pretrained(AutoTokenizer, source)
        self.encoder = load_pretrained(AutoModel, source).float().eval().requires_grad_(False)
        self.max_length = min(self.encoder.config.max_position_embeddings, 512)

    @property
    def dim(self) -> int:
        """Numbers in a sentence vector, E."""
        return self.encoder.config.hidden_size

    @property
    def fingerprint(self) -> str:
        """A hash of all weights, so that vectors of other weights are never taken for these."""
        return sha256_of_pieces(weights.detach().numpy().tobytes() for weights in self.encoder.parameters())[:16]

    @classmethod
    def load(cls, name: str | Path) -> "SentenceEncoder":
        """`bundled`, a folder in Hugging Face form, or a Hugging Face name that is already in the local cache.

        Raises:
            BertError: the encoder is not on this machine, or is damaged. Nothing is downloaded, nothing is replaced.
        """
        if name == "bundled" and not BUNDLED.is_dir():
            raise BertError(
                f"the bundled encoder is not in {BUNDLED}: take a whole clone, or install the package again"
            )
        source = str(BUNDLED if name == "bundled" else name)
        try:
            return cls(str(name), source)
        except (OSError, ValueError, SafetensorError) as error:
            if Path(source).exists():
                raise BertError(
                    f"the encoder {str(name)!r} is damaged or is none in Hugging Face form "
                    f"({type(error).__name__}): copy its folder again, or give another"
                ) from None
            raise BertError(
                f"the encoder {str(name)!r} is not on this machine or is damaged ({type(error).__name__}): run "
                f"'hf download {name}' where there is a network, or set bert to 'bundled'"
            ) from None

    @torch.no_grad()
    def encode(self, texts: Sequence[str], pooling: str = "cls", batch_size: int = 64) -> np.ndarray:
        """N texts → (N, dim) float32: the last layer's [CLS], its pooled form, or the mean over real tokens (A15).

        Raises:
            BertError: another pooling, or "pooler" of an encoder without a trained one.
        """
        if pooling not in POOLINGS:
            raise BertError(f"no pooling named {pooling!r}: choose one of {', '.join(POOLINGS)}")
        options = {"padding": True, "truncation": True, "max_length": self.max_length, "return_tensors": "pt"}
        order = np.argsort([len(text) for text in texts], kind="stable")  # texts of like lengths need little padding
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            out[rows] = self.pooled(self.tokenizer([texts[r] for r in rows], **options), pooling).numpy()
        return out

    def reads(self, text: str) -> tuple[int, int]:
        """How many of a text's tokens are read, and how many there are."""
        tokens = len(self.tokenizer(text, verbose=False)["input_ids"])
        return min(tokens, self.max_length), tokens

    def pooled(self, tokens: Mapping[str, torch.Tensor], pooling: str) -> torch.Tensor:
        """(B, S) tokens and their mask, as the tokenizer gives them → (B, dim); BertError as of `encode`."""
        hidden = self.encoder(**tokens).last_hidden_state  # (B, S, E)
        if pooling == "mean":
            keep = tokens["attention_mask"][..., None]
            return (hidden * keep).sum(1) / keep.sum(1)
        if pooling == "cls":
            return hidden[:, 0]
        pooler = getattr(self.encoder, "pooler", None)
        if pooler is None:
            raise BertError(f"{self.name} has no trained pooler: set bert_pooling to 'cls' or 'mean'")
        return pooler(hidden)

    def masked_lm(self) -> torch.nn.Module:
        """The same weights with the head that guesses hidden tokens: ids (B, S) → `.logits` (B, S, vocabulary)."""
        from transformers import AutoModelForMaskedLM

        return load_pretrained(AutoModelForMaskedLM, self._source).float().eval()

    @torch.no_grad()
    def fill_mask(self, text: str, k: int = 5) -> list[tuple[str, float]]:
        """The k likeliest tokens for the first [MASK] in a text, with their probabilities.

        Raises:
            BertError: there is no [MASK] in the text.
        """
        tokens = self.tokenizer(text, return_tensors="pt")
        masked = (tokens["input_ids"][0] == self.tokenizer.mask_token_id).nonzero()
        if not len(masked):
            raise BertError(f"no {self.tokenizer.mask_token} in {text!r}: put one where a token is to be guessed")
        chance = self.masked_lm()(**tokens).logits[0, masked[0, 0]].softmax(-1)
        best = chance.topk(k)
        return [(self.tokenizer.decode([int(i)]), float(p)) for i, p in zip(best.indices, best.values, strict=True)]
