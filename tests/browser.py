"""Debian's Chromium (or that of FRAMING_CHROMIUM), driven by Playwright, and axe-core (the file that AXE names).

What is missing is skipped by the tests that need it, and listed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_CHROMIUM = os.environ.get("FRAMING_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
_AXE = Path(os.environ.get("AXE") or "node_modules/axe-core/axe.min.js")
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

needs_chromium = pytest.mark.skipif(_CHROMIUM is None, reason="there is no Chromium (apt-get install chromium)")
needs_axe = pytest.mark.skipif(
    not _AXE.is_file(), reason=f"axe-core is not at {_AXE} (npm install axe-core, or name axe.min.js with AXE)"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser, and end it."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def watched(page: Page, faults: list[str], own: str) -> None:
    """Gather what goes wrong in a page: errors, complaints of the policy, dialogs, requests to elsewhere than `own`."""

    def asked(url: str) -> None:
        if not url.startswith((own, "data:", f"blob:{own}")):
            faults.append(f"asked for {url}")

    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: asked(request.url))
    page.on(
        "console",
        # A server that was killed, or refused a code, is told by the page itself.
        lambda message: None if "Failed to load resource" in message.text else faults.append(message.text),
    )


def axe_violations(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA and good practice, each with the first places."""
    page.evaluate(_AXE.read_text(encoding="utf-8"))  # a page's own policy lets no script in; the debugger does
    found: list[str] = page.evaluate(
        """rules => axe.run({runOnly: rules, resultTypes: ["violations"]}).then(run => run.violations.map(one =>
            one.id + ": " + one.nodes.slice(0, 3).map(node => node.html.slice(0, 150)).join(" | ")))""",
        list(_RULES),
    )
    return found
