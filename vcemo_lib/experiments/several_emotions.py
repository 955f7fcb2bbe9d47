"""How often a text is felt to hold more than one emotion (Paper §3.4: the premise of SupCon), counted on BRIGHTER.

python -m vcemo_lib.experiments.several_emotions FOLDER     # writes results/brighter_marks.json
"""

from itertools import combinations

import pandas as pd

from ..data.corpora.brighter import MARKS
from ..messages import only_argument


def emotions_at_once(frame: pd.DataFrame) -> dict[str, dict]:
    """How many texts are marked for no emotion, one, two and more; which pairs; and how seldom each stands alone.

    Args:
        frame: as `brighter.table` gives it, with the six marks (0 or 1) and `marks`, how many are 1.
    """
    n, marked = len(frame), frame[frame["marks"] > 0]
    counts = frame["marks"].value_counts().sort_index()
    lines = {f"{k} marked": _share(count, n) for k, count in counts.items()}
    lines["two or more, of the texts with any"] = _share((marked["marks"] > 1).sum(), len(marked))
    for name in MARKS:
        its = frame[frame[name] == 1]
        lines[f"{name} beside another"] = _share((its["marks"] > 1).sum(), len(its))
    pairs = {f"{a} and {b}": int((frame[a] & frame[b]).sum()) for a, b in combinations(MARKS, 2)}
    common = sorted(pairs, key=pairs.get, reverse=True)[:5]
    return lines | {pair: _share(pairs[pair], len(marked)) for pair in common}


def _share(count: int, of: int) -> dict[str, float]:
    return {"texts": int(count), "of": int(of), "per cent": round(100 * float(count) / max(of, 1), 1)}


if __name__ == "__main__":
    from ..data.corpora import brighter, load_corpus
    from ..paths import RESULTS
    from .real_records import write_lines

    folder = only_argument(__doc__)
    corpus = load_corpus("brighter", folder)
    lines = write_lines(RESULTS / "brighter_marks.json", corpus, emotions_at_once(brighter.table(folder)))
    print(pd.DataFrame(lines).T.to_string())
