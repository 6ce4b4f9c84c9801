"""The pages in a real browser: coding by keyboard, two coders, kills in the middle, disputes, reading, axe-core."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from framing.labelfiles import load_labels
from tests.browser import axe_violations, chromium, needs_axe, needs_chromium, watched
from tests.coding import HOSTILE, Server, Threaded, coding_folder, free_port, holding, log_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page, Route

FRAMES = ("broker", "obstacle", "none")
ARTICLE = (
    "In return for its soldiers Russia obtained a lease on the base, which suits the Kremlin well.\n\nShare this page"
)

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Threaded]:
    """A server whose folder has codes and disputes; tests do not change it."""
    folder = coding_folder(tmp_path_factory.mktemp("shared") / "tea", 30, hostile=True)
    with Threaded(folder) as started:
        yield started


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(coding_folder(tmp_path / "tea", 30), free_port()).start()
    yield started
    started.kill()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Threaded]:
    """A server that no test kills."""
    with Threaded(coding_folder(tmp_path / "tea", 30)) as started:
        yield started


Opener = Callable[..., "Page"]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Open pages that fail the test when a script fails, or a policy is broken."""
    contexts, faults = [], list[str]()

    def open_page(address: str, *, context: Any = None, **options: Any) -> Page:
        own = context or browser.new_context(**({"viewport": {"width": 1280, "height": 820}} | options))
        if context is None:
            contexts.append(own)
        page = own.new_page()
        page.set_default_timeout(10_000)
        watched(page, faults, "http://127.0.0.1:")
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def code_page(server: Server | Threaded, coder: str = "ann") -> str:
    return f"{server.address}/code?coder={coder}"


