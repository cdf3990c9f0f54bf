"""A real browser, Debian's Chromium without a window, and what each of its pages must not do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

__all__ = ["open_browser", "opened", "serious_faults"]

#: A busy machine may take its time.
expect.set_options(timeout=30_000)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser; where there is none the test is skipped, but fails where CI is to run it."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """A page; it loads nothing from elsewhere, and nothing goes wrong in its scripts."""
    context = browser.new_context(base_url=address, **options)
    page = context.new_page()
    wrong: list[str] = []

    def said(message: ConsoleMessage) -> None:
        # That a name was refused is the page's point, not a fault of it.
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            wrong.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            wrong.append(request.url)

    page.on("console", said)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", asked)
    yield page
    context.close()
    assert wrong == []


_AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
#: CodeMirror scrolls by its own text field, which has the focus.
_CONTEXT = '{ exclude: [".CodeMirror-scroll"] }'
#: The rules of WCAG 2.1 AA, and not axe's own advice; of what is found, faults only.
_OPTIONS = '{ resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] }'


def serious_faults(page: Page) -> list[str]:
    """What axe-core finds that keeps people from using a page (https://github.com/dequelabs/axe-core)."""
    page.evaluate(_AXE)
    found = page.evaluate(f"axe.run({_CONTEXT}, {_OPTIONS})")
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
