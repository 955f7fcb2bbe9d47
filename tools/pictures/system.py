"""The system (Paper Fig. 1), and the part of it that a chapter is about."""

from .svg import Sheet

ALL = (
    "voice augment mel whisper words bert audio_encoder word_encoder linear meet1 meet2 pool predictor projector queue"
)
LIT = {  # chapter: its parts
    "00_start_here": ALL,
    "01_the_corpus": "voice",
    "02_from_air_to_log_mel": "mel",
    "03_speech_to_text": "whisper",
    "04_augmentation": "augment",
    "05_acoustic_branch": "mel audio_encoder",
    "06_word_embeddings": "words word_encoder",
    "07_attention": "meet1 meet2 pool",
    "08_bert": "bert linear",
    "09_co_attention": "meet1 meet2 pool",
    "10_supcon_moco": "projector queue",
    "11_one_training_run": ALL,
    "12_fool_yourself": "voice predictor",
    "13_model_comparison": ALL,
    "14_cross_validation": ALL,
    "15_ablations": "audio_encoder word_encoder linear meet1 meet2",
    "16_your_own": "voice predictor",
}
BOXES = {  # name: x, y, width, height, lines, kind
    "voice": (10, 262, 104, 56, ("voice", "16 kHz"), "audio"),
    "augment": (10, 346, 104, 56, ("disturbed", "§3.5"), "audio"),
    "whisper": (10, 148, 104, 56, ("Whisper", "what is said"), "words"),
    "mel": (140, 262, 104, 56, ("log-mel", "T × 80"), "audio"),
    "words": (140, 148, 104, 56, ("words", "N × 300"), "words"),
    "bert": (140, 34, 104, 56, ("BERT", "768"), "bert"),
    "audio_encoder": (270, 262, 112, 56, ("Conv · LSTM", "T′ × d"), "audio"),
    "word_encoder": (270, 148, 112, 56, ("LSTM · Conv", "N × d"), "words"),
    "linear": (270, 34, 112, 56, ("Linear", "1 × d"), "bert"),
    "meet1": (412, 168, 112, 130, ("co-attention", "words guide", "the sound,", "then added"), "fusion"),
    "meet2": (
        552,
        54,
        112,
        160,
        ("co-attention", "what is known", "meets what", "was heard,", "laid beside"),
        "fusion",
    ),
    "pool": (692, 106, 118, 56, ("self-attention", "and pool"), "fusion"),
    "predictor": (692, 216, 118, 56, ("predictor", "→ emotion"), "head"),
    "projector": (692, 326, 118, 56, ("projector", "→ h"), "head"),
    "queue": (500, 326, 140, 56, ("queue of 16,384", "older h"), "head"),
}
ARROWS = (  # each through its points (x, y)
    ((62, 262), (62, 204)),
    ((114, 290), (140, 290)),
    ((114, 176), (140, 176)),
    ((62, 148), (62, 62), (140, 62)),
    ((244, 290), (270, 290)),
    ((244, 176), (270, 176)),
    ((244, 62), (270, 62)),
    ((382, 176), (397, 176), (397, 200), (412, 200)),
    ((382, 290), (397, 290), (397, 266), (412, 266)),
    ((382, 62), (467, 62), (467, 84), (552, 84)),
    ((524, 233), (538, 233), (538, 180), (552, 180)),
    ((664, 134), (692, 134)),
    ((751, 162), (751, 216)),
    ((810, 134), (826, 134), (826, 354), (810, 354)),
)
WORDS = (
    "A voice becomes a log-mel and, by Whisper, words; both have an encoder, and BERT gives one vector. Words and "
    "sound meet in co-attention and are added; BERT's vector meets the sum and is laid beside it; self-attention "
    "and pooling lead to a predictor of the emotion and to a projector, which is trained against a queue."
)


def draw(chapter: str = "00_start_here") -> str:
    """The system with the parts of a chapter in colour and the others faint."""
    lit = LIT[chapter].split()
    sheet = Sheet(838, 416, "The system of Figure 1 of the paper", WORDS)
    for points in ARROWS:
        sheet.arrow(*points)
    sheet.arrow((62, 346), (62, 318), dashed=True)
    sheet.arrow((640, 354), (692, 354), dashed=True)
    for name, (*place, lines, kind) in BOXES.items():
        sheet.box(*place, lines, kind, lit=name in lit, dashed=name in ("augment", "queue"))
    sheet.text(692, 290, "cross-entropy", size=14)
    sheet.text(692, 400, "SupCon (Eq. 1)", size=14)
    sheet.text(10, 24, "dashed: while training only", size=14)
    return sheet.svg()
