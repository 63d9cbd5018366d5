"""One connection to the TWS stand-in: it greets, answers and ticks."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from marketdata.standins import ib_payloads as payloads
from marketdata.standins.ib_faults import BARS, CODES, LINES, WARNING, Fault
from marketdata.standins.ib_frames import Fields, contract, frame, joined, read, recorded

if TYPE_CHECKING:
    from marketdata.standins.ib import IbStandin

VERSION = 176
TICK = 0.05
"""Seconds between two bursts of a line."""
WELCOME = ((2104, "Market data farm connection is OK:usfarm"), (2106, "HMDS data farm connection is OK:ushmds"),
           (2158, "Sec-def data farm connection is OK:secdefnj"))  # fmt: skip


class Client:
    """One connection."""

    def __init__(self, owner: "IbStandin", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.owner, self._reader, self._writer = owner, reader, writer
        self.number = -1
        self.lines: dict[str, payloads.Listed] = {}
        self.books: set[str] = set()
        self._bursts: Counter[str] = Counter()
        self._ticking: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Greet, then answer until the end."""
        if await self._greet():
            self._ticking = asyncio.create_task(self._tick())
            while True:
                await self._answer(await read(self._reader))

    def write(self, *messages: bytes) -> None:
        """Send."""
        if not self._writer.is_closing():
            self._writer.write(joined(messages))

    def abort(self) -> None:
        """End it the hard way."""
        self._writer.transport.abort()

    def end(self) -> None:
        """Let go of it."""
        if self._ticking is not None:
            self._ticking.cancel()
        self._writer.close()

    async def _greet(self) -> bool:
        await self._reader.readexactly(4)
        await read_handshake(self._reader)
        match self.owner.fault:
            case Fault.MUTE:
                await self._reader.read()
            case Fault.GARBAGE:
                self.write(b"\x00\x00\x00\x05\xff\xfe\x00x\x00")
                await self._reader.read()
            case Fault.HTML:
                self.write(b"<!DOCTYPE html><html><body>Be right back</body></html>")
                await self._reader.read()
            case Fault.CLOSES:
                return False
        now = datetime.fromtimestamp(self.owner.clock(), UTC)
        self.write(frame(VERSION, f"{now:%Y%m%d %H:%M:%S} UTC"))
        number = int((await read(self._reader))[2])
        if number in self.owner.clients or self.owner.fault is Fault.ID_TAKEN:
            self.owner.note("refused", [])
            self.write(frame(4, 2, -1, 326, "Unable to connect as the client id is already in use.", ""))
            return False
        self.number = number
        with self.owner.changed:
            self.owner.clients[number] = self
        self.owner.note("connect", [])
        self.write(frame(15, 1, "DU0"), frame(9, 1, 1), *(frame(4, 2, -1, *one, "") for one in WELCOME))
        return True

    async def _answer(self, fields: Fields) -> None:
        kind, request, answer = _route(fields)
        self.owner.note(kind, fields)
        fault = self.owner.fault
        if fault is Fault.RESET:
            self.abort()
        elif fault is Fault.CLEAN_CLOSE:
            self._writer.close()
        elif fault is Fault.LOST:
            self.write(frame(4, 2, -1, 1100, "Connectivity between IBKR and Trader Workstation has been lost.", ""))
        elif fault is not Fault.SILENT and not self._refused(kind, request, fault):
            answer(self, request, fields)
        await self._writer.drain()

    def _refused(self, kind: str, request: str, fault: Fault | None) -> bool:
        concerned = {"ticks": LINES, "history": BARS}.get(kind, set()) | {Fault.BAD_REQUEST, Fault.MAX_MESSAGES}
        concerned |= {"details": {Fault.UNKNOWN}, "depth": {Fault.NO_BOOK}}.get(kind, set())
        if fault in concerned and kind in ("ticks", "history", "details", "chain", "depth") and fault in CODES:
            self.refuse(request, *CODES[fault])
            return True
        return False

    def refuse(self, request: str, code: int, text: str) -> None:
        """An error about one request."""
        self.write(frame(4, 2, request, code, text, ""))

    def ended(self, request: str, fields: Fields) -> None:
        """Nothing to tell: the end of an empty list."""
        ends = {"61": (62, 1), "5": (53, 1), "16": (53, 1), "99": (102,), "6": (54, 1, ""), "76": (74, 1, request)}
        ends |= {"49": (49, 1, int(self.owner.clock())), "7": (55, 1, fields[2] if len(fields) > 2 else "")}
        if fields[0] in ends:
            self.write(frame(*ends[fields[0]]))

    def details(self, request: str, fields: Fields) -> None:
        """Contract details, or 200."""
        found = payloads.matching(self.owner.table, contract(fields[3:]))
        if "details" in self.owner.replays:
            self._replay("details", request)
        elif self.owner.fault is Fault.EMPTY:
            pass
        elif not found:
            self.refuse(request, *CODES[Fault.UNKNOWN])
            return
        else:
            self.write(*(payloads.details(request, one) for one in found))
        self.write(frame(52, 1, request))

    def ticks(self, request: str, fields: Fields) -> None:
        """Open a line."""
        found = payloads.matching(self.owner.table, contract(fields[3:]))
        if not found and "ticks" not in self.owner.replays:
            self.refuse(request, *CODES[Fault.UNKNOWN])
        elif self.owner.lines >= self.owner.most_lines:
            self.refuse(request, *CODES[Fault.MAX_LINES])
        else:
            if self.owner.fault is Fault.DELAYED_WARNING:
                self.refuse(request, *WARNING)
            with self.owner.changed:
                self.lines[request] = found[0] if found else payloads.TABLE[0]
            if "ticks" in self.owner.replays:
                self._replay("ticks", request)

    def cancel(self, request: str, fields: Fields) -> None:
        """Close a line."""
        with self.owner.changed:
            if self.lines.pop(request, None) is None:
                self.refuse(request, 300, "Can't find EId with tickerId")
            self.owner.changed.notify_all()

    def chain(self, request: str, fields: Fields) -> None:
        """What is listed of an underlying."""
        found = [one for one in self.owner.table if one.number == int(fields[5])]
        options = [one for one in self.owner.table if one.kind == "OPT"]
        for one in found if self.owner.fault is not Fault.EMPTY else ():
            self.write(*payloads.listings(request, one, options))
            return
        self.write(frame(76, request))

    def depth(self, request: str, fields: Fields) -> None:
        """An order book."""
        found = [one for one in self.owner.table if one.number == int(fields[3])]
        self.books.add(request)
        for one in found if self.owner.fault is not Fault.EMPTY else ():
            self.write(*payloads.depth(request, one, int(fields[15]), self.owner.clock()))

    def end_book(self, request: str, fields: Fields) -> None:
        """Close an order book."""
        self.books.discard(request)

    def history(self, request: str, fields: Fields) -> None:
        """Bars."""
        if "history" in self.owner.replays:
            self._replay("history", request)
            return
        found = payloads.matching(self.owner.table, contract(fields[2:]))
        end_text, size, duration, regular = fields[15], fields[16], fields[17], fields[18] == "1"
        now = self.owner.clock()
        end = datetime.strptime(f"{end_text}+0000", "%Y%m%d-%H:%M:%S%z").timestamp() if end_text else now
        count, unit = duration.split()
        start = end - int(count) * {"S": 1, "D": 86_400, "Y": 365 * 86_400}[unit]
        rows = payloads.bars(found[0], start, end, size, regular, now) if found else []
        rows = [] if self.owner.fault is Fault.EMPTY else rows
        self.write(frame(17, request, "", "", len(rows), *(cell for row in rows for cell in row)))

    def _replay(self, kind: str, request: str) -> None:
        """What was recorded, in one packet: it is seen whole or not yet."""
        found = [recorded(text) for text in self.owner.replays[kind]]
        for fields in found:
            # The number stands after the kind, or after the kind and a version.
            fields[2 if fields[0] in ("1", "2", "4", "45", "46", "58", "57") else 1] = request
        self.write(*(frame(*fields) for fields in found))

    async def _tick(self) -> None:
        while True:
            owner = self.owner
            if not owner.quiet and owner.fault not in (Fault.EMPTY, Fault.SILENT) and "ticks" not in owner.replays:
                for request, one in list(self.lines.items()):
                    self.write(*self._burst(request, one))
            await asyncio.sleep(TICK)

    def _burst(self, request: str, one: payloads.Listed) -> Iterable[bytes]:
        self._bursts[request] += 1
        number = self._bursts[request]
        delayed = self.owner.delayed or self.owner.fault is Fault.DELAYED_WARNING
        found: Iterable[bytes] = payloads.ticks(request, one, self.owner.clock(), delayed, number == 1, number)
        if self.owner.fault is Fault.NOISE:
            return [frame(1, 6, request, 4, "x", "", ""), frame(46, 6, request, 48, ";;"), frame(999, request), frame()]
        if one.kind == "OPT" and number == 1:
            found = (*found, *payloads.model(request, one, self.owner.clock(), delayed))
        return (message for message in found if self.owner.says_type or not message[4:].startswith(b"58\0"))


async def read_handshake(reader: asyncio.StreamReader) -> None:
    """The versions that the client speaks."""
    length = int.from_bytes(await reader.readexactly(4), "big")
    await reader.readexactly(length)


def _route(fields: Fields) -> tuple[str, str, Callable[..., Any]]:
    """The kind of a request, where its number stands, and who answers."""
    match fields[0]:
        case "9":
            return "details", fields[2], Client.details
        case "1":
            return "ticks", fields[2], Client.ticks
        case "2":
            return "cancel", fields[2], Client.cancel
        case "20":
            return "history", fields[1], Client.history
        case "78":
            return "chain", fields[1], Client.chain
        case "10":
            return "depth", fields[2], Client.depth
        case "11":
            return "end_book", fields[2], Client.end_book
        case "25" | "49" | "59":
            return "other", "", Client.ended
    return "account", fields[2] if len(fields) > 2 else "", Client.ended