def wait(page: Page, condition: str) -> None:
    """Wait until a condition holds; Playwright's own way of waiting needs an eval, which the policy forbids."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(40)
    raise AssertionError(f"{condition} never held: {page.inner_text('body')[:600]}")


def saved(page: Page) -> None:
    """Wait until the page says that all is saved."""
    wait(page, "document.getElementById('saved').textContent === '✓ saved'")


def shows(page: Page, heading: str) -> None:
    """Wait until a paragraph is on the screen."""
    page.locator("#unit .kicker", has_text=re.compile(rf"^{heading}\b")).wait_for()


def unit_ids(folder: Path) -> list[str]:
    return [unit.id for unit in load_labels(folder).units]


def test_thirty_paragraphs_by_keyboard_with_undo_skip_comment_and_second_frame(quick: Threaded, opened: Opener) -> None:
    page = opened(code_page(quick))
    wanted: dict[str, str | None] = {}
    for number, unit in enumerate(unit_ids(quick.folder)):
        shows(page, f"{number + 1} of 30")
        if number == 4:
            page.keyboard.press("s")
            wanted[unit] = None
            continue
        if number == 7:  # a slip, undone
            page.keyboard.press(str((number + 1) % 3 + 1))
            saved(page)
            page.keyboard.press("z")
            wait(page, "document.getElementById('last').textContent.startsWith('Undone')")
            shows(page, "8 of 30")
        if number == 9:
            page.keyboard.press(f"Shift+Digit{(number + 1) % 3 + 1}")
            page.keyboard.press("u")
            page.keyboard.press("c")
            page.keyboard.type("1 or 2? u and s are only letters here")
            page.keyboard.press("Escape")
        page.keyboard.press(str(number % 3 + 1))
        wanted[unit] = FRAMES[number % 3]
    saved(page)
    assert "30 of 30 coded" in page.inner_text("#progress")
    assert "Every paragraph of your part is coded" in page.inner_text("#last") or wanted
    assert holding(quick.folder, "ann") == wanted
    tenth = load_labels(quick.folder).codes["ann"][unit_ids(quick.folder)[9]]
    assert (tenth.secondary, tenth.sure, tenth.comment) == ("obstacle", False, "1 or 2? u and s are only letters here")

    page.keyboard.press("ArrowLeft")
    shows(page, "29 of 30")
    assert page.get_attribute(f"button[data-label={FRAMES[28 % 3]}]", "aria-pressed") == "true"
    page.keyboard.press("c")
    page.keyboard.type("On second thoughts.")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    saved(page)
    assert log_of(quick.folder, "ann")[-1]["comment"] == "On second thoughts."
    assert holding(quick.folder, "ann") == wanted


def test_a_key_shows_the_next_paragraph_before_the_server_has_answered(quick: Threaded, opened: Opener) -> None:
    page = opened(code_page(quick))
    page.wait_for_timeout(300)
    held: list[Route] = []
    page.route("**/api/codes", lambda route: held.append(route))
    page.keyboard.press("1")
    shows(page, "2 of 30")
    assert page.inner_text("#saved") == "saving …"
    held[0].continue_()
    saved(page)
    assert len(log_of(quick.folder, "ann")) == 1


def test_two_coders_at_once_and_their_agreement(quick: Threaded, opened: Opener) -> None:
    ann, bob = opened(code_page(quick, "ann")), opened(code_page(quick, "bob"))
    for number in range(6):
        for page, key in ((ann, "1"), (bob, "2" if number == 3 else "1")):
            shows(page, f"{number + 1} of 30")
            page.keyboard.press(key)
    saved(ann)
    saved(bob)
    assert list(holding(quick.folder, "ann").values()) == ["broker"] * 6
    assert list(holding(quick.folder, "bob").values()).count("obstacle") == 1
    wait(ann, "document.getElementById('progress').textContent.includes('agreement so far 83 % of 6')")


def test_two_windows_of_one_coder_see_each_other_and_the_later_code_holds(quick: Threaded, opened: Opener) -> None:
    one = opened(code_page(quick))
    two = opened(code_page(quick), context=one.context)
    one.keyboard.press("1")
    saved(one)
    wait(two, "document.getElementById('last').textContent.includes('in another window: Broker')")
    assert two.get_attribute("button[data-label=broker]", "aria-pressed") == "true"
    two.keyboard.press("3")
    saved(two)
    assert list(holding(quick.folder, "ann").values()) == ["none"]
    assert two.inner_text("#unit .kicker").startswith("2 of 30")


def test_killed_in_the_middle_the_page_says_so_keeps_the_codes_and_sends_them_again(
    server: Server, opened: Opener
) -> None:
    page = opened(code_page(server))
    page.wait_for_timeout(300)
    page.keyboard.press("1")
    saved(page)
    server.kill()
    page.keyboard.press("2")
    page.keyboard.press("3")
    wait(page, "!document.getElementById('failure').hidden")
    assert "NOT SAVED: the server does not answer. 2 changes are kept in this page" in page.inner_text("#failure")
    assert page.inner_text("#saved") == "not saved"
    asked = list[str]()

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("setTimeout(() => location.reload(), 0)")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.is_visible("text=Try now")
    server.start()
    saved(page)
    assert page.is_hidden("#failure")
    assert list(holding(server.folder, "ann").values()) == ["broker", "obstacle", "none"]
    assert len(log_of(server.folder, "ann")) == 3


def test_a_browser_that_dies_before_all_is_saved_sends_it_when_it_is_back(server: Server, opened: Opener) -> None:
    page = opened(code_page(server))
    page.wait_for_timeout(300)
    server.kill()
    page.keyboard.press("2")
    wait(page, "!document.getElementById('failure').hidden")
    page.close(run_before_unload=False)
    server.start()
    again = opened(code_page(server), context=page.context)
    saved(again)
    assert list(holding(server.folder, "ann").values()) == ["obstacle"]


def test_a_code_that_is_refused_is_told_and_can_be_taken_back(quick: Threaded, opened: Opener) -> None:
    page = opened(code_page(quick))
    page.keyboard.press("1")
    saved(page)
    book = quick.folder / "codebook.toml"
    book.write_text(book.read_text().replace("only named", "barely named"))
    page.keyboard.press("1")
    wait(page, "document.getElementById('failure').textContent.includes('raise version to 2')")
    page.click("text=Take back the code of 2")
    shows(page, "2 of 30")
    assert page.is_hidden("#failure")
    assert len(log_of(quick.folder, "ann")) == 1


def test_rules_that_change_under_a_page_are_told_and_its_codes_keep_their_version(
    quick: Threaded, opened: Opener
) -> None:
    page = opened(code_page(quick))
    book = quick.folder / "codebook.toml"
    book.write_text(book.read_text().replace("only named", "barely named").replace("version = 1", "version = 2"))
    page.keyboard.press("1")
    saved(page)
    assert page.is_visible("#changed")
    with page.expect_navigation():  # until its script has run
        page.click("text=Load it again")
    page.wait_for_selector("text=barely named")
    assert page.is_hidden("#changed")
    page.keyboard.press("1")
    saved(page)
    assert [row["codebook_version"] for row in log_of(quick.folder, "ann")] == [1, 2]


def test_a_paragraph_stays_on_the_screen_when_others_are_put_before_it(quick: Threaded, opened: Opener) -> None:
    page = opened(code_page(quick))
    page.keyboard.press("1")
    shows(page, "2 of 30")
    saved(page)
    shown, second = page.inner_text("#paragraph"), unit_ids(quick.folder)[1]
    file = quick.folder / "paragraphs.jsonl"
    first = json.loads(file.read_text().splitlines()[0])
    file.write_text(file.read_text() + json.dumps(first | {"id": "new", "rank": 0}) + "\n")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    wait(page, "!document.getElementById('changed').hidden")
    page.wait_for_timeout(300)
    assert page.inner_text("#paragraph") == shown
    page.keyboard.press("2")
    saved(page)
    assert log_of(quick.folder, "ann")[-1]["id"] == second


def test_a_dispute_is_decided_by_keyboard(quick: Threaded, opened: Opener) -> None:
    for coder, key in (("ann", "1"), ("bob", "2")):
        page = opened(code_page(quick, coder))
        page.keyboard.press(key)
        shows(page, "2 of 30")
        page.keyboard.press(key)
        shows(page, "3 of 30")
        saved(page)
    page = opened(f"{quick.address}/adjudicate")
    page.keyboard.press("1")
    page.keyboard.press("c")
    page.keyboard.type("Rule 3: it brings them together.")
    page.keyboard.press("Tab")
    page.keyboard.type("eve")
    page.keyboard.press("Control+Enter")
    shows(page, "1 of 1")
    wait(page, "document.getElementById('adjudicator').value === 'eve'")
    assert page.input_value("#reason") == ""
    page.keyboard.press("s")
    page.keyboard.press("c")
    page.keyboard.type("Neither.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Nothing is in dispute")
    first, second = log_of(quick.folder, "adjudicated")
    assert (first["label"], first["reason"], first["adjudicator"]) == (
        "broker",
        "Rule 3: it brings them together.",
        "eve",
    )
    assert (second["label"], second["reason"]) == (None, "Neither.")


def test_an_article_is_read_with_its_evidence_and_what_was_left_out(shared: Threaded, opened: Opener) -> None:
    page = opened(f"{shared.address}/read")
    page.fill("#text", ARTICLE)
    page.click("text=Read it")
    page.wait_for_selector("mark")
    assert "Opportunist" in page.inner_text("main")
    assert page.locator(".leftout").count() == 1
    with page.expect_download() as download:
        page.click("text=CSV")
    assert "opportunist" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.goto(f"{shared.address}/read")
    page.set_input_files("#file", Path(__file__).parent / "example" / "article.html")
    page.wait_for_selector("text=After the talks, the same road")
    page.goto(f"{shared.address}/read")
    page.evaluate(
        """text => {
            const dragged = new DataTransfer();
            dragged.items.add(new File([text], "dropped.txt"));
            const event = new DragEvent("drop", {dataTransfer: dragged, bubbles: true, cancelable: true});
            document.getElementById("text").dispatchEvent(event);
        }""",
        ARTICLE,
    )
    page.wait_for_selector("mark")
    assert "/read/" in page.url


@pytest.fixture(scope="module")
def addresses(shared: Threaded) -> tuple[str, ...]:
    """Every page: a paragraph with and without a code, a dispute, an article that was read."""
    for coder, label in (("ann", "broker"), ("bob", "obstacle")):
        posted(shared, "/api/codes", {"coder": coder, "codes": [{"unit": "n0#1", "label": label, "comment": HOSTILE}]})
    headers = {"origin": shared.address, "x-name": "a.txt", "content-type": "application/octet-stream"}
    read = urllib.request.Request(f"{shared.address}/read", f"{ARTICLE} {HOSTILE}".encode(), headers)
    with urllib.request.urlopen(read, timeout=30) as answer:
        article = json.load(answer)["address"]
    return "/", "/code?coder=ann", "/code?coder=ann&position=0", "/adjudicate", "/read", article, "/compare", "/train"


def posted(server: Threaded, path: str, values: object) -> None:
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(server.address + path, json.dumps(values).encode(), headers)
    urllib.request.urlopen(request, timeout=30).close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_fits_its_window_and_runs_nothing_foreign(
    shared: Threaded, opened: Opener, addresses: tuple[str, ...], scheme: str, width: int
) -> None:
    page = opened(shared.address, color_scheme=scheme, viewport={"width": width, "height": 760})
    for path in addresses:
        page.goto(shared.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("window.hit") is None
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (int(paper.split("(")[1].split(",")[0]) < 128) is (scheme == "dark")


@needs_axe
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_is_accessible(
    shared: Threaded, opened: Opener, addresses: tuple[str, ...], scheme: str, width: int
) -> None:
    page = opened(shared.address, color_scheme=scheme, viewport={"width": width, "height": 760})
    for path in addresses:
        page.goto(shared.address + path)
        for summary in page.locator("#rules summary").all():
            summary.click()
        assert axe_violations(page) == [], path


def test_all_of_it_can_be_reached_with_tab_and_the_focus_is_seen(shared: Threaded, opened: Opener) -> None:
    page = opened(code_page(shared))
    reached = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(40):
        page.keyboard.press("Tab")
        what = page.evaluate(
            """() => { const on = document.activeElement, style = getComputedStyle(on);
            return [on.id || on.dataset.label || on.className || on.textContent.trim(),
                    style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0]; }"""
        )
        reached.append(what[0])
        if page.evaluate("document.activeElement !== document.body"):
            assert what[1], f"the focus on {what[0]} is not seen"
    assert {"skip", "context", "broker", "obstacle", "none", "unsure", "undo", "comment", "back", "help"} <= set(
        reached
    )
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")
    assert page.is_hidden("#keys")
