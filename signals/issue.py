"""The one way out: a signal is stored with its exact inputs before anybody hears of it."""
