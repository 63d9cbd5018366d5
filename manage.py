#!/usr/bin/env python3
"""`python3 manage.py up` runs everything, `python3 manage.py test` checks everything; the rest is Django's."""

import sys

# Plain syntax up to here, so that an old Python prints this line instead of a syntax error.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "GoldenSignals needs Python 3.11 or newer, this is "
        + sys.version.split()[0]
        + ". Install a newer one and name it: python3.11 manage.py up"
    )

from goldensignals import bootstrap

if __name__ == "__main__":
    bootstrap.ensure(sys.argv)
    from goldensignals import local

    local.run(sys.argv)
