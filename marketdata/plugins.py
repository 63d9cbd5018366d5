"""Sources that other packages bring: the entry points of the group `goldensignals.sources`, name -> class.

Nothing of a package is imported here (the settings are read by every process): what it brings is tried where sources
are built, in `plugging`.
"""

import re
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

GROUP = "goldensignals.sources"
PLUGIN = "PLUGIN"
"""The key of an entry that a package brought: the package's name and version; empty where none is installed."""


def joined(entries: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The settings' entries, then the plug-ins that have none there, for the live market.

    An entry without a BACKEND is a plug-in's: its place, OPTIONS and limits are the settings'. One with a BACKEND
    stays what it is, whatever is installed.
    """
    found = installed()
    missing = {"BACKEND": "", "MARKET": "live", "OPTIONS": {}, PLUGIN: ""}
    whole = {
        name: {**entry} if "BACKEND" in entry else {**found.get(name, missing), **entry}
        for name, entry in entries.items()
    }
    return whole | {name: entry for name, entry in found.items() if name not in entries}


def installed() -> dict[str, dict[str, Any]]:
    """An entry for each entry point, by name; names that Redis keys could not hold are mended."""
    found: dict[str, dict[str, Any]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        path = point.value.partition("[")[0].strip().replace(":", ".")
        package = f"{point.dist.name} {point.dist.version}" if point.dist else "a package without a name"
        entry = {"BACKEND": path, "MARKET": "live", "OPTIONS": {}, PLUGIN: package}
        found.setdefault(re.sub(r"[^a-z0-9_-]", "-", point.name.lower())[:32], entry)
    return found
