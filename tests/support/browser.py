"""A page in a real browser: what it says of itself once it is loaded."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

#: Written into a copy of the page: it looks at the pictures when all is loaded, in dark and light.
PROBE = """
<script>
window.addEventListener("error", (e) => errors.push(String(e.message || e.target.tagName)), true);
const errors = [];
window.addEventListener("load", () => {
  const seen = {
    images: [...document.images].map((i) => [i.naturalWidth, i.naturalHeight, i.alt]),
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    links: [...document.querySelectorAll("nav a")].map((a) => a.getAttribute("href").slice(0, 40)),
    ids: [...document.querySelectorAll("section")].map((s) => s.id),
    requests: performance.getEntriesByType("resource").map((r) => r.name.slice(0, 60)),
    background: getComputedStyle(document.body).backgroundColor,
    errors: errors,
  };
  document.body.setAttribute("data-seen", JSON.stringify(seen));
});
</script>
"""


@dataclass(frozen=True)
class Seen:
    """What a browser found.

    Attributes
    ----------
    page : what the page found of itself: images, links, requests, errors.
    console : lines that it wrote to the console.
    """

    page: dict
    console: list[str]


def browser() -> str:
    """The browser of this computer, without which a test is skipped."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    pytest.skip(f"there is no browser here to open the page with; install {NAMES[0]}")


def open_page(page: Path, folder: Path, *options: str) -> Seen:
    """Open a copy of a page without a window, and with no way to the network."""
    copy = folder / f"probed-{page.name}"
    text = page.read_text(encoding="utf-8")
    copy.write_text(text.replace("<head>", f"<head>{PROBE}", 1), encoding="utf-8")
    done = run(folder, "--dump-dom", *options, copy.as_uri())
    found = re.search(r'data-seen="([^"]*)"', done.stdout)
    assert found, f"the page did not load: {done.stderr[-500:]}"
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Seen(json.loads(unescape(found[1])), console)


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        browser(), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-dev-shm-usage",
        f"--user-data-dir={folder / 'browser'}", "--hide-scrollbars", *options,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
