"""What the checks with vendors' clients have in common: where the simulator is, and how a test tells it what to do."""

import os
import time
import unittest

import requests

# `http://127.0.0.1:PORT`, without a trailing slash.
BASE = os.environ["HOLDFAST_SIM"]


def control(scenario, system, verb, body):
    """Orders something of the simulator; a refusal is a failure of the test."""
    answer = requests.post(f"{BASE}/control/{scenario}/{system}/{verb}", json=body, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def address(scenario, system):
    return f"{BASE}/s/{scenario}/{system}"


def token(scenario):
    return f"sim-{scenario}-token"


def until(what, look, seconds=20):
    """Looks until there is something to see."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")


def main():
    # The clients leave sockets to the collector.
    unittest.main(verbosity=2, warnings="ignore")
