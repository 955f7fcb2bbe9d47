"""Changes of the library's code that no test can notice, since what is computed stays the same."""

# (file, what stands in the changed line, what was changed in it) → why.
SAME = {
    ("data/speaker_splits.py", "zip(order, dealt, strict=True)", "True"): "both are of one length, by the line above",
    ("training/moco.py", "zip(self.encoder.buffers(), model.buffers(), strict=True)", "True"): "the encoder is a copy",
    ("training/losses.py", "step = max((128 if z.is_cuda", "128"): "how many keys go at a time changes no sum",
    ("training/losses.py", "step = max((128 if z.is_cuda", "1"): "how many keys go at a time changes no sum",
    ("training/losses.py", "step = max((128 if z.is_cuda", "64"): "how many keys go at a time changes no sum",
    ("training/losses.py", "SIMILARITIES = 2**17", "17"): "how many keys go at a time changes no sum",
    ("evaluation/metrics.py", "np.add.at(matrices", "1"): "every score is the same of a matrix twice as large",
    (
        "training/losses.py",
        "step = max((128 if z.is_cuda",
        "(128 if z.is_cuda else 1) * _KeyLogSum.SIMILARITIES",
    ): "how many keys go at a time changes no sum",
    ("models/attention.py", "if not keep_map and (q.is_cuda", "0"): "the formula below gives what the fused one gives",
    (
        "models/attention.py",
        "if not keep_map and (q.is_cuda",
        "q.is_cuda or dropout == 0",
    ): "the formula below gives what the fused one gives",
    (
        "training/trainer.py",
        "weight_decay=recipe.weight_decay, fused=True",
        "True",
    ): "the same steps of Adam, made one by one",
    ("training/trainer.py", "for h in self.history[:-1]), default=-1.0", "1.0"): "no score is below 0",
    (
        "models/encoders.py",
        "steps < lengths), torch.cat(final, -1)",
        "-1",
    ): "of the two axes of the final states −1 and 1 are the same one",
    ("inference/bundle.py", "json.dumps(sealed(content), indent=1", "1"): "the same JSON, laid out otherwise",
    ("inference/bundle.py", "json.dumps(sealed(content), indent=1", "False"): "the same JSON, written otherwise",
    ("models/attention.py", "k.transpose(-1, -2)", "-2"): "of four axes −2 and 2 are the same one",
}


def reason(fault: dict) -> str:
    """Why a fault means the same; "" where nothing is known of it."""
    for (file, part, changed), why in SAME.items():
        if fault["module"].endswith(file) and part in fault["text"] and fault["before"] == changed:
            return why
    return ""
