"""For each rule of a committed notebook, one that breaks it."""

import json

from courses import edit

from vcemo_lib.paths import ROOT

PICTURE = {
    "output_type": "display_data",
    "data": {"image/png": "QUJD", "text/plain": "A line that rises."},
    "metadata": {"image/png": {"alt": "A line that rises."}},
}


def change(path, how):
    """Change a notebook and keep the form of its file, so that only the change is judged."""
    edit(path, how)
    text = json.dumps(json.loads(path.read_text()), indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def text(place, new):
    return lambda n: n["cells"][place].update(source=new.splitlines(keepends=True))


def output(**fields):
    return lambda n: n["cells"][-1]["outputs"].append(fields)


def html(content):
    return output(output_type="display_data", metadata={}, data={"text/html": [content], "text/plain": ["x"]})


def exercise(part, **fields):
    """Change one cell of the first exercise: c00-exercise1 itself where part is empty."""
    name = f"c00-exercise1{part and '-'}{part}"
    return lambda n: next(c for c in n["cells"] if c["id"] == name).update(fields)


def wording(old, new, part=""):
    """Replace words in one cell of the first exercise."""
    name = f"c00-exercise1{part and '-'}{part}"

    def replace(n):
        cell = next(c for c in n["cells"] if c["id"] == name)
        assert old in "".join(cell["source"])
        cell["source"] = "".join(cell["source"]).replace(old, new).splitlines(keepends=True)

    return replace


def shown_between(n):
    n["cells"].insert(7, n["cells"].pop())


BAD = {
    "two exercises": ("exercises", lambda n: n["cells"].__delitem__(slice(5, 9))),
    "six exercises": (
        "exercises",
        lambda n: n["cells"].extend(
            dict(c, id=c["id"].replace("exercise", f"exercise1{k}")) for k in range(3) for c in n["cells"][5:9]
        ),
    ),
    "task without grader": ("exercises", lambda n: n["cells"].pop(7)),
    "exercise without stars": ("exercises", wording("★ ", "")),
    "exercise without minutes": ("exercises", wording("(5 minutes, predict)", "")),
    "exercise of no kind": ("exercises", wording("predict", "think")),
    "exercise with another's number": ("exercises", wording("0.1", "0.2")),
    "one hint only": ("exercises", wording("<details><summary>Hint 2", "Hint 2")),
    "a cell between task and grader": ("exercises", shown_between),
    "solution shown": ("exercises", exercise("solution", metadata={"tags": ["solution"]})),
    "solution's output shown": (
        "exercises",
        exercise("solution", metadata={"tags": ["solution"], "jupyter": {"source_hidden": True}}),
    ),
    "solution not tagged": (
        "exercises",
        exercise("solution", metadata={"jupyter": {"source_hidden": True, "outputs_hidden": True}}),
    ),
    "stub without a blank": ("exercises", wording("...", "7", "task")),
    "stub of another name": ("exercises", wording("seven", "eight", "task")),
    "solution that is not graded": ("exercises", wording("grade(seven)", "", "solution")),
    "solution of another name": ("exercises", wording("seven = ", "eight = ", "solution")),
    "grader that judges nothing": ("exercises", wording("grade(seven)", "", "grade")),
    "grader of another exercise": ("exercises", wording("0.1", "0.3", "grade")),
    "a cell that is not Python": ("exercises", text(-1, "%matplotlib inline")),
    "two mistakes only": ("exercises", wording(', "not that": 70', "", "grade")),
    "answer used by the chapter": ("exercises", text(-1, "print(seven)")),
    "answer defined by the chapter": ("exercises", text(-1, "seven = 7")),
    "two exercises of one answer": (
        "exercises",
        lambda n: [wording("seven", "twice", part)(n) for part in ("task", "grade", "solution")],
    ),
    "a constant model": (
        "constant",
        output(output_type="stream", name="stdout", text=["LR: it has learnt nothing: it says sad to every clip; try"]),
    ),
    "a constant model in a table": (
        "constant",
        output(output_type="stream", name="stdout", text=["     mean  low high\n", "LR   0.25 0.25 0.25\n"]),
    ),
    "no title": ("first-cells", text(0, "A chapter without heading")),
    "title of another chapter": ("first-cells", text(0, "# 01 · Another")),
    "no card": ("first-cells", lambda n: n["cells"][1].update(id="c00-other")),
    "no setup": ("first-cells", text(3, "x = 1")),
    "setup of another chapter": ("first-cells", text(3, 'ctx = course.begin("01")')),
    "second title": ("first-cells", text(1, "words\n\n# Second title")),
    "too few cells": ("first-cells", lambda n: n["cells"].__delitem__(slice(3, None))),
    "no reason for a listener": ("listener", text(4, "## Another beginning")),
    "parameters without type": ("parameters", text(2, "profile = 'tiny'")),
    "second equals sign": ("parameters", text(2, 'profile: str = "tiny"  # profile=paper for more')),
    "parameter missing": ("parameters", text(2, 'profile: str = "tiny"  # profile')),
    "no help": (
        "parameters",
        lambda n: n["cells"][2].update(
            source=[line.partition("#")[0].rstrip() + "\n" for line in n["cells"][2]["source"]]
        ),
    ),
    "defaults of another profile": (
        "parameters",
        lambda n: n["cells"][2].update(source=[line.replace('"tiny"', '"paper"') for line in n["cells"][2]["source"]]),
    ),
    "id not ours": ("cells", lambda n: n["cells"][-1].update(id="a1b2c3d4")),
    "id of another chapter": ("cells", lambda n: n["cells"][-1].update(id="c01-body")),
    "id twice": ("cells", lambda n: n["cells"][-1].update(id="c00-setup")),
    "long cell": ("cells", text(-1, "\n".join(["x = 1"] * 36))),
    "private kernel": ("form", lambda n: n["metadata"]["kernelspec"].update(name="uvpy311")),
    "no kernel": ("form", lambda n: n["metadata"].pop("kernelspec")),
    "widget state": ("form", lambda n: n["metadata"].update(widgets={})),
    "widget output": (
        "form",
        output(
            output_type="display_data",
            metadata={},
            data={"application/vnd.jupyter.widget-view+json": {"model_id": "1"}},
        ),
    ),
    "path in source": ("absolute-paths", text(-1, 'open("/home/ann/data.csv")')),
    "windows path": ("absolute-paths", text(-1, 'open("C:\\\\Users\\\\ann")')),
    "path in output": ("absolute-paths", html("<p>/root/project/file</p>")),
    "path in metadata": ("form", lambda n: n["metadata"].update(papermill={"input": "/tmp/a/b"})),
    "path of the clone": ("absolute-paths", text(1, f"x{ROOT}/file")),
    "remote picture": ("links", text(1, "![a line](https://example.org/a.png)")),
    "remote script": ("links", html('<script src="https://example.org/a.js"></script>')),
    "remote style": ("links", html("<style>@import url(//example.org/a.css)</style>")),
    "dead link": ("links", text(1, "see [next](01_missing.ipynb#part)")),
    "dead picture": ("links", text(1, "![a line](missing.png)")),
    "never executed": (
        "executed",
        lambda n: [c.update(execution_count=None, outputs=[]) for c in n["cells"] if c["cell_type"] == "code"],
    ),
    "one cell not executed": ("executed", lambda n: n["cells"][2].update(execution_count=None)),
    "executed out of order": ("executed", lambda n: n["cells"][-1].update(execution_count=9)),
    "outputs gone": ("executed", lambda n: n["cells"][-1].update(outputs=[])),
    "stored error": ("executed", output(output_type="error", ename="E", evalue="x", traceback=[])),
    "stored warning": ("form", output(output_type="stream", name="stderr", text=["w"])),
    "a guess without an answer": (
        "guesses",
        lambda n: [c for c in n["cells"] if c["cell_type"] == "markdown"][-1].update(source=["*Guess:* how many?"]),
    ),
    "a term of a later chapter": ("terms", text(1, "The SVM is explained much later.")),
    "several of a later chapter": ("terms", text(1, "Convolutions are explained much later.")),
    "a term of two words": ("terms", text(1, "A phase\nvocoder is explained later.")),
    "a term shown before it is explained": ("terms", html("<p>An SVM</p>")),
    "a term explained by nobody": ("terms", text(4, "## Why a listener would care")),
    "a label without a link": ("labels", text(1, "The words guide, as [A12](00_chapter.ipynb) and A13 have it.")),
    "a link where no Markdown is": (
        "folded-links",
        text(1, "<details><summary>Answer</summary>See [it](00_chapter.ipynb).</details>"),
    ),
    "Chinese without a gloss": ("chinese", html("<p>无人认识的一句话</p>")),
    "Chinese beside Japanese": (
        "chinese",
        lambda n: [html(f"<p>{told}</p>")(n) for told in ("これは日本語です", "无人认识的一句话")],
    ),
    "Chinese in a sentence": ("chinese-text", text(1, "The word 高兴 stands here, and nobody explains it.")),
    "a gloss that is not shown": ("chinese", html("<p>高兴</p>")),
    "picture without alt": (
        "alt-text",
        output(output_type="display_data", metadata={}, data={"image/png": "QUJD", "text/plain": "A line"}),
    ),
    "picture named only": (
        "alt-text",
        output(
            output_type="display_data",
            metadata={"image/png": {"alt": "A line"}},
            data={"image/png": "QUJD", "text/plain": "<Figure size 4x2>"},
        ),
    ),
    "alt in the code": ("figure-words", text(-1, 'ctx.show(fig, number="0.1", alt="A line that rises.")')),
    "caption in the code": (
        "figure-words",
        text(-1, 'if fig:\n    ctx.show(fig, number="0.1", caption=("A " "line"))'),
    ),
    "caption of a table in the code": ("table-words", text(-1, 'ctx.table(table, f"The {n} rows.")')),
    "caption of a table by its word": ("table-words", text(-1, 'ctx.table(table, caption="The rows.")')),
    "a table of no name": ("table-words", text(-1, 'ctx.table(table, name="nowhere")')),
    "a table without its values": ("table-words", text(-1, 'ctx.table(table, name="answer", sentence="x")')),
    "html picture without alt": ("alt-text", html('<img src="data:image/png;base64,QUJD">')),
    "markdown picture without alt": ("alt-text", text(1, "![](00_chapter.ipynb)")),
}
