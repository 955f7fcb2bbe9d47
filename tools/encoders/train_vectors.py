"""Train the bundled 300-d word vectors: positive pointwise mutual information, factorised (Levy and Goldberg 2014).

    python train_vectors.py --texts TEXTS --out assets/word_vectors_zh --words 12000

`TEXTS` is what `texts.py` wrote. Counts need one pass and no tuning, which suits a corpus this small.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.utils.extmath import randomized_svd

from vcemo_lib.text.word_vectors import segment

WINDOW, DIM = 4, 300


def sentences(path: Path) -> list[list[str]]:
    """Segmented sentences, empty lines left out."""
    return [segment(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def counts(texts: list[list[str]], index: dict[str, int]) -> csr_matrix:
    """Co-occurrences within WINDOW words, nearer ones counting more (1 / distance)."""
    total = csr_matrix((len(index), len(index)), dtype=np.float32)
    flat = np.array([index.get(w, -1) for words in texts for w in [*words, *[""] * WINDOW]])
    for distance in range(1, WINDOW + 1):
        a, b = flat[:-distance], flat[distance:]
        both = (a >= 0) & (b >= 0)
        pair = coo_matrix(
            (np.full(both.sum(), 1 / distance, np.float32), (a[both], b[both])), shape=total.shape
        ).tocsr()
        total = total + pair + pair.T
    return total


def ppmi(table: csr_matrix, smoothing: float = 0.75) -> csr_matrix:
    """max(0, log p(w, c) / (p(w) p(c)^smoothing)); smoothed contexts hold rare words down."""
    table = table.tocoo()
    row = np.asarray(table.tocsr().sum(1)).ravel()
    context = row**smoothing
    value = np.log(table.data * context.sum() / (row[table.row] * context[table.col]))
    keep = value > 0
    return coo_matrix((value[keep], (table.row[keep], table.col[keep])), shape=table.shape).tocsr()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--words", type=int, default=12_000)
    args = parser.parse_args()
    texts = sentences(args.texts / "train.txt")
    words = [w for w, n in Counter(w for t in texts for w in t).most_common(args.words) if n >= 3]
    u, s, _ = randomized_svd(ppmi(counts(texts, {w: i for i, w in enumerate(words)})), DIM, n_iter=4, random_state=0)
    vectors = u * np.sqrt(s)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-8
    args.out.mkdir(parents=True, exist_ok=True)
    save_file({"vectors": vectors.astype(np.float16)}, args.out / "vectors.safetensors")
    (args.out / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{len(words)} words, {vectors.nbytes / 4e6:.1f} MB")


if __name__ == "__main__":
    main()
