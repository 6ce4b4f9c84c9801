"""How fast `framing serve` is with 10,000 paragraphs: opened, a code saved, and a key press to the next paragraph.

    python -m tests.benchmarks.coding [PARAGRAPHS]

Key presses are measured in Debian's Chromium, where it is installed: from the key's event until the next paragraph is
in the page, and until it is painted, while the codes are sent in the background.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from framing.codingstate import CodingState, Given
from tests.coding import Server, coding_folder, free_port

PRESSES = 100
PRESS = """
() => new Promise((resolve) => {
  const kicker = () => document.querySelector("#unit .kicker").textContent;
  const before = kicker(), start = performance.now();
  document.body.dispatchEvent(new KeyboardEvent("keydown", {code: "Digit1", key: "1", bubbles: true}));
  const there = kicker() === before ? null : performance.now() - start;
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve([there, performance.now() - start]);
    channel.port2.postMessage(null);
  });
})
"""


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as place:
        folder = coding_folder(Path(place) / "tea", count)
        half = [{"id": f"n{number // 2}#{(1, 3)[number % 2]}", "label": "none"} for number in range(count // 2)]
        for coder in ("ann", "bob"):
            (folder / "codes" / f"{coder}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in half))
        print(f"{count:,} paragraphs, {2 * len(half):,} codes of two coders")
        start, worked = time.perf_counter(), time.process_time()
        state = CodingState(folder)
        used = time.process_time() - worked
        print(f"folder read: {time.perf_counter() - start:.2f} s ({used:.2f} s of a processor)")
        times = []
        for number in range(50):
            start = time.perf_counter()
            state.save("ann", [Given(half[number]["id"], "broker", key=f"bench{number}")])
            times.append(time.perf_counter() - start)
        print(f"a code saved and synced: {_told(times)}")
        server = Server(folder, free_port()).start()
        try:
            start = time.perf_counter()
            with urllib.request.urlopen(f"{server.address}/code?coder=ann") as answer:
                answer.read()
            print(f"page made and sent: {time.perf_counter() - start:.2f} s")
            in_browser(server)
        finally:
            server.kill()


def in_browser(server: Server) -> None:
    """Print what a coder sees."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        print("no key presses: there is no Chromium (apt-get install chromium)")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(f"{server.address}/code?coder=ann")
        page.wait_for_selector("#paragraph")
        print(f"opened in the browser: {time.perf_counter() - start:.2f} s")
        page.wait_for_timeout(500)
        shown, painted, waited = [], [], 0
        for _ in range(PRESSES):
            there, drawn = page.evaluate(PRESS)
            if there is None:
                waited += 1
            else:
                shown.append(there / 1000)
            painted.append(drawn / 1000)
            page.wait_for_timeout(150)  # nobody presses faster
        print(f"key press to the next paragraph: {_told(shown)}; {waited} of {PRESSES} had to wait for the server")
        print(f"key press to its painting: {_told(painted)}")
        page.wait_for_timeout(1000)
        print(f"after it: {page.inner_text('#saved')}, {page.inner_text('#progress')}")
        browser.close()


def _told(seconds: list[float]) -> str:
    return f"median {1000 * statistics.median(seconds):.1f} ms, longest {1000 * max(seconds):.1f} ms"


if __name__ == "__main__":
    main()
