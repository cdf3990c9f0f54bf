"""The pages in a real browser: search, form, download, editor; by keyboard, on a phone, in the dark, without script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.pages.browsing import open_browser, opened, serious_faults
from tests.pages.names import await_names
from tests.service.client import Server


@pytest.fixture(scope="module", autouse=True)
def _named(site: Server) -> None:
    await_names(site)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with open_browser() as found:
        yield found


@pytest.fixture
def page(browser: Browser, site: Server) -> Iterator[Page]:
    """A page on a desk."""
    with opened(browser, site.address, viewport={"width": 1280, "height": 900}) as found:
        yield found


def test_a_name_is_completed_by_keyboard(page: Page) -> None:
    """Typed, chosen with the arrow keys, followed with Enter; who hears the page is told what is chosen."""
    page.goto("/")
    box = page.get_by_role("combobox")
    box.focus()
    page.keyboard.type("hepatocell")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    for _ in range(options.count()):
        page.keyboard.press("ArrowDown")
        chosen = page.locator("[role=option][aria-selected=true]")
        expect(box).to_have_attribute("aria-activedescendant", chosen.get_attribute("id") or "none")
        if chosen.inner_text().startswith("Carcinoma, Hepatocellular"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/concept/mesh:D006528*")


def test_the_list_is_closed_by_escape_and_enter_searches(page: Page) -> None:
    """Who chooses nothing searches for what is typed."""
    page.goto("/queries")
    box = page.get_by_role("combobox")
    box.focus()
    page.keyboard.type("everolimus")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("everolimus")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=everolimus")
    expect(page.get_by_role("heading", name="Drugs", exact=True)).to_be_visible()


def test_a_suggestion_is_chosen_with_the_mouse(page: Page) -> None:
    """One click leads to the page."""
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("NCT0107976")
    page.get_by_role("option", name="NCT01079767").click()
    page.wait_for_url("**/study/NCT01079767*")


def test_a_form_is_filled_by_completion_and_answered(page: Page) -> None:
    """The chosen name stands in the field; rows follow, with what the name was taken for."""
    page.goto("/queries/trials-by-drug")
    box = page.locator("#field-drug")
    box.press_sequentially("rad00")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_contain_text("Everolimus")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Everolimus")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("taken for Everolimus")).to_be_visible()
    assert page.locator("table.answer tbody tr").count() > 3


def test_nothing_is_chosen_from_the_list_of_a_text_typed_before(page: Page) -> None:
    """While the new list is on its way, an arrow key waits for it and Enter chooses nothing of the old one."""
    held: list[Route] = []
    page.goto("/queries/trials-by-drug")
    box = page.locator("#field-drug")
    box.press_sequentially("rad")
    expect(page.get_by_role("option").first).to_contain_text("Radiotherapy")
    page.route("**/complete?q=rad00*", lambda route: held.append(route))  # noqa: PLW0108 -- a built-in method takes no mark of its own
    with page.expect_request("**/complete?q=rad00*"):
        box.press_sequentially("00")
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_count(0)
    while held:
        held.pop(0).continue_()
    expect(page.get_by_role("option", selected=True)).to_contain_text("Everolimus")


def test_rows_are_downloaded(page: Page, tmp_path: Path) -> None:
    """All of them, in a file that has the query's name."""
    page.goto("/queries/trials-by-drug?drug=everolimus&limit=2")
    total = int(page.locator("#answer").inner_text().split()[0])
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    assert waiting.value.suggested_filename == "trials-by-drug.csv"
    waiting.value.save_as(tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8").count("clinicaltrials.gov/study/NCT") == total > 2


def test_a_wrong_name_is_mended_with_a_click(page: Page) -> None:
    """The near name asks again."""
    page.goto("/queries/trials-by-drug?drug=kverolimus")
    page.get_by_role("link", name="Everolimus").click()
    expect(page.get_by_text("taken for Everolimus")).to_be_visible()


def rows_of_editor(page: Page) -> int:
    """Asks what stands in the editor; the number of rows that it shows."""
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=" ms.")).to_be_visible()
    return page.locator("#answer table tbody tr").count()


