"""The one way in: analyse a chain, store it with its alerts, then show both."""
