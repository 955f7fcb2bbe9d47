"""The book's pages and those of `make course` in a real browser: seen, heard, and reached by keys, by everybody."""

import pytest
from axe import SCRIPT, findings
from browser import CHROMIUM, chromium, served

from vcemo_lib.course.notebook.reading import read_notebook
from vcemo_lib.course.pages.html import html_page
from vcemo_lib.paths import ROOT

SITE = ROOT / "site" / "html"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = [
    "index.html",
    "glossary.html",
    "readings.html",
    "paper_map.html",
    "search.html",
    "teaching.html",
    "teaching/09.html",
    "api/models.html",
]
PAGES += [f"notebooks/{path.stem}.html" for path in NOTEBOOKS]
WIDTHS = pytest.mark.parametrize("width", [1280, 390])
SEEN = """({
  broken: [...document.images].filter(i => i.loading !== 'lazy' && i.complete && !i.naturalWidth).map(i => i.src.slice(0, 80)),
  wordless: [...document.images].filter(i => !i.alt && !i.closest('[aria-hidden]')).map(i => i.src.slice(0, 80)),
  overflow: document.documentElement.scrollWidth - window.innerWidth,
})"""
PLAY = """(async () => { const sound = document.querySelector('audio'); await sound.play();
  await new Promise(done => setTimeout(done, 300)); return sound.currentTime; })()"""
SHRUNK = """(() => { const all = [...document.querySelectorAll('article img, main img')];
  all.forEach(i => i.loading = 'eager');
  return Promise.all(all.map(i => i.decode())).then(() => all.filter(i => i.clientWidth < i.naturalWidth).map(i => i.alt)); })()"""
FOCUS = """(() => { const e = document.activeElement;
  return [e.tagName, e.getAttribute('aria-label') || e.textContent, e.className].join(' ').trim().slice(0, 60); })()"""

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: pages are not opened"),
    pytest.mark.xdist_group("browser"),
]
built = pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the book is not built: 'make book' first")
judged = pytest.mark.skipif(not SCRIPT, reason="axe-core is not installed: 'make book' first")


@pytest.fixture(scope="module")
def tab():
    with chromium() as tab:
        yield tab


@pytest.fixture(scope="module")
def book():
    with served(SITE) as home:
        yield home


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The pages that `make course` writes, of the committed outputs."""
    folder = tmp_path_factory.mktemp("pages")
    for path in NOTEBOOKS:
        page = html_page(read_notebook(path), path.stem, path.parent, folder)
        (folder / f"{path.stem}.html").write_text(page, encoding="utf-8")
    with served(folder) as home:
        yield home


@built
@WIDTHS
def test_pages_open_without_an_error_and_fetch_nothing(tab, book, width):
    tab.resize(width)
    for page in PAGES:
        tab.visit(book + page)
        seen = tab.ask(SEEN)
        assert (tab.errors(), tab.asked_elsewhere(book)) == ([], []), page
        assert (seen["broken"], seen["wordless"]) == ([], []), page
        assert seen["overflow"] <= 2, f"{page} is wider than {width} px"


@built
@judged
@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_axe_finds_nothing_in_the_book(tab, book, width, theme):
    tab.resize(width)
    tab.visit(book)
    tab.ask(f"localStorage.setItem('mode', '{theme}'), localStorage.setItem('theme', '{theme}')")
    for page in PAGES:
        tab.visit(book + page)
        assert tab.ask("document.documentElement.dataset.theme") == theme
        assert findings(tab) == [], page


@judged
@WIDTHS
def test_axe_finds_nothing_in_the_pages_of_the_course(tab, course, width):
    tab.resize(width)
    for path in NOTEBOOKS:
        tab.visit(f"{course}{path.stem}.html")
        assert findings(tab) == [], path.stem


@built
def test_pictures_keep_their_size_on_a_phone(tab, book, course):
    tab.resize(390)
    for path in NOTEBOOKS:
        for page in (f"{book}notebooks/{path.stem}.html", f"{course}{path.stem}.html"):
            tab.visit(page)
            assert tab.ask(SHRUNK) == [], page
            assert tab.ask(SEEN)["overflow"] <= 2, page


def test_the_judge_finds_what_is_there(tab, tmp_path):
    if not SCRIPT:
        pytest.skip("axe-core is not installed: 'make book' first")
    (tmp_path / "bad.html").write_text("<img src='a.png'><table><tr><th></th><td>1</td></tr></table>")
    with served(tmp_path) as home:
        tab.visit(home + "bad.html")
        assert {"image-alt", "empty-table-header", "html-has-lang"} <= {
            line.partition(":")[0] for line in findings(tab)
        }


@built
def test_a_sound_plays(tab, book):
    tab.resize(1280)
    tab.visit(f"{book}notebooks/02_from_air_to_log_mel.html")
    assert tab.ask(PLAY) > 0.1


@built
def test_keys_reach_search_contents_players_and_folds(tab, book):
    tab.resize(1280)
    tab.visit(f"{book}notebooks/02_from_air_to_log_mel.html")
    reached = set()
    for _ in range(60):
        tab.press("Tab", 9)
        reached.add(tab.ask(FOCUS))
    for what in ("Skip to main content", "Search", "03 · From speech to text", "AUDIO", "SUMMARY", "Copy to clipboard"):
        assert any(what in name for name in reached), f"no key leads to {what}"


@built
@pytest.mark.parametrize(
    ("page", "link", "shown"),
    [
        ("notebooks/10_supcon_moco.html", "glossary.html#term-InfoNCE", "A contrastive loss"),
        ("notebooks/04_augmentation.html", "glossary.html#term-SNR", "Signal-to-noise ratio"),
        ("notebooks/09_co_attention.html", "readings.html#term-A12", "We take"),
        ("paper_map.html", "10_supcon_moco.html#equation-eq-c10-formula", None),
    ],
)
def test_a_term_and_an_equation_are_shown_under_the_pointer(tab, book, page, link, shown):
    tab.resize(1280)
    tab.visit(book + page)
    tab.ask(f"document.querySelector('article a[href*=\"{link}\"]').dispatchEvent(new MouseEvent('mouseenter'))")
    tab.until("document.querySelector('.tippy-box') !== null", 5)
    if shown:
        assert shown in tab.ask("document.querySelector('.tippy-box').textContent")
    else:
        tab.until("document.querySelector('.tippy-box mjx-container') !== null", 10)
    assert tab.asked_elsewhere(book) == []