def test_the_editor_answers_a_saved_query(page: Page) -> None:
    """Chosen from the list, asked, shown; the address keeps the query for who it is sent to."""
    page.goto("/editor")
    choices = page.get_by_label("Start from")
    expect(choices).to_be_visible()
    choices.select_option(label="Which trials give a drug, and as what?")
    rows = rows_of_editor(page)
    assert rows > 3
    page.reload()
    expect(page.locator("#editing")).to_contain_text("tg:intervention")
    assert rows_of_editor(page) == rows


def test_a_form_opens_in_the_editor(page: Page) -> None:
    """With its values: the same rows."""
    page.goto("/queries/trials-by-drug?drug=everolimus")
    rows = page.locator("table.answer tbody tr").count()
    page.get_by_text("The SPARQL").click()
    page.get_by_role("link", name="Open in the editor").click()
    page.wait_for_url("**/editor?query=*")
    assert rows_of_editor(page) == rows


def test_the_editor_shows_why_there_is_no_answer(page: Page) -> None:
    """In the service's words."""
    page.goto(
        "/editor?query=SELECT+*+WHERE+%7B+SERVICE+%3Chttp%3A%2F%2Felsewhere.example%2F%3E+%7B+%3Fs+%3Fp+%3Fo+%7D+%7D"
    )
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#answer").get_by_text("SERVICE is refused").first).to_be_visible()


def test_the_editor_is_used_by_keyboard(page: Page) -> None:
    """Ctrl+Enter asks; Escape and Tab lead on."""
    page.goto("/editor?query=SELECT+*+WHERE+%7B+%3Fs+%3Fp+%3Fo+%7D+LIMIT+3")
    page.locator("#editing textarea").focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="3 rows")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") in ("A", "BUTTON")


def test_properties_are_completed_in_the_editor(page: Page) -> None:
    """From our vocabulary; nobody else is asked, which `page` watches."""
    page.goto("/editor")
    page.locator("#editing .CodeMirror").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("PREFIX tg: <https://w3id.org/trialgraph/vocab#>\nSELECT * WHERE { ?s tg:overallSt")
    page.keyboard.press("Control+Space")
    expect(page.locator("#editing")).to_contain_text("tg:overallStatus")


#: One page of each kind.
PAGES = (
    "/",
    "/search?q=cancer",
    "/search?q=kverolimus",
    "/queries",
    "/queries/trials-by-drug?drug=everolimus",
    "/queries/trials-by-drug?drug=kverolimus",
    "/queries/terminated-mtor-inhibitor-hcc-trials",
    "/why/NCT00355862/terminated-mtor-inhibitor-hcc-trials",
    "/editor",
    "/study/NCT01079767.html",
    "/concept/mesh:D006528.html",
    "/class/mTORInhibitor.html",
    "/vocab.html",
    "/dataset",
    "/no/such/page",
)


@pytest.mark.parametrize("path", PAGES)
def test_nobody_is_kept_from_a_page(browser: Browser, site: Server, path: str) -> None:
    """axe-core finds nothing serious, in light and dark; dark is dark, and a phone need not scroll sideways."""
    for scheme, width in (("light", 1280), ("dark", 390)):
        with opened(browser, site.address, color_scheme=scheme, viewport={"width": width, "height": 844}) as page:
            page.goto(path)
            page.wait_for_load_state("networkidle")
            assert page.title().endswith("· trialgraph")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
            assert (sum(ground) < 200) == (scheme == "dark"), ground
            assert serious_faults(page) == []


def test_search_and_forms_need_no_script(browser: Browser, site: Server) -> None:
    """Everything but completion and the editor's comforts works without."""
    with opened(browser, site.address, java_script_enabled=False) as page:
        page.goto("/")
        page.get_by_role("searchbox").fill("everolimus")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("link", name="Everolimus", exact=True)).to_be_visible()
        page.goto("/queries/trials-by-drug")
        page.locator("#field-drug").fill("everolimus")
        page.get_by_role("button", name="Ask").click()
        expect(page.get_by_text("taken for Everolimus")).to_be_visible()
        page.goto("/editor?query=ASK+%7B%7D")
        expect(page.get_by_label("Query")).to_have_value("ASK {}")
