"""The signals on the page, in a real browser: decisions that went out by the one way out, over real sockets."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from goldensignals.tests.browser import Seen, Theme, launched, opened
from goldensignals.tests.site import Site, away
from marketdata.domain import Interval
from marketdata.live.hub import hub
from marketdata.tests.live_server import until
from signals import hashing, issue, standing, wiring
from signals.domain import Decision, Lean, Outcome
from signals.standing import Timed
from signals.tests.shown import MARKET, issued, proven
from signals.tests.values import CLOSE, decision, outcome, signal, view

LOOKS: tuple[tuple[int, Theme], ...] = ((1440, "dark"), (1440, "light"), (390, "dark"), (390, "light"))
READ = re.compile(r"/api/v1/(signals|alerts|agents|track-record)\b")
WIDTHS = (360, 390, 720, 721, 940, 1180, 1440)
BUY, HOLD = ".signal:has(.call.BUY)", ".signal:has(.call.HOLD)"


def judged() -> None:
    """A proven BUY, a HOLD, and agents that spoke."""
    issued(proven("AAPL", days=1), decision("MSFT"))
    timed = {id_: Timed(wiring.agents(Interval.DAY)[id_]) for id_ in ("rsi_reversal", "momentum_12_1")}
    for one in timed.values():
        one.opinion(view([100.0 + (day % 7) for day in range(60)]))
    standing.note_agents(Interval.DAY, timed)
    standing.note_turn(Interval.DAY, 2, 0.25)


def grade(count: int = 60) -> list[Outcome]:
    """Outcomes of daily signals of two symbols, of which three in five won."""
    found = []
    for number in range(count):
        one = signal(
            ("AAPL", "MSFT")[number % 2], number // 2, lean=Lean.UP, score=0.2,
            agent_set=wiring.agent_set(Interval.DAY),
        )  # fmt: skip
        told = {"confidence": 0.5 + 0.002 * number, "base_rate": 0.5, "in_range": number % 5 > 0, "regime": "calm"}
        found.append(
            replace(outcome(one, 0.01 if number % 5 < 3 else -0.01), opinions={"rsi_reversal": 0.4}, **told)  # type: ignore[arg-type]
        )
    return issue.outcomes(found, CLOSE + timedelta(days=90))


async def test_a_buy_a_hold_and_what_would_have_turned_it(site: Site) -> None:
    await away(judged)
    async with launched() as browser, opened(browser, site.url) as seen:
        await seen.shows(f"{BUY} .confidence", "66%")
        assert await seen.text(f"{BUY} .confidence") == "66% base 52%"
        assert await seen.text(f"{HOLD} .confidence") == "– not calibrated"
        assert "Leans ▼ down: no proven edge." in await seen.text(f"{HOLD} .why")
        await seen.page.click('gs-signals .segments button:text-is("30m")')
        await seen.shows("gs-signals", "No signal yet")
        await seen.page.click('gs-signals .segments button:text-is("All")')
        await seen.page.focus(f"{BUY} > button")
        await seen.page.keyboard.press("Enter")
        await seen.shows(f"{BUY} gs-what-if", "out-of-sample")
        drill = await seen.text(f"{BUY} .drill")
        for words in (
            "Right 277 of 420 times",
            "always long +9.0 bp",
            "RSI reversal +0.60",
            "too few bars",
            "✓ Delayed: the vendor states no delay; the quote's own age is judged beside it ✗ Cooldown: bars since",
            "ledger 1",
        ):
            assert words in drill
        await seen.page.select_option(f"{BUY} select", "rsi_reversal")
        await seen.page.press(f"{BUY} input", "Enter")
        await seen.shows(f"{BUY} output", "score −0.30, leans ▼ down: another call")
        assert await seen.sideways(WIDTHS) == []
        assert seen.errors == []


async def test_a_new_signal_arrives_is_said_and_marked(site: Site) -> None:
    async with launched() as browser, opened(browser, site.url) as seen:
        await seen.shows("gs-signals", "No signal yet")
        await seen.page.wait_for_selector(".chart-say", state="hidden")
        await away(issued, recent("AAPL"))
        await seen.shows(f"{BUY} .name", "AAPL 5d")
        await seen.shows("#announce", "BUY AAPL, 5d")
        await seen.page.wait_for_selector('.chart-canvas[aria-label*="Signals: BUY 66"]')
        await away(issued, recent("NVDA"))
        await seen.page.wait_for_function("() => document.querySelectorAll('.signal').length === 2")
        assert seen.errors == []


async def test_what_became_of_a_signal_arrives_where_it_is_shown(site: Site) -> None:
    one = recent("AAPL")
    await away(issued, one)
    async with launched() as browser, opened(browser, site.url) as seen, opened(browser, f"{site.url}record") as record:
        await record.shows("gs-record .say", "Nothing is graded yet")
        await seen.page.click(f"{BUY} > button")
        await seen.shows(f"{BUY} gs-what-if", "out-of-sample")
        assert "Not graded yet" in await seen.text(f"{BUY} .drill")
        await until(lambda: sum("outcomes" in one.topics for one in hub().connections()) == 2)
        ended = replace(outcome(one.signal), agent_set=wiring.agent_set(Interval.DAY))
        await away(issue.outcomes, [ended], CLOSE + timedelta(days=90))
        await seen.shows(f"{BUY} .why .graded", "Won, +195.0 bp.")
        await seen.shows(f"{BUY} gs-what-if", "in-sample")
        assert "Won: entered at 100.00, left at 102.00, +195.0 bp after costs." in await seen.text(f"{BUY} .drill")
        await record.shows(".cards", "Mean net\n+195.0 bp")
        assert seen.errors == record.errors == []


async def test_the_record_of_one_symbol_and_back_to_all(site: Site) -> None:
    await away(grade)
    async with launched() as browser, opened(browser, f"{site.url}record?symbol=msft", 390) as seen:
        await seen.shows(".cards", "Outcomes\n30")
        assert "MSFT alone, beside the base rate of all" in await seen.text(".record-tools")
        assert await seen.page.locator('[aria-label="Group"] button').all_inner_texts() == [
            "Direction",
            "Agent",
            "Regime",
        ]
        assert await seen.sideways(WIDTHS) == []
        assert await seen.violations() == []
        await seen.page.focus(".of-symbol a")
        await seen.page.keyboard.press("Enter")
        await seen.shows(".cards", "Outcomes\n60")
        assert await seen.page.evaluate("[location.search, document.activeElement.name]") == ["", "symbol"]
        await seen.page.keyboard.type("aapl")
        await seen.page.keyboard.press("Enter")
        await seen.shows(".cards", "Outcomes\n30")
        await seen.shows("#announce", "AAPL: 30 outcomes")
        assert seen.page.url == f"{site.url}record?symbol=AAPL"
        await seen.page.fill(".of-symbol input", "zzzz")
        await seen.page.keyboard.press("Enter")
        await seen.shows("gs-record .say", "Nothing of ZZZZ is graded yet")
        await seen.page.fill(".of-symbol input", "a b!")
        await seen.page.keyboard.press("Enter")
        await seen.page.wait_for_selector("gs-record .say.bad")
        await seen.page.go_back()
        await seen.shows("gs-record .say", "Nothing of ZZZZ is graded yet")
        await seen.page.click(".of-symbol a")
        await seen.page.click('button:text-is("Symbol")')
        await seen.page.click('tbody th a:text-is("MSFT")')
        await seen.shows(".cards", "Outcomes\n30")
        await seen.page.click('button:text-is("Agent")')
        await seen.shows("thead th", "Agent")
        await seen.page.reload()
        await seen.shows("thead th", "Agent")
        assert await seen.page.input_value(".of-symbol input") == "MSFT"
        assert [one for one in seen.errors if "400" not in one] == []


def recent(symbol: str) -> Decision:
    """A BUY of a bar that has just ended."""
    now = datetime.now(UTC)
    # Minutes ago it may have been another day, which is not on the chart.
    at = now.replace(second=0, microsecond=0)
    one = proven(symbol)
    id_ = hashing.identity(MARKET, symbol, "5d", "set", at)
    return replace(one, signal=replace(one.signal, at=at, id=id_), judged_at=now)


async def test_a_panel_that_cannot_be_read_says_so_and_tries_again(site: Site) -> None:
    await away(judged)
    async with launched() as browser, opened(browser, f"{site.url}record") as seen:
        await seen.page.route(READ, lambda route: route.abort())
        await seen.page.reload()
        await seen.shows("gs-record .say.bad", "No answer from the server")
        await seen.page.goto(site.url)
        for panel in ("gs-signals", "gs-alerts", "gs-agents"):
            await seen.shows(f"{panel} .say.bad", "No answer from the server")
        await seen.page.unroute_all()
        for panel, words in (("gs-signals", "AAPL"), ("gs-alerts", "No alert yet"), ("gs-agents", "RSI reversal")):
            await seen.page.click(f"{panel} .say.bad button")
            await seen.shows(panel, words)


async def test_the_record_stands_beside_base_rate_and_always_long(site: Site) -> None:
    kept = await away(grade)
    async with launched() as browser:
        for width, theme in LOOKS:
            async with opened(browser, f"{site.url}record", width, theme) as seen:
                await seen.shows(".cards", f"{100 * sum(one.won for one in kept) / len(kept):.1f} %")
                assert await seen.violations() == []
                assert seen.errors == []
                if theme == "dark":
                    continue
                assert await seen.sideways(WIDTHS) == []
                await groups(seen)
                await seen.page.click('button:text-is("30m")')
                await seen.shows("gs-record .say", "Nothing is graded yet")
                assert "30 minutes after its entry" in await seen.text("gs-record .say")
                assert seen.errors == []


async def groups(seen: Seen) -> None:
    """Every group has its rows, and every row what it is held against."""
    heads = await seen.page.locator("thead th").all_inner_texts()
    assert {"Base rate", "Always long", "n eff."} <= set(heads)
    assert await seen.page.locator("circle.point").count() > 1
    for name, rows in (
        ("Agent", ["RSI reversal"]),
        ("Symbol", ["AAPL", "MSFT"]),
        ("Regime", ["Calm"]),
        ("Direction", ["Up"]),
    ):
        await seen.page.click(f'button:text-is("{name}")')
        await seen.shows("thead th", name)
        assert await seen.page.locator("tbody th").all_inner_texts() == rows


async def test_signals_and_agents_are_accessible(site: Site) -> None:
    await away(judged)
    async with launched() as browser:
        for width, theme in LOOKS:
            async with opened(browser, site.url, width, theme) as seen:
                if width < 720:
                    await seen.page.click('.tab[data-tab="signals"]')
                await seen.page.click(f"{BUY} > button")
                await seen.shows(f"{BUY} gs-what-if", "Without each of them")
                assert await seen.violations() == []
                if width < 720:
                    assert await seen.sideways((360, 720, width)) == []
                    await seen.page.click('.tab[data-tab="status"]')
                    await seen.shows("gs-agents", "RSI reversal")
                    assert await seen.violations() == []
                assert seen.errors == []
