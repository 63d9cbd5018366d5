"""The connection to TWS or IB Gateway: made when it is needed, given up and made again; every failure by its name."""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from marketdata.sources import ib_errors
from marketdata.sources.base import BadPayload, SourceError, Unavailable, VendorTimeout
from marketdata.sources.ib_library import drop, library, tell

T = TypeVar("T")
CLIENT_IDS = 8
"""Processes of ours beside each other: each takes the next id that is free."""
DELAYED_IF_NEED_BE = 3
LONGEST_PAUSE = 60.0


class Connection:
    """For the coroutines of one loop. `opened` runs after each connect, `heard` on each message about a contract."""

    def __init__(
        self, host: str, port: int, client_id: int, opened: Callable[[Any], None],
        heard: Callable[[Any, int, str], None], ended: Callable[[SourceError], None],
    ) -> None:  # fmt: skip
        self._place = (host, port)
        self._first_id = client_id
        self._opened, self._heard, self._ended = opened, heard, ended
        self._ib: Any = None
        self._lock = asyncio.Lock()
        self._asking: dict[int, asyncio.Future[SourceError]] = {}
        self._breach: asyncio.Future[SourceError] | None = None
        self._refusal: SourceError = Unavailable("TWS was never asked")
        self._attempts, self._rests_until = 0, 0.0
        self.lost: SourceError | None = None
        self.farm_is_down = False

    async def ib(self, seconds: float) -> Any:
        """The library's connected object; raises Unavailable or VendorTimeout, and at once while it rests."""
        async with self._lock:
            if self._ib is None or not self._ib.isConnected():
                await self._reconnect(seconds)
        if self.lost is not None:
            raise self.lost
        return self._ib

    async def ask(self, contract: Any, request: Callable[[Any], Awaitable[T]], seconds: float) -> T:
        """The answer to a request about a contract, which is handed on as a copy of its own."""
        contract = copy.copy(contract)
        # The library takes some refusals (321) for warnings and would wait for ever.
        refusal = self._asking[id(contract)] = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(request(contract))
        try:
            await asyncio.wait({task, refusal}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise refusal.result() if refusal.done() else VendorTimeout("TWS did not answer in time")
        except Exception as error:
            raise ib_errors.raised(error) from None
        finally:
            del self._asking[id(contract)]
            drop(task, refusal)

    def open_now(self) -> Any:
        """The library's object, if it is connected."""
        return self._ib if self._ib is not None and self._ib.isConnected() else None

    async def check(self, seconds: float) -> None:
        """Hang up unless TWS tells the time."""
        ib = self._ib
        try:
            async with asyncio.timeout(seconds):
                await ib.reqCurrentTimeAsync()
        except TimeoutError:
            if ib is self._ib and ib.isConnected():
                self._ended(VendorTimeout("TWS answers no more"))
                ib.client.disconnect()
        except Exception:
            # The connection ended meanwhile, which is told elsewhere.
            return

    def broken(self, error: BaseException | None) -> None:
        """An error in the library while it read what came."""
        if error is not None and self._breach is not None:
            tell(self._breach, BadPayload(f"TWS sent what is no message ({type(error).__name__})"))

    def close(self) -> None:
        """Hang up."""
        if self._ib is not None:
            self._ib.disconnectedEvent -= self._dropped
            self._ib.disconnect()
        self._ib = None

    async def _reconnect(self, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._rests_until:
            raise self._refusal
        self.lost = None
        self.farm_is_down = False
        try:
            self._ib = await self._connect(seconds)
        except SourceError as error:
            self._attempts += 1
            self._rests_until = now + min(LONGEST_PAUSE, 2.0 ** (self._attempts - 1))
            self._refusal = error
            raise
        self._attempts = 0
        self._ib.reqMarketDataType(DELAYED_IF_NEED_BE)
        self._opened(self._ib)

    async def _connect(self, seconds: float) -> Any:
        clock, taken = asyncio.get_running_loop().time, 0
        ends = clock() + seconds
        for client_id in range(self._first_id, self._first_id + CLIENT_IDS):
            try:
                return await self._try(client_id, ends - clock())
            except _Taken:
                taken += 1
            except VendorTimeout:
                if not taken:
                    raise
                break
        raise Unavailable(f"{taken} client ids from IB_CLIENT_ID on are in use at TWS (326)")

    async def _try(self, client_id: int, seconds: float) -> Any:
        found, breach = library(), asyncio.get_running_loop().create_future()
        ib, heard = found.IB(), asyncio.Event()
        ib.RaiseRequestErrors = True
        self._breach = breach
        ib.client.conn.hasData += lambda _: heard.set()
        ib.client.conn.disconnected += lambda _: tell(breach, Unavailable("TWS closed the connection"))
        ib.errorEvent += self._message
        # Neither positions nor orders are our business.
        quiet = {"fetchFields": found.StartupFetchNONE} if hasattr(found, "StartupFetchNONE") else {}
        task = asyncio.ensure_future(
            ib.connectAsync(*self._place, clientId=client_id, timeout=seconds, readonly=True, **quiet)
        )
        try:
            await asyncio.wait({task, breach}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() or task.exception() is not None:
                raise self._why(task, breach, heard.is_set() and not ib.client.serverVersion())
        except BaseException:
            drop(task, breach)
            # Its own `disconnect` fails on a connection that was never let in.
            ib.client.disconnect()
            raise
        self._breach = asyncio.get_running_loop().create_future()
        ib.disconnectedEvent += self._dropped
        return ib

    def _why(
        self, task: "asyncio.Future[Any]", breach: "asyncio.Future[SourceError]", talks_otherwise: bool
    ) -> SourceError:  # fmt: skip
        error = task.exception() if task.done() and not task.cancelled() else None
        if breach.done() and isinstance(breach.result(), _Taken | BadPayload):
            return breach.result()
        if talks_otherwise:
            return BadPayload("what answers at IB_HOST and IB_PORT is no TWS")
        if isinstance(error, OSError) and not isinstance(error, TimeoutError):
            return ib_errors.raised(error)
        return breach.result() if breach.done() else VendorTimeout("TWS did not let us in in time")

    def _message(self, request: int, code: int, text: str, contract: Any) -> None:
        if code == ib_errors.TAKEN and self._breach is not None:
            tell(self._breach, _Taken())
        elif contract is None or request < 0:
            self._state(code, text)
        elif (asked := self._asking.get(id(contract))) is not None:
            if error := ib_errors.named(code, text):
                tell(asked, error)
        else:
            self._heard(contract, code, text)

    def _state(self, code: int, text: str) -> None:
        if code in ib_errors.LOST:
            self.lost = ib_errors.named(code, text) or Unavailable("TWS has lost its connection")
            for asked in self._asking.values():
                tell(asked, self.lost)
            self._ended(self.lost)
        elif code in ib_errors.RESTORED or (code in ib_errors.FARM_UP and "2110" in str(self.lost)):
            self.lost = None
            if code == ib_errors.RESTORED_EMPTY and self._ib is not None:
                self._opened(self._ib)
        if code in ib_errors.FARM_DOWN | ib_errors.FARM_UP:
            self.farm_is_down = code in ib_errors.FARM_DOWN

    def _dropped(self) -> None:
        told = self._breach.result() if self._breach is not None and self._breach.done() else None
        self._ended(told or Unavailable("the connection to TWS broke"))


class _Taken(Unavailable):
    """The client id is in use."""
