"""The book: its map of the paper names things that there are, its links fit, its terms are explained."""

import importlib.util
import json
import re
from importlib import import_module

import glossary
import pytest
import yaml

from vcemo_lib.course.check.reading_rules import LIST
from vcemo_lib.digests import sha256
from vcemo_lib.paths import ROOT


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = load(ROOT / "book" / "build.py")
MAP = yaml.safe_load((ROOT / "book" / "paper_map.yaml").read_text(encoding="utf-8"))
ROWS = [pytest.param(row, id=row["paper"]) for row in MAP["reproduced"]]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_map_names_a_cell_code_test_and_record_that_there_are(row):
    chapter, cell = row["cell"].split(":")
    notebook = json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    assert cell in {c["id"] for c in notebook["cells"]}
    module, name = row["code"].rsplit(".", 1)
    assert hasattr(import_module(module), name)
    file, _, function = row["test"].partition("::")
    assert f"def {function}(" in (ROOT / file).read_text(encoding="utf-8") if function else (ROOT / file).is_file()
    assert "record" not in row or (ROOT / row["record"]).exists()


def test_the_map_names_every_table_and_figure_of_the_paper():
    said = " ".join(row["paper"] for row in MAP["reproduced"]) + " ".join(MAP["not_reproduced"])
    for name in ("Fig. 1", "Fig. 2", "Fig. 4", "Table 1", "Table 2", "Table 3", "Eq. 1"):
        assert name in said


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("[splits](../vcemo_lib/data/splits.py)", "{py:mod}`splits <vcemo_lib.data.splits>`"),
        ("[`vcemo.py`](../vcemo_lib/models/vcemo.py)", "{py:mod}`vcemo.py <vcemo_lib.models.vcemo>`"),
        ("[next](01_the_corpus.ipynb#part)", "[next](01_the_corpus.ipynb#part)"),
        ("[trials](../results/TRIALS.md)", "[trials](../results/TRIALS.md)"),
        ("[a record](../results/whisper_base.json)", "a record"),
        ("[web](https://example.org)", "[web](https://example.org)"),
        ("![a drawing](../figures/drawings/queue.svg)", "![a drawing](../figures/drawings/queue.svg)"),
    ],
)
def test_links_of_a_chapter_fit_the_book(link, becomes):
    assert build.moved(link, ROOT / "notebooks") == becomes


def test_every_page_that_is_linked_or_listed_is_gathered(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "SOURCE", tmp_path / "source")
    build.gather()
    listed = (tmp_path / "source" / "chapters.md").read_text(encoding="utf-8")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.stem}" in listed
    for page in (tmp_path / "source").rglob("*.md"):
        for name in re.findall(r"\]\((?![a-z]+:|#|//)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / name).exists(), f"{page.name} links {name}"


def test_the_home_of_the_book_has_each_chapter_with_its_minutes(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "SOURCE", tmp_path)
    build.gather()
    rows = re.findall(
        r"^\| \[\d\d .*\]\(notebooks/(\S+)\) \| (\d+) \| (\d+) \|$", (tmp_path / "index.md").read_text(), re.M
    )
    assert [name for name, *_ in rows] == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert all(5 <= int(read) <= 20 and 30 <= int(done) <= 60 for _, read, done in rows)


def test_folded_cells_and_preludes_are_folded_in_the_book():
    cells = [
        {"cell_type": "code", "metadata": {"tags": ["setup"]}, "source": ""},
        {"cell_type": "code", "metadata": {"jupyter": {"source_hidden": True, "outputs_hidden": True}}, "source": ""},
        {"cell_type": "code", "metadata": {}, "source": ""},
    ]
    tags = [cell["metadata"]["tags"] for cell in build.told({"cells": cells})["cells"]]
    assert tags == [["setup", "hide-input"], ["hide-input", "hide-output"], []]


def test_terms_of_a_text_lead_to_the_glossary_but_not_in_code_links_headings_or_html():
    text = "# LSTM\n\nAn LSTM, again LSTM, `SVM`, [SVM](a.md).\n\n<details>InfoNCE</details>\n\n    SNR = 1\n\nInfoNCE and $MFCC$\n"
    assert glossary.linked(text) == text.replace("An LSTM", "An {term}`LSTM`").replace(
        "InfoNCE and", "{term}`InfoNCE` and"
    )


def test_each_label_leads_to_its_question_and_a_note_of_music_is_none():
    text = f"Who asks ([A12]({LIST}))? Again [A12]({LIST}). Above the note A1."
    assert glossary.linked(text) == "Who asks ({term}`A12`)? Again {term}`A12`. Above the note A1."
    page = glossary.readings_page()
    assert all(f"\n{name}\n  " in page for name in glossary.READINGS.index)


def test_equations_have_the_name_of_their_cell():
    text = "One\n\n$$ a = b $$\n\nand $$\n\n$$\nc\n$$\n"
    assert glossary.numbered("$$ a $$\n\n$$ b $$", "c07-x") == "$$ a $$ (eq-c07-x)\n\n$$ b $$ (eq-c07-x-2)"
    assert glossary.numbered(text, "c").count("(eq-c") == 2


def test_equations_that_are_named_exist():
    named = {row["equation"] for row in MAP["reproduced"] if "equation" in row}
    named |= {about["equation"] for about in glossary.TERMS.values() if "equation" in about}
    there = set()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            there |= set(re.findall(r"\(eq-(\S+)\)", glossary.numbered("".join(cell["source"]), cell["id"])))
    assert named <= there


@pytest.mark.parametrize(
    ("file", "digest"),
    [
        ("popper.min.js", "c212f4b505a86352aed62b24a8f16f999f821ecbe6456c7f3c8a04bc87968782"),
        ("tippy-bundle.umd.min.js", "3f0fe70eb26ccf28f6887a192e29d38dd7ef7c2f079a73304ad42ddc7bed37de"),
    ],
)
def test_the_scripts_of_the_previews_are_those_that_were_published(file, digest):
    assert sha256((ROOT / "book" / "_static" / "previews" / file).read_bytes()) == digest
