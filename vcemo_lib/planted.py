"""VCEMO-Sim's planted truth: which channel was made to tell the emotion, and whether a system used it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

CUES = ("voice", "wording", "both", "neither")


def cue_of(frame: pd.DataFrame) -> pd.Series:
    """Where the emotion of each utterance can be found, one of `CUES`; NaN where it cannot be said.

    Only the voice: no emotion in the wording (`text_cue` 0) and a strong voice (`voice_cue` above 0.5). Only the wording:
    plain words (2) and a voice that hardly changes. Not said of neutral utterances, where there is nothing to find, and of
    those whose words hint (1).

    >>> rows = [("sad", 0, 0.9), ("sad", 2, 0.1), ("neutral", 2, 0.9)]
    >>> cue_of(pd.DataFrame(rows, columns=["emotion", "text_cue", "voice_cue"])).tolist()
    ['voice', 'wording', nan]
    """
    loud, plain, silent = frame["voice_cue"] > 0.5, frame["text_cue"] == 2, frame["text_cue"] == 0
    kinds = [loud & silent, ~loud & plain, loud & plain, ~loud & silent]
    cue = pd.Series(np.select(kinds, CUES, default=""), index=frame.index, dtype=object)
    return cue.mask((cue == "") | (frame["emotion"] == "neutral"))


def right_by_cue(records: Sequence[dict], frame: pd.DataFrame) -> pd.Series:
    """The share of emotional test utterances recognised, by where their emotion was planted; runs are pooled.

    Args:
        records: of one system, one a seed.
        frame: the corpus' table, with `text_cue` and `voice_cue`.
    """
    cue = cue_of(frame.set_index("id"))
    right = pd.concat([pd.Series(np.equal(r["truth"], r["predicted"]), index=r["test_ids"]) for r in records])
    return right.groupby(cue.loc[right.index].to_numpy()).mean().reindex(CUES)
