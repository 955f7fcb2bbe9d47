"""Asks an exported model about a sound with numpy and onnxruntime alone, by what the file says of itself.

    python onnx_alone.py model.onnx clip.wav 你退的那门是我要的 你 退 的 那门 是 我 要 的

The clip is a 16-bit WAV of the file's sampling rate; after the text come its words. Prints each label's probability.
"""

import json
import sys
import wave

import numpy as np
import onnxruntime


def main(model, clip, text, *words):
    session = onnxruntime.InferenceSession(model)
    facts = session.get_modelmeta().custom_metadata_map
    makers = {"wave": lambda: sound(clip, int(facts["sample_rate"])), "token_ids": lambda: pieces(facts, text)}
    shapes = {each.name: each.shape for each in session.get_inputs()}
    makers["word_ids"] = lambda: places(facts, words, shapes["word_ids"][1])
    probabilities = session.run(["probabilities"], {name: makers[name]() for name in shapes})[0]
    print(json.dumps(dict(zip(json.loads(facts["labels"]), probabilities[0].tolist(), strict=True))))


def sound(clip, rate):
    with wave.open(clip) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (rate, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")[None].astype(np.float32) / 2**15


def places(facts, words, length):
    known = {word: place for place, word in enumerate(json.loads(facts["vocabulary"]))}
    rows = [known.get(word, len(known)) for word in words][:length]
    return np.array([rows + [-1] * (length - len(rows))])


def pieces(facts, text):
    """Of a text of Chinese characters, where each is a piece."""
    vocabulary = json.loads(facts["tokenizer"])["model"]["vocab"]
    return np.array([[vocabulary.get(piece, vocabulary["[UNK]"]) for piece in ("[CLS]", *text, "[SEP]")]])


if __name__ == "__main__":
    sys.modules |= dict.fromkeys(("vcemo_lib", "torch", "transformers", "spacy"))  # to import one of them is an error
    main(*sys.argv[1:])
