"""The first floor: what the options of an underlying say about it."""
