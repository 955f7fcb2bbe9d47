"""BERT vectors of the corpus' texts with the bundled encoder, one thread (Paper §3.2)."""

from collections.abc import Iterator

import numpy as np
import torch

from vcemo_lib.data.corpora import load_corpus
from vcemo_lib.text.bert import SentenceEncoder

from .timing import Case


def cases(short: bool = False) -> Iterator[Case]:
    """Batches of like lengths beside one text at a time, and beside batches padded to the longest text of all."""
    texts = load_corpus("vcemo_sim", limit=48 if short else 1024).frame["text"].tolist()
    made = SentenceEncoder.load("bundled")
    tokenizer, encoder = made.tokenizer, made.encoder
    longest = max(len(ids) for ids in tokenizer(texts)["input_ids"])

    @torch.no_grad()
    def vectors(batch: list[str], **padding) -> np.ndarray:
        return encoder(**tokenizer(batch, return_tensors="pt", **padding)).last_hidden_state[:, 0].numpy()

    rivals = {
        "one by one": lambda: np.concatenate([vectors([text]) for text in texts]),
        "padded to the longest": lambda: np.concatenate(
            [vectors(texts[k : k + 64], padding="max_length", max_length=longest) for k in range(0, len(texts), 64)]
        ),
    }

    def equal() -> None:
        ours = made.encode(texts)
        for name, rival in rivals.items():
            np.testing.assert_allclose(rival(), ours, rtol=1e-3, atol=1e-4, err_msg=name)

    wanted = {"one by one": 3, "padded to the longest": 1.5}
    yield Case("sentences", f"{len(texts)} texts", lambda: made.encode(texts), rivals, equal, wanted=wanted)
