"""Waiting for something to become true: no fixed sleeps in tests."""

import time


def until(condition, what, timeout=15, step=0.02):
    """The first true value of condition(); fails with "what" otherwise."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(step)
