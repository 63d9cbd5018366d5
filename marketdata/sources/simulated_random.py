"""Random numbers by name: any part of the simulated world is drawn without drawing what came before it."""

from numpy.random import Generator, Philox

_FNV_OFFSET, _FNV_PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 2**64 - 1


def generator(seed: int, kind: str, name: str = "", part: int = 0) -> Generator:
    """The stream of one (seed, kind, name, part): Philox is counter-based, so its key alone fixes every number."""
    return Generator(Philox(key=[seed & _MASK, _fnv1a(f"{kind}|{name}|{part}")]))


def _fnv1a(text: str) -> int:
    """Fowler-Noll-Vo 1a, 64 bits: Python's own hash changes with every process."""
    value = _FNV_OFFSET
    for byte in text.encode():
        value = (value ^ byte) * _FNV_PRIME & _MASK
    return value
