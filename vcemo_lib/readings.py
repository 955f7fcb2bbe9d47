"""What the paper leaves open, how each question can be read, what we took and why (A1–A44).

The one list of them: chapter 14 shows it, the tests hold it against the fields of `Recipe`, and A-numbers in the
library's docstrings mean its rows. `sure` says how well the paper supports the reading that we took.
"""

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Reading:
    """One open question.

    Args:
        ours: the reading that is the default.
        others: the readings that are not.
        sure: high, medium, low, or choice (the paper gives no evidence).
        changes: for each other reading that can be switched on, the recipe fields that do it.
    """

    number: int
    question: str
    ours: str
    others: str
    sure: str
    why: str
    changes: tuple[dict, ...] = field(default=())

    @property
    def name(self) -> str:
        """As comments cite it, such as "A13"."""
        return f"A{self.number}"


READINGS = (
    Reading(
        1,
        "How many utterances?",
        "7,477",
        "7,747, as the abstract has it",
        "high",
        "the section that defines the data says 7,477; the other is a swap of digits",
    ),
    Reading(
        2,
        "Which share has which emotion (Fig. 4)?",
        "angry 21, fear 1, happy 29, neutral 42, sad 5, surprise 2 %",
        "fear and surprise the other way round",
        "medium",
        "the slices read clockwise in the order of the legend",
    ),
    Reading(
        3,
        "Is the last row of Table 3 right (69.52, 74.10)?",
        "no: the row Ours of Table 1",
        "the row Ours (SupCon); as printed",
        "high",
        "both numbers stand in Table 2; F1 above accuracy fits no other row",
    ),
    Reading(
        4,
        "Prose and Table 3 differ",
        "the table",
        "the prose",
        "high",
        "adding BERT does not always help there; gains of 0.1 to 0.4 points are one to three test utterances",
    ),
    Reading(
        5,
        "Which F1?",
        "weighted",
        "macro, micro",
        "high",
        "micro would equal accuracy, macro would fall far below it; we print macro beside it",
    ),
    Reading(
        6,
        "How is VCEMO split 8/1/1?",
        "at random by utterance, stratified",
        "by speaker (`speaker_disjoint`)",
        "low",
        "nothing is said; we show both and name the split",
    ),
    Reading(
        7,
        "What chooses the epoch on IEMOCAP?",
        "inner validation for honest numbers",
        "the held-out session; the last epoch",
        "low",
        "the held-out session is called validation and no test set is named; both are printed",
    ),
    Reading(
        8,
        "Does excited count as happy?",
        "yes, 5,531 utterances",
        "no, 4,490 (`merge_excited=False`)",
        "high",
        "as those do whom the paper compares itself with",
    ),
    Reading(
        9,
        "Which model is Yoon's?",
        "multi-hop attention, MHA-2",
        "the dual recurrent encoder, MDRE",
        "medium",
        "the citation names the first, the text describes the second",
        ({"system": "mdre"},),
    ),
    Reading(
        10,
        "Two-layer MLP, or two heads of one layer?",
        "in series: projector, ReLU, predictor",
        "in parallel; a predictor of two layers",
        "medium",
        "the only reading that satisfies both sentences",
        ({"head": "parallel"}, {"head": "two_layer"}),
    ),
    Reading(
        11,
        "How do frames and words get one length for the addition?",
        "audio averaged to L steps, words padded to L",
        "both stretched over L; each averaged to one vector",
        "medium",
        "UMONS, the closest precedent, has a fixed length; the paper speaks of a shared temporal structure",
        ({"align": "stretch"}, {"align": "pool"}),
    ),
    Reading(
        12,
        "In guided attention, who asks?",
        "the guided modality",
        "the guide",
        "high",
        "otherwise the residual has the wrong length; we give it the guide's, to be able to try it",
        ({"direction": "guide_asks"},),
    ),
    Reading(
        13,
        "Which modality guides?",
        "words guide audio, the fused sequence guides BERT",
        "audio guides words; both guide; BERT guides the fused sequence",
        "medium",
        "language guides in MCAN and UMONS; a single key (BERT) would get all attention whatever it is",
        ({"guide1": "audio"}, {"guide1": "both"}, {"guide2": "bert"}),
    ),
    Reading(
        14,
        "Depth, width, heads?",
        "3 layers, 512, 4 heads, FFN 1,024",
        "MCAN's 6 layers, 8 heads, FFN 2,048",
        "choice",
        "three levels are drawn in Fig. 2; the rest is UMONS'",
        ({"n_layers": 6, "n_heads": 8, "d_ff": 2048},),
    ),
    Reading(
        15,
        "Which vector of BERT?",
        "[CLS] of the last layer",
        "the pooler's output; the mean of the tokens",
        "low",
        "one vector of 768 is said, not which",
        ({"bert_pooling": "pooler"}, {"bert_pooling": "mean"}),
    ),
    Reading(
        16,
        "Concatenate along what?",
        "time: one position more",
        "features, after spreading BERT over time; pooled vectors",
        "medium",
        "self-attention follows, which needs positions; addition is offered as an experiment",
        ({"fuse2": "add"},),
    ),
    Reading(
        17,
        "How is the sequence pooled before the heads?",
        "attention pooling",
        "mean; the position of BERT",
        "medium",
        "never mentioned; MCAN does so",
        ({"pooling": "mean"}, {"pooling": "bert"}),
    ),
    Reading(
        18,
        "Positional encoding?",
        "none",
        "sinusoids, learned positions",
        "high",
        "the LSTMs carry the order, as in MCAN and UMONS",
    ),
    Reading(
        19,
        "Where does dropout act?",
        "where MCAN has it",
        "elsewhere",
        "choice",
        "on IEMOCAP it makes the two views",
        ({"dropout": 0.2},),
    ),
    Reading(
        20,
        "What is the set I of the loss?",
        "the anchors",
        "the classes, as the text says",
        "high",
        "z and P are indexed by sample in the formula",
    ),
    Reading(
        21,
        "Sum or mean over anchors?",
        "mean",
        "sum, as printed",
        "high",
        "with a sum α would grow with the batch; the authors of SupCon take the mean in their code",
        ({"reduction": "sum"},),
    ),
    Reading(22, "Is z normalised?", "to length one", "not", "high", "temperature has no meaning otherwise"),
    Reading(
        23,
        "Is τ = 1 the plain temperature?",
        "yes",
        "times τ/0.07, as the released code of SupCon",
        "high",
        "the formula has no factor",
        ({"reference_scale": True},),
    ),
    Reading(
        24,
        "α = 100 on IEMOCAP?",
        "as written",
        "a misprint; two stages of training",
        "medium",
        "Adam does not mind the scale of a gradient, so the predictor still learns",
    ),
    Reading(
        25,
        "What are the two views?",
        "recording and augmented copy; on IEMOCAP two dropout passes",
        "copies as further data, one view; copies for the key encoder only",
        "medium",
        "§3.5 describes both",
        ({"views": "dropout"}, {"views": "one"}, {"views": "keys"}),
    ),
    Reading(
        26,
        "What does batch 256 count?",
        "utterances",
        "views; accumulated pieces",
        "medium",
        "the queue of 16,384 is 64 times 256; a contrast cannot be accumulated piece by piece",
        ({"batch_of": "views"},),
    ),
    Reading(
        27,
        "Where is the queue used?",
        "in every run with SupCon",
        "on IEMOCAP only; without momentum encoder",
        "low",
        "the sentence stands in the part on IEMOCAP, but refers back",
        ({"moco": "queue"}, {"moco": "off"}),
    ),
    Reading(
        28,
        "Which momentum?",
        "0.99",
        "MoCo's 0.999",
        "choice",
        "after a thousand updates 0.999 still holds 40 % of the random start",
        ({"momentum": 0.999},),
    ),
    Reading(
        29,
        "The queue is larger than the data",
        "kept, unfilled slots masked",
        "smaller; an utterance's own stale keys left out",
        "medium",
        "several old keys of an utterance stand in it as its positives",
        ({"queue_size": 4096}, {"exclude_own": True}),
    ),
    Reading(
        30,
        "An anchor without positives?",
        "left out of the mean",
        "counted as zero",
        "high",
        "it has no loss to speak of",
    ),
    Reading(
        31, "A short last batch?", "dropped", "kept", "choice", "the queue takes whole batches, BatchNorm likes them"
    ),
    Reading(
        32,
        "Fifty steps of what?",
        "epochs",
        "optimiser updates; evaluations",
        "high",
        "fifty updates are two epochs, with steps of 1e-5 too little to learn anything",
        ({"step_unit": "updates"},),
    ),
    Reading(
        33,
        "A learning rate of 1e-5 from scratch?",
        "kept in the paper's recipe",
        "1e-4",
        "medium",
        "1,200 updates move a weight by 0.012 at most; results at another rate are named so",
        ({"learning_rate": 1e-4},),
    ),
    Reading(
        34,
        "Weight decay: Adam or AdamW?",
        "Adam, in the gradient",
        "AdamW, no schedule either",
        "high",
        "the paper says Adam",
        ({"weight_decay": 0.0}, {"schedule": "cosine"}),
    ),
    Reading(
        35,
        "Class weights or a balanced sampler?",
        "none",
        "weights, sampler, focal loss, as experiments",
        "high",
        "SupCon is said to deal with the imbalance",
        ({"imbalance": "weights"}, {"imbalance": "sampler"}, {"imbalance": "focal"}),
    ),
    Reading(
        36,
        "Which Whisper?",
        "the transcripts that the corpus brings",
        "any size: tiny to large-v3",
        "choice",
        "text is a column of the corpus, so the model never depends on it",
    ),
    Reading(
        37,
        "Recognised or reference text?",
        "recognised, where there is some",
        "reference",
        "low",
        "§3.1 describes recognition in general; each card names the column",
        ({"text": "text"},),
    ),
    Reading(
        38,
        "GloVe for Chinese from spaCy?",
        "spaCy's Chinese vectors, which are fastText",
        "English GloVe",
        "high",
        "spaCy has no GloVe for Chinese",
        ({"vectors": "bundled"},),
    ),
    Reading(
        39,
        "Are word vectors trained?",
        "no",
        "yes, as in MCAN and UMONS",
        "medium",
        "the paper encodes text to vectors first",
    ),
    Reading(
        40,
        "Which Chinese BERT?",
        "bert-base-chinese",
        "the whole-word variants of HFL",
        "medium",
        "all give 768 numbers",
        ({"bert": "hfl/chinese-bert-wwm-ext"},),
    ),
    Reading(
        41,
        "Which mel-spectrogram?",
        "16 kHz, 80 bands, 25 and 10 ms, log, each band normalised",
        "one mean of all bands; other windows",
        "choice",
        "nothing is said",
        ({"normalise": "utterance"},),
    ),
    Reading(
        42,
        "How strong are pitch shift and time stretch?",
        "±2 semitones, ±10 %, each with p = 0.5",
        "other ranges",
        "choice",
        "only the 30 dB of the noise are given",
        ({"semitones": 4.0}, {"stretch": 0.2}, {"snr_db": 20.0}),
    ),
    Reading(
        43,
        "What is a fusion with one modality missing?",
        "self-attention, or nothing",
        "zeros in its place",
        "choice",
        "Table 3 has such rows, the text is silent",
        ({"modalities": ("audio", "words")},),
    ),
    Reading(
        44,
        "What is in a co-attention layer beside attention?",
        "MCAN's units: residuals, LayerNorm, one FFN",
        "two full units; bare attention",
        "high",
        "the paper's figure follows MCAN",
    ),
)


def reading_table() -> pd.DataFrame:
    """All questions, one a row: the readings, the default, how sure it is and why, and the fields that switch it."""
    rows = [
        {
            "": r.name,
            "question": r.question,
            "we take": r.ours,
            "others": r.others,
            "sure": r.sure,
            "why": r.why,
            "switch": "; ".join(", ".join(f"{k}={v!r}" for k, v in change.items()) for change in r.changes) or "–",
        }
        for r in READINGS
    ]
    return pd.DataFrame(rows).set_index("")
