"""What a piece of code needs of the lines before it, and no more."""

import pytest

from vcemo_lib.course.exercise.given import binds, given, lines, needs

CHAPTER = """
import math
import numpy as np, os
from a.b import c as d
x = train()
def f(y):
    x = y
    return g(x)
def g(z):
    return math.sqrt(z) + K
K = 1
K = 2
u, (v, *w) = x
class A(Base):
    def m(self):
        return d
n: int = len(v)
n += 1
with open(p) as handle:
    text = handle.read()
for i in range(3):
    last = i
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("f(1)", "import math|def f(y):|def g(z):|K = 2"),
        ("math.pi", "import math"),
        ("[x for x in (1, 2)]", ""),
        ("lambda x: x", ""),
        ("A()", "from a.b import c as d|class A(Base):"),
        ("v", "x = train()|u, (v, *w) = x"),
        ("text", "with open(p) as handle:"),
        ("last", "for i in range(3):"),
        ("unknown", ""),
        ("def h():\n    def k():\n        return os\n    return k", "import numpy as np, os"),
    ],
)
def test_only_what_is_needed_is_given(code, expected):
    sources = [line.source.splitlines()[0] for line in given(code, lines(CHAPTER))]
    assert sources == (expected.split("|") if expected else [])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("for name, (i, j) in rows:\n    z = name + i\n    print(z)", "rows print"),
        ("with f(x) as g:\n    h = g\nh", "f x"),
        ("if a:\n    b = 1\nelse:\n    b = c\nb", "a c"),
        ("while a:\n    b = 1\nb", "a"),
        ("try:\n    a = b\nexcept E as error:\n    print(error)\nfinally:\n    a", "b E print"),
        ("total = 0\nfor i in rows:\n    total += i", "rows"),
        ("for i in rows:\n    total += i", "rows total"),
        ("x[k] = 1", "x k"),
        ("async for i in rows:\n    total", "rows total"),
        ("async with a as b:\n    b + c", "a c"),
    ],
)
def test_what_a_block_binds_it_does_not_need(code, expected):
    assert needs(code) == set(expected.split())


def test_names():
    assert binds("a, b = c\ndef d(): e = 1\nfrom f import g as h") == {"a", "b", "d", "h"}
    assert needs("def d(e):\n    return e + f\n[g for g in h]\nk = d(1)") == {"f", "h"}
    assert needs("a = a + 1") == needs("a += 1") == {"a"}
    assert needs("d = 1\ndef c():\n    return b + d\nb = 2") == set()
    with pytest.raises(SyntaxError):
        lines("a = (")
