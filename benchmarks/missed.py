"""What the page says of a row that does not reach what was wanted: why, by profile, and what was tried.

Milliseconds beside one another were measured in turn on one core, as the rows are.
"""

MOST = {"front end": 2, "step": 2}  # by subject: how many times the limit ours may take
HEAD = "## What was not reached, why, and what was tried"
MISSED = {  # by how the name of a row begins: why, and what was tried
    "co-attention, B 256": (
        "Matrix products, which torch's layers make too, are six tenths of ours: with all else for nothing ours would "
        "be 1.9 times as fast as they are.",
        "torch's fused attention, at d 128: with dropout 1.14 times the time of now, without dropout of the weights, "
        "which is another model, 0.94.",
    ),
    "noise": (
        "Drawing the noise takes 12 of 13 ms.",
        "32 bits a number, 0.78 of the time; it would be other noise than that of stored copies.",
    ),
    "tempo": (
        "Sizes and phases of the spectrum take 62 %, the two Fourier transforms 13 %. The result is librosa's to "
        "rounding; audiomentations has another algorithm, in C++.",
        "All frames at once, and turns as products instead of angles (`audio/vocoder.py`): that is what is measured.",
    ),
    "pitch": ("As tempo; reading at another rate takes a sixth.", "As tempo."),
    "24 copies from the store": (
        "2.7 of 3.8 ms check that the stored file is whole, once for any number of copies; to read them takes 0.4 ms.",
        "Nothing: the check finds a damaged file.",
    ),
    "8 batches of 64": (
        "Normalising takes seven tenths of the time and is the same on both sides.",
        "Nothing: what is stored would be other features.",
    ),
    "256 anchors": (
        "The two products alone take two thirds of ours: with all else for nothing ours would be 19 times as fast as "
        "pytorch_metric_learning and 4.6 times as the dense mask. At 512 anchors all are reached.",
        "By groups of keys that stay in the processor's cache: that is what is measured.",
    ),
    "512 anchors": ("As at 256 anchors.", "As at 256 anchors."),
    "convolutions": (
        "torch's own convolution takes 53 % of ours, the ReLU's gradient 12 %, BatchNorm 11 %.",
        "Weights in the order of the frames (channels_last): the same bits, 0.99 to 1.07 of the time.",
    ),
    "BatchNorm": (
        "No product is in it, only passes over memory: the ReLU's gradient takes a fifth to a quarter of ours, no "
        "other pass more than a fifth.",
        "In place wherever no gradient needs what was there, the two sums of the gradient in one pass: that is "
        "measured.",
    ),
    "bidirectional LSTM": (
        "torch's fused layer, 88 % of ours, takes 1.3 times what its products alone would: with all else for nothing "
        "ours would be 2.3 times as fast as packed sequences. On a processor of twice this rate of products it was 3.6 "
        "times as fast.",
        "Nothing: the layer is torch's.",
    ),
    "64 clips": (
        "Of 42 ms the product with the bands took 18, the Fourier transform 10, mirroring the ends 8 (now 2).",
        "By three groups of bands 26 ms, all frames at once 31, squares added before the product 34: each gives "
        "other last digits than the features that are stored, none reaches six times. A product with a table of "
        "sines in place of torch's transform 108 instead of 8, scipy's 15, numpy's 20.",
    ),
    "tiny:": (
        "Where the time goes is in cost.md. What both sides must do, products, convolutions and LSTM, takes the more "
        "of it the larger the model: at the paper's widths ours takes 1.2 times what they alone would.",
        "Masks in place, three projections as one product, Adam in one call, few shapes of batch: that is measured.",
    ),
    "laptop:": ("As tiny.", "As tiny."),
    "paper's widths": ("As tiny.", "As tiny."),
}
UNKNOWN = ("Not looked into on this kind of processor.", "Nothing.")
ELSEWHERE = """\
The milliseconds of this table were measured in turn while a row was looked into, not in the run of the rows above.

Not measured here: a step beside UMONS' released code (2 times as fast was wanted), which is no package that could stand
beside ours, and beside this library before it was made fast (3 times), which no page keeps. Whisper, whose weights do
not ship: 200 clips took 505 s by openai-whisper and 504 s by faster-whisper, where 1.3 times as fast as clip by clip
was wanted (`whisper_base.json`). How long the course takes is in cost.md. Making a batch is {share} of a training step
(cost.md); 3 % were wanted.
"""


def missed(row: dict) -> list[str]:
    """The rivals beside which a row does not reach what was wanted, and the limit where ours is too far from it."""
    slow = [rival for rival, wanted in row["wanted"].items() if row["ratio"].get(rival, [wanted])[0] < wanted]
    far = row.get("times_limit", 0) > MOST.get(row.get("subject"), float("inf"))
    return [*slow, "the limit"] if far else slow


def reason(row: dict) -> tuple[str, str]:
    """Why, and what was tried; a row may miss on one kind of processor and not on another."""
    return next((told for name, told in MISSED.items() if row["case"].startswith(name)), UNKNOWN)


def lines(subjects: dict, shares: list[float]) -> list[str]:
    """The section of the page; shares: what making a batch takes of a step, by size."""
    rows = [row for subject in subjects.values() for row in subject["rows"] if missed(row)]
    share = f"{min(shares):.0%} to {max(shares):.0%}"
    head = [HEAD, "", "| row | beside | why | tried |", "|:---|:---|:---|:---|"]
    told = [f"| {row['case']} | {', '.join(missed(row))} | {' | '.join(reason(row))} |" for row in rows]
    return [*head, *told, "", ELSEWHERE.format(share=share)]
