"""A real browser on the running page: async Playwright, the ASGI application under uvicorn, one event loop."""

import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, async_playwright

Theme = Literal["dark", "light"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str:
    """Where a Chromium is; skips the test when there is none (fails it when GS_REQUIRE_BROWSER is 1)."""
    found = os.environ.get("GS_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    missing = "no Chromium found: set GS_CHROMIUM or install one"
    return pytest.fail(missing) if os.environ.get("GS_REQUIRE_BROWSER") == "1" else pytest.skip(missing)


TOO_WIDE = """() => [...document.querySelectorAll('html, .main, .area-side, .panel, .scroll, td, dd')]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => `${one.tagName} ${one.className}`)"""


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A headless browser; root's Chromium has no sandbox."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


@dataclass(slots=True)
class Seen:
    """A page, and everything on it that went wrong; a breach of the content policy is a console error."""

    page: Page
    errors: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)

    async def text(self, selector: str) -> str:
        return (await self.page.locator(selector).first.inner_text()).replace("\n", " ").strip()

    async def shows(self, selector: str, words: str) -> None:
        """Wait until the element contains the words."""
        await self.page.wait_for_function(
            "([selector, words]) => document.querySelector(selector)?.innerText.includes(words)", arg=[selector, words]
        )

    async def sideways(self, widths: Sequence[int]) -> list[str]:
        """What would scroll sideways, or is cut off: the width of the window, and the part of the page."""
        found = []
        for width in widths:
            await self.page.set_viewport_size({"width": width, "height": 800})
            found += [f"{width}: {part}" for part in await self.page.evaluate(TOO_WIDE)]
        return found

    async def violations(self) -> list[str]:
        """What axe-core has against the page."""
        await self.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
        found: dict[str, Any] = await self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


@asynccontextmanager
async def opened(browser: Browser, url: str, width: int = 1440, theme: Theme = "dark") -> AsyncIterator[Seen]:
    """The page in a window of its own."""
    height = 900 if width > 720 else 844
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    context.set_default_timeout(30_000)
    seen = Seen(await context.new_page())
    seen.listen()
    await seen.page.goto(url)
    yield seen
    await context.close()
