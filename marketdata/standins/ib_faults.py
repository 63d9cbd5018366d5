"""What can be wrong with TWS, and the codes and texts by which it says so."""

from enum import StrEnum


class Fault(StrEnum):
    """What can be wrong: with the connection, with every request, or with every line."""

    MUTE = "mute"
    GARBAGE = "garbage"
    HTML = "html"
    NOISE = "noise"
    CLOSES = "closes"
    ID_TAKEN = "id_taken"
    RESET = "reset"
    CLEAN_CLOSE = "clean_close"
    SILENT = "silent"
    EMPTY = "empty"
    UNKNOWN = "unknown"
    NOT_SUBSCRIBED = "not_subscribed"
    DELAYED_WARNING = "delayed_warning"
    COMPETING = "competing"
    MAX_LINES = "max_lines"
    MAX_MESSAGES = "max_messages"
    PACING = "pacing"
    NO_DATA = "no_data"
    NO_PERMISSION = "no_permission"
    NO_BOOK = "no_book"
    BAD_REQUEST = "bad_request"
    LOST = "lost"


HISTORY = "Historical Market Data Service error message:"
CODES = {
    Fault.UNKNOWN: (200, "No security definition has been found for the request"),
    Fault.NOT_SUBSCRIBED: (354, "Requested market data is not subscribed.Delayed market data is not enabled."),
    Fault.COMPETING: (10197, "No market data during competing live session"),
    Fault.MAX_LINES: (101, "Max number of tickers has been reached"),
    Fault.MAX_MESSAGES: (100, "Max rate of messages per second has been exceeded:max=50 rec=51 (1)"),
    Fault.PACING: (162, f"{HISTORY}Historical data request pacing violation"),
    Fault.NO_DATA: (162, f"{HISTORY}HMDS query returned no data: AAPL@SMART Trades"),
    Fault.NO_PERMISSION: (162, f"{HISTORY}No market data permissions for NYSE STK"),
    Fault.NO_BOOK: (10092, "Deep market data is not supported for this combination of security type/exchange"),
    Fault.BAD_REQUEST: (321, "Error validating request.-'bN' : cause - Please enter a valid security type"),
}
WARNING = (10167, "Requested market data is not subscribed. Displaying delayed market data.")
LINES = {Fault.NOT_SUBSCRIBED, Fault.COMPETING, Fault.MAX_LINES}
BARS = {Fault.PACING, Fault.NO_DATA, Fault.NO_PERMISSION}
