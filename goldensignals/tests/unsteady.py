"""A test that passes only when run again is a fault all the same: its first error is shown."""

from pytest import TerminalReporter  # noqa: PT013 - a plugin names the class alone


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"unsteady: {report.nodeid} ({report.when})")
        terminalreporter.write_line(report.longreprtext)
        terminalreporter.write_line(report.caplog)
