"""What a frame may say; pure."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketdata.live.problems import Problem
from marketdata.live.protocol import Authenticate, Ping, Request, Subscribe, Unsubscribe, parse
from marketdata.tests.live_contract import check, document

LARGEST = 16_384


def one(said: Any) -> Any:
    (found,) = parse(json.dumps(said), LARGEST)
    return found


def test_promised_subscription() -> None:
    said = {"type": "subscribe", "data": {"channel": "market_data", "symbol": "aapl"}}
    assert one(said) == Subscribe({"market_data:AAPL": "AAPL"})


def test_promised_request() -> None:
    assert one({"type": "request", "data": {"action": "agent_status"}}) == Request("agent_status")


def test_many_symbols_with_one_that_is_none() -> None:
    found = one(
        {"type": "subscribe", "id": 7, "data": {"channel": "market_data", "symbols": ["AAPL", "no no", "BRK-B"]}}
    )
    assert list(found.symbols) == ["market_data:AAPL", "market_data:BRK.B"]
    assert [(problem.code, problem.symbol, problem.id) for problem in found.refused] == [("invalid_symbol", "no no", 7)]


def test_signals_have_no_symbol() -> None:
    said = {"type": "subscribe", "data": {"channel": "signals", "resume": {"signals": 17}, "epoch": "e"}}
    assert one(said) == Subscribe({"signals": None}, resume={"signals": 17}, epoch="e")


def test_other_commands() -> None:
    assert one({"type": "unsubscribe", "data": {"channel": "bars", "symbol": "SPY"}}) == Unsubscribe(("bars:SPY",))
    assert one({"type": "ping", "t": 1.5, "id": "a"}) == Ping(1.5, "a")
    assert one({"type": "heartbeat"}) == Ping()
    assert one({"type": "authenticate", "data": {"token": "t"}}) == Authenticate("t")
    assert one({"type": "authenticate", "token": "t"}) == Authenticate("t")


def test_several_messages_in_one_frame_keep_their_order() -> None:
    found = parse('[{"type":"ping","id":1},{"type":"nonsense","id":2},{"type":"ping","id":3}]', LARGEST)
    assert [getattr(one, "id", None) for one in found] == [1, 2, 3]
    assert isinstance(found[1], Problem)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "malformed_json"),
        ("{", "malformed_json"),
        ('{"type":"ping"', "malformed_json"),
        ("[" * 5000, "malformed_json"),
        ('"\\ud800"', "malformed_json"),
        ("1", "not_an_object"),
        ("null", "not_an_object"),
        ("[1]", "not_an_object"),
        ("[]", "invalid_message"),
        ("[" + ",".join(["{}"] * 101) + "]", "invalid_message"),
        ("{}", "unknown_type"),
        ('{"type":["subscribe"]}', "unknown_type"),
        ('{"type":"subscribe"}', "invalid_message"),
        ('{"type":"subscribe","data":[]}', "invalid_message"),
        ('{"type":"subscribe","data":{}}', "unknown_channel"),
        ('{"type":"subscribe","data":{"channel":["signals"]}}', "unknown_channel"),
        ('{"type":"subscribe","data":{"channel":"orders"}}', "unknown_channel"),
        ('{"type":"subscribe","data":{"channel":"market_data"}}', "invalid_message"),
        ('{"type":"subscribe","data":{"channel":"market_data","symbols":"AAPL"}}', "invalid_message"),
        ('{"type":"subscribe","data":{"channel":"signals","resume":[1]}}', "invalid_message"),
        ('{"type":"subscribe","data":{"channel":"signals","resume":{"signals":-1}}}', "invalid_message"),
        ('{"type":"subscribe","data":{"channel":"signals","resume":{"signals":true}}}', "invalid_message"),
        ('{"type":"subscribe","data":{"channel":"signals","epoch":5}}', "invalid_message"),
        ('{"type":"request","data":{"action":"reboot"}}', "unknown_action"),
        ('{"type":"ping","id":{}}', "invalid_message"),
        ('{"type":"ping","id":true}', "invalid_message"),
        ('{"type":"ping","t":[]}', "invalid_message"),
        ('{"type":"authenticate","data":{"token":5}}', "invalid_message"),
        ('{"type":"ping","padding":"' + "x" * LARGEST + '"}', "too_large"),
    ],
)
def test_what_is_no_message_has_a_name(text: str, code: str) -> None:
    (found,) = parse(text, LARGEST)
    assert isinstance(found, Problem)
    assert found.code == code
    check(found.message())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
words = st.sampled_from(
    ["subscribe", "unsubscribe", "request", "ping", "authenticate", "market_data", "signals", "AAPL"]
)
messages = st.fixed_dictionaries(
    {"type": words | json_values},
    optional={
        "id": json_values,
        "t": json_values,
        "data": json_values
        | st.fixed_dictionaries(
            {"channel": words | json_values},
            optional=dict.fromkeys(("symbol", "symbols", "resume", "epoch", "token", "action"), words | json_values),
        ),
    },
)


@given(st.one_of(st.text(), st.binary(), (messages | json_values | st.lists(messages, max_size=3)).map(json.dumps)))
def test_anything_becomes_commands_or_problems_of_the_document(frame: str | bytes) -> None:
    for found in parse(frame, LARGEST):
        problems = [found] if isinstance(found, Problem) else list(getattr(found, "refused", ()))
        for problem in problems:
            check(problem.message())


def test_examples_of_the_first_description_are_of_the_document() -> None:
    data = {"symbol": "AAPL", "price": 175.5, "bid": 175.48, "ask": 175.52, "volume": 45678900, "change": 2.5}
    stamp = {"timestamp": "2024-01-15T10:30:00Z", "topic": "market_data:AAPL", "epoch": "e", "seq": 1}
    check({"type": "market_data", "data": data | {"change_percent": 1.45}, **stamp})
    schemas = document()["components"]["schemas"]
    promised = ["signal_id", "symbol", "signal_type", "confidence", "reasoning"]
    assert schemas["signal"]["properties"]["data"]["required"][:5] == promised
