"""Random batches for the model tests."""

from dataclasses import replace

import torch
import torch.nn.functional as F

from vcemo_lib.data.batch import Batch


def random_batch(
    frames=(37, 9, 22, 1), tokens=(6, 1, 4, 3), bert_dim=16, n_classes=4, word_dim=12, n_mels=20, seed=0
) -> Batch:
    """Utterances with these numbers of frames and tokens; words share the frames between them."""
    g = torch.Generator().manual_seed(seed)
    t, s = torch.tensor(frames), torch.tensor(tokens)
    mel_mask, words_mask = (torch.arange(int(n.max())) < n[:, None] for n in (t, s))
    cuts = torch.arange(len(words_mask[0]) + 1) * t[:, None] // s[:, None]
    return Batch(
        mel=torch.randn(len(t), mel_mask.shape[1], n_mels, generator=g) * mel_mask[..., None],
        mel_mask=mel_mask,
        words=torch.randn(len(t), words_mask.shape[1], word_dim, generator=g) * words_mask[..., None],
        words_mask=words_mask,
        bert=torch.randn(len(t), bert_dim, generator=g),
        spans=torch.stack([cuts[:, :-1], cuts[:, 1:]], -1) * words_mask[..., None],
        labels=torch.arange(len(t)) % n_classes,
        ids=tuple(str(i) for i in range(len(t))),
    )


def alone(batch: Batch, i: int) -> Batch:
    """Utterance i by itself, without padding."""
    t, s, row = int(batch.mel_mask[i].sum()), int(batch.words_mask[i].sum()), slice(i, i + 1)
    return Batch(
        batch.mel[row, :t], batch.mel_mask[row, :t], batch.words[row, :s], batch.words_mask[row, :s],
        batch.bert[row], batch.spans[row, :s], batch.labels[row], batch.ids[row],
    )  # fmt: skip


def padded_with(batch: Batch, junk: float, frames: int = 11, tokens: int = 3) -> Batch:
    """The same batch with more padding, and all padding of mel and words filled with `junk`."""
    mel, words = F.pad(batch.mel, (0, 0, 0, frames)), F.pad(batch.words, (0, 0, 0, tokens))
    mel_mask, words_mask = F.pad(batch.mel_mask, (0, frames)), F.pad(batch.words_mask, (0, tokens))
    return replace(
        batch,
        mel=mel.masked_fill(~mel_mask[..., None], junk),
        mel_mask=mel_mask,
        words=words.masked_fill(~words_mask[..., None], junk),
        words_mask=words_mask,
        spans=F.pad(batch.spans, (0, 0, 0, tokens)),
    )
