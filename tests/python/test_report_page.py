"""The page in a real browser: Chromium, headless, at a phone's and at a desktop's width."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from report_files import made_fixture  # noqa: F401

from orrery.report import write_report

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("altair")

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("there is no Chromium here (Debian: chromium)", allow_module_level=True)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
SCREENSHOTS = os.environ.get("ORRERY_SCREENSHOTS")  # a folder, for people to look


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def pages(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    return {
        "plain": write_report(made["plain"], folder / "plain.html"),
        "grouped": write_report(made["grouped"], folder / "grouped.html"),
        "versus": write_report(
            [made["plain"], made["other"]], folder / "versus.html", metrics=["node_crashes"]
        ),
    }


class Visit:
    """A page that is open, with all that went wrong on it."""

    def __init__(self, browser, path, width=1440, scheme="light", **options):
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **options
        )
        self.page = self.context.new_page()
        self.problems = []
        self.requests = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.address = Path(path).as_uri()
        self.page.goto(self.address)

    def _heard(self, message):
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def __enter__(self):
        return self.page

    def __exit__(self, *_):
        self.context.close()

    def assert_clean(self):
        assert self.problems == []
        others = [url for url in self.requests if not url.startswith(("data:", "blob:"))]
        assert others == [self.address]


@pytest.mark.parametrize("name", ["plain", "grouped", "versus"])
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_draws_every_chart_and_asks_nobody(browser, pages, name, width, scheme):
    visit = Visit(browser, pages[name], width, scheme)
    with visit as page:
        page.evaluate("orreryReport.drawAll()")
        figures = page.evaluate("orreryReport.figures")
        assert len(figures) >= 5
        for figure in figures:
            element = page.locator(f"[id='{figure}']")
            if element.get_attribute("hidden") is None:
                assert element.locator(".chart svg .mark-group path").count() > 0, figure
        if SCREENSHOTS:
            page.screenshot(path=f"{SCREENSHOTS}/{name}-{width}-{scheme}.png", full_page=True)
        # Nothing is wider than the window, but for tables that scroll within themselves.
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        wide = page.evaluate(
            """() => [...document.querySelectorAll("main *")].filter((e) =>
                 e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, pre, svg")
               ).map((e) => e.outerHTML.slice(0, 100))"""
        )
        assert wide == []
    visit.assert_clean()


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser, pages, width, scheme):
    """With everything that can be opened open, where that can differ."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with Visit(browser, pages["grouped"], width, scheme) as page:
        page.evaluate("orreryReport.drawAll()")
        if (width, scheme) in ((360, "dark"), (1440, "light")):
            for details in page.locator("details").all():
                details.evaluate("e => { e.open = true }")
        found = axe.Axe().run(page).response["violations"]
        told = [(v["impact"], v["id"], v["nodes"][0]["html"][:200]) for v in found]
        assert told == []


def test_charts_are_drawn_when_they_come_into_view(browser, pages):
    with Visit(browser, pages["grouped"]) as page:
        page.wait_for_selector("figure[data-drawn]")
        drawn = page.locator("figure[data-drawn]").count()
        assert drawn < len(page.evaluate("orreryReport.figures"))
        page.locator("#provenance").scroll_into_view_if_needed()
        last = page.locator("figure").last
        last.scroll_into_view_if_needed()
        playwright.expect(last).to_have_attribute("data-drawn", "light|light")


def test_switches_cases(browser, pages):
    visit = Visit(browser, pages["grouped"])
    with visit as page:
        table = page.locator("#table-waiting_seconds_mean tbody:visible")
        figure = page.locator("#ranking-waiting_seconds_mean")
        before = table.inner_text()
        page.get_by_label("Case", exact=True).select_option("heavy")
        assert table.count() == 1 and table.inner_text() != before
        figure.scroll_into_view_if_needed()
        playwright.expect(figure).to_have_attribute("data-drawn", "heavy|light")
        page.get_by_label("Next case").click()
        playwright.expect(figure).to_have_attribute("data-drawn", "light|light")
        assert table.inner_text() == before
    visit.assert_clean()


def test_switches_between_light_and_dark_and_remembers(browser, pages):
    visit = Visit(browser, pages["plain"])
    with visit as page:
        button = page.get_by_role("button", name="Dark theme")
        assert button.get_attribute("aria-pressed") == "false"
        ground = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(ground)
        button.click()
        assert page.evaluate(ground) != light
        assert button.get_attribute("aria-pressed") == "true"
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_saves_charts(browser, pages, tmp_path):
    visit = Visit(browser, pages["plain"])
    with visit as page:
        figure = page.locator("#paired-waiting_seconds_mean")
        for kind, begins in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
            with page.expect_download() as waiting:
                figure.get_by_role("button", name=f"as {kind}").click()
            path = tmp_path / waiting.value.suggested_filename
            waiting.value.save_as(path)
            assert path.name == f"paired-waiting_seconds_mean.{kind.lower()}"
            assert path.read_bytes().startswith(begins) and path.stat().st_size > 2000
    assert visit.problems == []


def test_saves_the_document(browser, pages, tmp_path):
    with Visit(browser, pages["plain"]) as page:
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Save plain.json").click()
        waiting.value.save_as(tmp_path / "plain.json")
        assert '"name": "plain"' in (tmp_path / "plain.json").read_text(encoding="utf-8")


def test_copies_tables(browser, pages):
    options = {"permissions": ["clipboard-read", "clipboard-write"]}
    with Visit(browser, pages["plain"], **options) as page:
        table = page.locator(".table", has=page.locator("#table-cost_per_pod"))
        table.get_by_role("button", name="Copy Markdown").click()
        playwright.expect(page.get_by_role("status")).to_have_text("Copied as Markdown")
        text = page.evaluate("navigator.clipboard.readText()")
        lines = text.splitlines()
        assert lines[0].startswith("| rank | variant |") and len(lines) == 5
        table.get_by_role("button", name="Copy LaTeX").click()
        playwright.expect(page.get_by_role("status")).to_have_text("Copied as LaTeX")
        text = page.evaluate("navigator.clipboard.readText()")
        assert "\\toprule" in text and text.count("\\\\") == 4 and "95 \\%" in text


def test_works_with_the_keyboard(browser, pages):
    with Visit(browser, pages["grouped"]) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")
        seen = set()
        for _ in range(12):
            page.keyboard.press("Tab")
            seen.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        assert "group" in seen and "BUTTON" in seen


def test_every_chart_has_its_data_as_a_table(browser, pages):
    with Visit(browser, pages["plain"]) as page:
        page.evaluate("orreryReport.drawAll()")
        for figure in page.locator("figure:visible").all():
            chart = figure.get_by_role("img")
            assert len(chart.get_attribute("aria-label")) > 40
            figure.locator("summary").click()
            # Browsers tell of an opened element a moment later, and the table is made then.
            playwright.expect(figure.locator("details table tbody tr").first).to_be_visible()
