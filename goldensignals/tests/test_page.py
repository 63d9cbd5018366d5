"""The page in a real browser, on the simulated market, over real sockets, Postgres and Redis."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from goldensignals.tests.browser import Seen, Theme, launched, opened
from goldensignals.tests.site import Site, away
from marketdata import ingest, store
from marketdata.domain import Quote

AAPL = '.row[data-symbol="AAPL"]'


def quote(price: float) -> Quote:
    """The last quote of AAPL, at another price, now."""
    now = datetime.now(UTC)
    last = store.latest(["AAPL"], "simulated")["AAPL"]
    return replace(last, price=price, bid=price - 0.01, ask=price + 0.01, as_of=now, received_at=now)


async def alive(seen: Seen) -> None:
    """Wait until the page is connected and its chart is drawn."""
    await seen.page.wait_for_selector('gs-connection[data-status="connected"]')
    await seen.page.wait_for_selector(".chart-say", state="hidden")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_it_is_accessible_and_without_errors(site: Site, width: int, theme: Theme) -> None:
    async with launched() as browser, opened(browser, site.url, width, theme) as seen:
        await seen.page.wait_for_selector('gs-connection[data-status="connected"]')
        assert await seen.page.evaluate("document.documentElement.dataset.theme") == theme
        for tab in ["watch", "chart", "status"] if width < 720 else [None]:
            if tab:
                await seen.page.click(f'.tab[data-tab="{tab}"]')
            if tab in (None, "chart"):
                await seen.page.wait_for_selector(".chart-say", state="hidden")
            assert await seen.violations() == []
        assert seen.errors == []


async def test_nothing_scrolls_sideways(site: Site) -> None:
    async with launched() as browser, opened(browser, site.url) as seen:
        await alive(seen)
        assert await seen.sideways((360, 390, 720, 721, 940, 1180, 1440)) == []


async def test_the_numbers_are_there_before_any_script(site: Site) -> None:
    async with launched() as browser:
        context = await browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.goto(site.url)
        last = (await away(store.latest, ["AAPL"], "simulated"))["AAPL"]
        assert await page.inner_text(f"{AAPL} .c-last") == f"{last.price:.2f}"
        assert "made up" in await page.inner_text("#made-up")
        await context.close()


async def test_a_quote_reaches_row_and_chart(site: Site) -> None:
    async with launched() as browser, opened(browser, site.url) as seen:
        await alive(seen)
        before = await away(store.latest, ["AAPL"], "simulated")
        price = round((before["AAPL"].price or 0) * 1.001, 2)
        await away(lambda: ingest.quotes([quote(price)]))
        await seen.shows(f"{AAPL} .c-last", f"{price:.2f}")
        await seen.shows(".chart-price", f"{price:.2f}")
        await seen.shows(".legend", f"C {price:.2f}")
        assert await seen.text(f"{AAPL} .tag") == "SIM"
        assert await seen.text("#simulated-chip") == "Simulated data"
        assert seen.errors == []


async def test_it_says_that_it_is_cut_off_and_comes_back(site: Site) -> None:
    async with launched() as browser, opened(browser, site.url) as seen:
        await alive(seen)
        await site.stop()
        await seen.shows("gs-connection", "Reconnecting")
        await seen.shows("gs-notice", "Connection lost.")
        await seen.page.wait_for_selector("#app.away")
        assert "reconnecting" in await seen.text("#announce")
        await site.start()
        await seen.page.click("gs-notice button")
        await seen.shows("gs-connection", "Connected")
        await seen.page.wait_for_selector("gs-notice", state="hidden")
        price = round((quote_now := await away(quote, 1.0)).previous_close or 0, 2)
        await away(lambda: ingest.quotes([replace(quote_now, price=price, bid=price, ask=price + 0.01)]))
        await seen.shows(f"{AAPL} .c-last", f"{price:.2f}")


async def test_the_keyboard_is_enough(site: Site) -> None:
    async with launched() as browser, opened(browser, site.url) as seen:
        await alive(seen)
        await seen.page.focus(AAPL)
        await seen.page.keyboard.press("ArrowDown")
        await seen.shows("#chart-symbol", "MSFT")
        await seen.page.keyboard.press("End")
        await seen.shows("#chart-symbol", "BRK.B")
        assert await seen.page.evaluate("document.activeElement.dataset.symbol") == "BRK.B"
        assert await seen.page.evaluate("document.querySelectorAll('.row[tabindex=\"0\"]').length") == 1
        await seen.page.keyboard.press("3")
        await seen.page.wait_for_selector('.segments button[aria-pressed="true"]:text("5m")')
        await seen.page.keyboard.press("?")
        await seen.page.wait_for_selector("#keys[open]")
        await seen.page.keyboard.press("Escape")
        await seen.page.keyboard.press("t")
        assert await seen.page.evaluate("document.documentElement.dataset.theme") == "light"


async def test_sorting_says_which_way(site: Site) -> None:
    async with launched() as browser, opened(browser, site.url) as seen:
        await alive(seen)
        await seen.page.click('[data-sort="symbol"]')
        shown = await seen.page.locator(".rows .row").evaluate_all("rows => rows.map((row) => row.dataset.symbol)")
        assert shown == ["AAPL", "BRK.B", "MSFT", "NVDA"]
        assert await seen.page.get_attribute('[aria-sort]:has([data-sort="symbol"])', "aria-sort") == "ascending"


async def test_symbols_are_found_added_and_taken_off(site: Site) -> None:
    async with launched() as browser, opened(browser, site.url) as seen:
        await alive(seen)
        await seen.page.keyboard.press("/")
        await seen.page.keyboard.type("ibm")
        await seen.shows(".offer", "IBM is not on the watchlist.")
        await seen.page.keyboard.press("Enter")
        await seen.page.wait_for_selector('.row[data-symbol="IBM"]')
        await seen.shows("#chart-symbol", "IBM")
        await site.poll()
        await seen.page.wait_for_function("() => document.querySelector('[data-symbol=IBM] .c-last').innerText !== '–'")
        await seen.page.focus('.row[data-symbol="IBM"]')
        await seen.page.keyboard.press("Delete")
        await seen.page.wait_for_selector('.row[data-symbol="IBM"]', state="detached")
        assert "IBM" not in await away(store.watchlist)
        assert seen.errors == []


async def test_an_empty_watchlist_says_what_to_do(site: Site) -> None:
    await away(store.remove_symbol, "AAPL")
    for symbol in ("MSFT", "NVDA", "BRK.B"):
        await away(store.remove_symbol, symbol)
    async with launched() as browser, opened(browser, site.url) as seen:
        await seen.shows('[data-say="empty"]', "Your watchlist is empty")
        await seen.shows(".chart-say", "No symbol chosen")
        await seen.page.click('[data-do="search"]')
        assert await seen.page.evaluate("document.activeElement.id") == "search"
        assert await seen.violations() == []
