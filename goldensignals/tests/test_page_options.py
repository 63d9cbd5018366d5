"""The options on the page, in a real browser: chains and alerts that came in by the one way in, over real sockets."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import Page

from goldensignals.tests.browser import Seen, Theme, launched, opened
from goldensignals.tests.site import Site, away
from marketdata.live.hub import hub
from marketdata.tests.live_server import until
from options import ingest, store, verdicts
from options.simulated import Simulated

AT = datetime(2026, 3, 3, 23, 59, 57, tzinfo=UTC)
"""A day of the simulated market on which AAPL has unusual trading; the same with every run."""
LADDER, LIST, RECORD = "gs-options .ladder", "gs-alerts [data-part=list]", "gs-alerts [data-part=record]"
LOOKS: tuple[tuple[int, Theme, str], ...] = (
    (1440, "dark", "Chain"), (1440, "light", "Gamma"), (390, "dark", "Smile"), (390, "light", "Chain"),
)  # fmt: skip


def take_in(symbol: str = "AAPL", at: datetime = AT) -> ingest.Ingested:
    """The chain of the next weeks, as the simulated market has it at that moment."""
    source, today = Simulated(clock=lambda: at), at.date()
    quote = source.quotes([symbol])[symbol]
    chain = source.option_chain(symbol, today, today + timedelta(days=25))
    return ingest.chain(chain, session=today, taken_at=at, spot=quote.price, spot_as_of=quote.as_of)


async def view(seen: Seen, name: str) -> None:
    await seen.page.click(f'gs-options [data-part=views] button:text-is("{name}")')


async def strikes(page: Page) -> list[float]:
    """Those of the ladder, in its order."""
    found = await page.locator(f"{LADDER} tbody th").evaluate_all("all => all.map((one) => one.lastChild.data)")
    return [float(text) for text in found]


async def test_ladder_expiries_gamma_and_smile(site: Site) -> None:
    found = (await away(take_in)).analysis
    chain, spot = found.chain, found.chain.spot or 0.0
    first, second = sorted(set(chain.expiry.tolist()))[:2]
    async with launched() as browser, opened(browser, site.url) as seen:
        await seen.page.wait_for_selector(LADDER)
        shown = await strikes(seen.page)
        assert shown == sorted(set(chain.strike[chain.expiry == first].tolist()))
        line = seen.page.locator(".after-spot")
        assert await line.locator(".spot-tag").inner_text() == f"AAPL {spot:.2f}"
        assert float((await line.locator("th").inner_text()).split()[-1]) == min(one for one in shown if one > spot)
        body, tag = [await seen.page.locator(one).bounding_box() for one in ("gs-options .scroll", ".spot-tag")]
        assert body
        assert tag
        assert body["y"] < tag["y"] < body["y"] + body["height"]
        rank = seen.page.locator("gs-options .summary div", has_text="IV rank")
        assert (await rank.locator("dd").inner_text()).startswith("–")
        assert await rank.get_attribute("title") == found.summary.reasons["iv_rank"]

        await seen.page.focus("gs-options select")
        await seen.page.keyboard.press("ArrowDown")
        await seen.shows(f"{LADDER} caption", second.isoformat())
        await view(seen, "Gamma")
        await seen.page.wait_for_selector("gs-options rect.calls")
        assert await seen.page.locator("gs-options .plot").count() == 2
        await view(seen, "Smile")
        await seen.page.wait_for_selector("gs-options circle.point")
        smile = next(one for one in found.slices if one.expiry == second)
        assert await seen.page.locator("gs-options .plot").first.locator("circle").count() == len(smile.strikes)
        await view(seen, "Chain")
        assert await strikes(seen.page) == sorted(set(chain.strike[chain.expiry == second].tolist()))
        assert await seen.sideways((360, 390, 720, 721, 940, 1180, 1440)) == []
        assert seen.errors == []


async def test_alerts_come_open_and_are_counted(site: Site) -> None:
    async with launched() as browser, opened(browser, site.url) as seen:
        await seen.shows(LIST, "No alert yet")
        await seen.shows("gs-options .say", "No option chain yet")
        taken = await away(take_in)
        await seen.page.wait_for_selector(LADDER)
        best = max(taken.alerts, key=lambda one: one.score)
        await seen.shows(".alert-row .what", f"AAPL {best.strike:g}{'C' if best.is_call else 'P'}")
        assert await seen.page.locator(".alert-row").count() == len(taken.alerts)
        await seen.page.focus(".alert-row button")
        await seen.page.keyboard.press("Enter")
        assert await seen.page.locator(".evidence tr", has_text="✓").count() == len(best.conditions)
        assert "no trade prints" in await seen.text(".evidence")
        assert await seen.text(RECORD) == "none confirmed yet"

        await away(take_in, "AAPL", AT + timedelta(days=1))
        assert await seen.page.locator(".verdict:not(.pending)").count() == 0
        await until(lambda: any("verdicts" in one.topics for one in hub().connections()))
        await away(verdicts.confirm, "simulated", (AT + timedelta(days=2)).date())
        await away(ingest.tell, "simulated")
        counted = next(one for one in await away(store.confirmations, "simulated") if one.rule == "score")
        judged = counted.opened + counted.closed + counted.unclear
        assert judged == len(taken.alerts) > 0
        # Without a reload.
        await seen.shows(RECORD, f"opened {counted.opened} of {judged}")
        assert await seen.page.locator(".verdict:not(.pending)").count() == judged
        assert "next session" in await seen.text(".evidence")
        await seen.page.reload()
        await seen.shows(RECORD, f"opened {counted.opened} of {judged}")
        assert await seen.page.locator(".verdict:not(.pending)").count() == judged
        assert seen.errors == []


async def test_options_are_accessible(site: Site) -> None:
    await away(take_in)
    async with launched() as browser:
        for width, theme, shown in LOOKS:
            async with opened(browser, site.url, width, theme) as seen:
                if width < 720:
                    await seen.page.click('.tab[data-tab="options"]')
                await seen.page.wait_for_selector(LADDER)
                if width < 720:
                    assert await seen.sideways((360, 720, width)) == []
                await seen.page.click(".alert-row button")
                await view(seen, shown)
                await seen.page.wait_for_selector(LADDER if shown == "Chain" else "gs-options .plot")
                assert await seen.violations() == []
                assert seen.errors == []
