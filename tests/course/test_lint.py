"""A sound notebook passes every rule; for each rule there is a notebook that breaks it and is caught."""

import re

import pytest
import yaml
from bad_notebooks import BAD, PICTURE, change, text
from courses import add_exercises, edit

from vcemo_lib.course.check.canonical import canonical
from vcemo_lib.course.check.lint import LARGEST, lint_chapter, run_lint
from vcemo_lib.course.check.reading_rules import LIST, TERMS
from vcemo_lib.course.check.rules import RULES
from vcemo_lib.course.check.write_back import link_neighbours
from vcemo_lib.course.notebook.reading import read_notebook
from vcemo_lib.course.run.plan import NOTEBOOKS

ASSUMED = [term for term, about in yaml.safe_load(TERMS.read_text("utf-8")).items() if about["chapter"] == "00"]
SETUP = 'ctx = course.begin("00", profile=profile, seed=seed, out=out)'


@pytest.fixture
def good(maker):
    """An executed chapter that keeps all rules; returns its plan entry."""
    path = maker.add("00", 'print("hello")', setup=SETUP)
    add_exercises(path, "00", before=4)

    def finish(notebook):
        words = f"## Why a listener would care\n\nTaken as known: {', '.join(ASSUMED)}."
        why = {"cell_type": "markdown", "id": "c00-why", "metadata": {}, "source": words.splitlines(keepends=True)}
        notebook["cells"].insert(4, why)
        for count, cell in enumerate((c for c in notebook["cells"] if c["cell_type"] == "code"), start=1):
            cell["execution_count"] = count
        notebook["cells"][-1]["outputs"] = [
            {"name": "stdout", "output_type": "stream", "text": ["hello\n"]},
            PICTURE,
        ]

    edit(path, finish)
    path.write_text(canonical(read_notebook(path)), encoding="utf-8")
    return maker.plan().chapters[0]


def rules(spec):
    return {finding.rule for finding in lint_chapter(spec)}


def test_a_sound_notebook_passes(good):
    assert [str(finding) for finding in lint_chapter(good)] == []


@pytest.mark.parametrize("name", BAD)
def test_every_rule_catches_its_bad_notebook(good, name):
    rule, how = BAD[name]
    change(good.path, how)
    assert rule in rules(good)


def test_every_rule_has_a_bad_notebook():
    assert {rule for rule, _ in BAD.values()} | {"navigation"} == set(RULES)


def test_a_term_may_be_used_where_the_text_says_who_explains_it_and_then_be_shown(good):
    change(good.path, text(1, "An SVM (chapter 05)."))
    change(good.path, BAD["a term shown before it is explained"][1])
    assert rules(good) == set()
    change(good.path, text(1, "An SVM (chapter 05).\n\nThe SVM again."))
    assert rules(good) == {"terms"}
    change(good.path, text(1, f"An SVM, [A12]({LIST})."))  # the link of a label says nothing of it
    assert "terms" in rules(good)


def test_a_label_that_leads_to_the_list_is_fine_and_so_are_a_note_of_music_and_code(good):
    change(good.path, text(1, f"[A12]({LIST}), [A13]({LIST}); the note A1; `A14`"))
    assert "labels" not in rules(good)


def test_the_list_that_labels_lead_to_is_there():
    file, _, heading = LIST.partition("#")
    texts = [cell.source for cell in read_notebook(NOTEBOOKS / file).cells if cell.cell_type == "markdown"]
    assert sum(text.startswith(f"## {heading.replace('-', ' ')}\n") for text in texts) == 1


def test_a_folded_answer_may_have_a_link_behind_an_empty_line(good):
    change(good.path, text(1, "<details><summary>Answer</summary>\n\n[it](00_chapter.ipynb)\n\n</details>"))
    assert rules(good) == set()


def test_a_constant_may_be_shown_where_the_cell_says_so(good):
    change(good.path, BAD["a constant model"][1])
    assert rules(good) == {"constant"}
    change(good.path, lambda n: n["cells"][-1].update(metadata={"tags": ["constant"]}))
    assert rules(good) == set()


def test_a_chapter_leads_to_its_neighbours(good):
    (good.path.parent / "01_next.ipynb").write_text("{}")
    assert "no link to 01_next.ipynb" in next(str(f) for f in lint_chapter(good) if f.rule == "navigation")
    change(good.path, text(0, "# 00 · A chapter made for a test\n[next](01_next.ipynb)"))
    assert rules(good) == set()


def test_a_chapter_put_between_two_is_linked_by_both_and_nothing_else_changes(maker):
    for number in ("00", "01", "03"):
        maker.add(number, "x = 1")
    link_neighbours(maker.plan().chapters)
    kept = maker.plan().chapters[0].path.read_bytes()
    maker.add("02", "x = 2")
    assert link_neighbours(maker.plan().chapters) == ["01", "02", "03"]
    chapters = maker.plan().chapters
    assert chapters[0].path.read_bytes() == kept
    for k, spec in enumerate(chapters):
        title = read_notebook(spec.path).cells[0].source
        beside = (*chapters[max(k - 1, 0) : k], *chapters[k + 1 : k + 2])
        assert re.findall(r"\]\((\d\d)_", title) == [neighbour.number for neighbour in beside]
    assert link_neighbours(chapters) == []


def test_too_large_or_not_canonical_is_caught(good):
    before = good.path.read_text()
    good.path.write_text(before.replace("\n ", "\n  ", 1))
    assert rules(good) == {"form"}
    change(good.path, text(1, "word " * (LARGEST // 5)))
    assert any("KB" in finding.message for finding in lint_chapter(good))


def test_links_that_exist_and_followed_addresses_are_fine(good):
    prose = "[self](00_chapter.ipynb#x) [web](https://example.org) [up](../notebooks/course.yaml)"
    prose += " `[a](b)` [m](mailto:a@b.c) $K:\\mathbb{R}$"
    change(good.path, text(1, prose))
    assert rules(good) == set()


def test_what_is_no_notebook_is_one_finding(good):
    good.path.write_text("{")
    assert rules(good) == {"readable"}
    good.path.unlink()
    assert rules(good) == {"readable"}


def test_the_command_prints_findings_and_fails(good, capsys):
    folder = good.path.parent
    assert run_lint((), folder) == 0
    (folder / "stray.ipynb").write_text("{}")
    change(good.path, BAD["private kernel"][1])
    assert run_lint((), folder) == 1
    printed = capsys.readouterr().out
    assert "stray.ipynb:-: course" in printed
    assert "00_chapter.ipynb:-: form" in printed
