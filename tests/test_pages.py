"""The pages of all notebooks, as readers see them in a browser, with no network.

Slow: run with ``-m slow``; what it needs stands in ``requirements-slow.txt``. The pages
are made of the outputs that the notebooks hold, so nothing is executed, and they are
opened as files, as readers open them.
"""

import functools
import shutil
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from tools import notebooks, pages

pytestmark = pytest.mark.slow
STEMS = [path.stem for path in notebooks.select()]
NAMES = ["index.html", "search.html", *(f"notebooks/{stem}.html" for stem in STEMS)]
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome"]
PHONE, DESKTOP = ({"width": w, "height": h} for w, h in [(360, 740), (1280, 800)])
WAIT_FOR_FORMULAS = """async () => {
  if (window.MathJax) await new Promise(done => MathJax.Hub.Queue(done));
}"""
FORMULAS = """() => [...document.querySelectorAll(".math.notranslate")]
  .filter(one => !one.querySelector(".MathJax") || one.querySelector(".merror"))
  .map(one => one.outerHTML.slice(0, 200))"""
WITHOUT_WORDS = """() => [...document.images]
  .filter(one => !one.alt.trim()).map(one => one.outerHTML.slice(0, 200))"""
UNSEEN = """() => [...document.images]
  .filter(one => one.loading != "lazy" && !one.naturalWidth).map(one => one.src)"""
# Axe takes minutes where there are thousands of words in colour: of each colour, the
# first is left to judge. The spans that MathJax draws with are not for readers.
THIN_OUT = """() => {
  const met = new Set();
  for (const word of document.querySelectorAll(".highlight span")) {
    if (met.has(word.className)) word.replaceWith(...word.childNodes);
    met.add(word.className);
  }
  document.querySelectorAll(".MathJax").forEach(one => one.remove());
}"""
AXE = """async () => {
  const found = await axe.run({preload: false, resultTypes: ["violations"]});
  return found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 200)}`));
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Make the pages of all notebooks; return their folder."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(notebooks.NOTEBOOKS, folder / "notebooks")
    assert pages.build(folder, folder / "html") == []
    return folder / "html"


@pytest.fixture(scope="module")
def browser():
    """Start a browser without a window, or skip."""
    why = "{} is not installed: see requirements-slow.txt"
    for name in ("axe_playwright_python", "playwright"):
        pytest.importorskip(name, reason=why.format(name.replace("_", "-")))
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = next(filter(None, map(shutil.which, [own, *BROWSERS])), None)
        if path is None:
            pytest.skip("no Chromium or Chrome is on the PATH")
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


def opened(browser, path, query="", **options):
    """Open a page and wait for its formulas; what it complains of is in `.troubles`."""
    page = browser.new_page(viewport=PHONE, offline=True, **options)
    page.troubles = []

    def console(message):
        if message.type == "error":
            page.troubles.append(f"console: {message.text}")

    def request(request):
        if urlsplit(request.url).scheme not in ("file", "data", "blob"):
            page.troubles.append(f"request: {request.url}")

    page.on("console", console)
    page.on("request", request)
    page.on("pageerror", lambda error: page.troubles.append(f"error: {error}"))
    page.goto(path.as_uri() + query)
    page.evaluate(WAIT_FOR_FORMULAS)
    return page


@pytest.fixture(scope="module", params=NAMES)
def page(request, browser, site):
    page = opened(browser, site / request.param)
    yield page
    page.close()


def axe_faults(page):
    """Return what axe-core finds serious or critical on a page."""
    from axe_playwright_python.base import AXE_SCRIPT

    page.evaluate(THIN_OUT)
    page.evaluate(AXE_SCRIPT)
    return page.evaluate(AXE)


def test_no_error_and_nothing_from_elsewhere(page):
    assert page.troubles == []


def test_every_picture_is_there_and_has_words(page):
    assert page.evaluate(WITHOUT_WORDS) == []
    assert page.evaluate(UNSEEN) == []


def test_formulas_are_set(page):
    assert page.evaluate(FORMULAS) == []


def test_a_phone_need_not_scroll_sideways(page):
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_serious(page, size):
    page.set_viewport_size(size)
    page.wait_for_timeout(500)  # the theme lets keys reach what scrolls, a bit later
    assert axe_faults(page) == []


def test_axe_finds_nothing_serious_in_the_dark(browser, site):
    page = opened(browser, site / NAMES[2], color_scheme="dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert axe_faults(page) == []


@pytest.mark.parametrize(
    ("words", "start"),
    [("broadcasting", "00"), ("cross-correlation", "01a"), ("beam search", "08a")],
)
def test_search_finds_the_notebook(browser, site, words, start):
    page = opened(browser, site / "index.html")
    page.keyboard.press("Control+k")  # or a touch on the magnifying glass
    page.fill("dialog input[name=q]", words)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    found = page.eval_on_selector_all(
        "#search-results li a", "all => all.map(a => a.href)"
    )
    assert any(f"/notebooks/{start}_" in address for address in found[:3]), found
    assert page.troubles == []


@functools.cache
def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def broken_links(path):
    """Return the links of a page that lead to no file, or to no place in it."""
    broken = []
    for link in soup(path).find_all("a", href=True):
        address = urlsplit(link["href"])
        if address.scheme or address.netloc:
            continue
        target = path
        if address.path:
            target = (path.parent / unquote(address.path)).resolve()
        place = unquote(address.fragment)
        if not target.is_file() or (
            place and target.suffix == ".html" and not soup(target).find(id=place)
        ):
            broken.append(link["href"])
    return broken


@pytest.mark.parametrize("name", NAMES)
def test_no_link_within_the_pages_is_broken(site, name):
    assert broken_links(site / name) == []


def test_next_and_previous_lead_through_the_course(site):
    def follow(path, title):
        yield path.relative_to(site).as_posix()
        link = soup(path).find("a", title=title)
        if link and link["href"] != "#":
            yield from follow((path.parent / link["href"]).resolve(), title)

    course = [name for name in NAMES if name != "search.html"]
    assert list(follow(site / course[0], "next page")) == course
    assert list(follow(site / course[-1], "previous page")) == course[::-1]


BAD = """<!DOCTYPE html><html lang="en"><title>Bad</title><body>
<script>console.error("oh"); undefined_function()</script>
<img src="https://pictures.example/x.png"><button></button>
<p style="color: #aaa; width: 500px">Pale and wide</p><a href="gone.html">Gone</a>
<a href="#nowhere">Nowhere</a><span class="math notranslate">x</span></body></html>"""


def test_each_fault_is_seen(browser, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text(BAD, encoding="utf-8")
    page = opened(browser, path)
    troubles = " ".join(page.troubles)
    for trouble in ("console: oh", "error: undefined_function", "request: https://pic"):
        assert trouble in troubles
    assert len(page.evaluate(WITHOUT_WORDS)) == len(page.evaluate(UNSEEN)) == 1
    assert len(page.evaluate(FORMULAS)) == 1
    assert page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]
    found = {fault.split(":")[0] for fault in axe_faults(page)}
    assert found == {"button-name", "color-contrast", "image-alt"}
    assert broken_links(path) == ["gone.html", "#nowhere"]
