"""WebSocket frames as bytes (RFC 6455 section 5.2, RFC 7692): made once, written to many sockets."""

import struct
import zlib

WINDOW_BITS = 12
"""A window of 4 KiB per message: every negotiated window is at least as large, and messages are small."""


def frame(payload: bytes) -> bytes:
    """One unmasked text frame."""
    return _header(0x81, len(payload)) + payload


def deflated_frame(payload: bytes) -> bytes:
    """One compressed text frame that refers to no other, so any client may get it at any time."""
    compressor = zlib.compressobj(wbits=-WINDOW_BITS, memLevel=5)
    packed = compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return _header(0xC1, len(packed) - 4) + packed[:-4]


def _header(first: int, length: int) -> bytes:
    if length < 126:
        return struct.pack("!BB", first, length)
    if length < 65536:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)
