"""The TWS stand-in as a command runs it: its faults are switched over HTTP, as those of the other vendors are."""

import json
from typing import Self

from marketdata.standins.ib import IbStandin
from marketdata.standins.ib_faults import Fault
from marketdata.standins.plain import Asked, PlainServer
from marketdata.standins.proxy import Response


class ControlledIb(IbStandin):
    """PUT /fault/<name>, DELETE /fault, POST /say/<code> (1100, 1101, 1102 ...), POST /drop, GET /requests."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._control = PlainServer(self._answer)
        self._control.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._control.__exit__()
        super().__exit__()

    @property
    def control(self) -> str:
        """Where its faults are switched."""
        return f"http://{self._control.address}"

    def _answer(self, asked: Asked) -> Response:
        verb, _, name = asked.path.strip("/").partition("/")
        if verb == "fault":
            self.fault = Fault(name) if name in set(Fault) else None
        elif verb == "say" and name.isdecimal():
            self.say(int(name))
        elif verb == "drop":
            self.drop()
        body = json.dumps({"fault": self.fault, "requests": dict(self.requests)}).encode()
        return Response(200, body, {"Content-Type": "application/json"})
