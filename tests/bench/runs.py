# SPDX-License-Identifier: BSD-2-Clause
"""A run's results, small enough to check by hand."""

import copy

from results import Results

RUN = Results(
    date="2026-01-02T03:04:05Z",
    versions={"sluice": "abc", "qemu": "QEMU 7"},
    peers=["bare", "sluice", "contract", "new & <odd>"],
    figures={
        "irq-exact": {"bare": 0.0, "sluice": 108.66, "contract": 2850.54, "new & <odd>": 224.0},
        "boot": {"bare": 0, "sluice": 31_000_000, "contract": 29_000_000, "new & <odd>": None},
        "uptime": {"bare": 860.0, "sluice": 868.6, "contract": 870.0},
        "read-random": {"bare": 16.0, "sluice": 25.4, "contract": 28.0, "new & <odd>": 160.0},
        "tcp-in": {"bare": 40.0, "sluice": 38.0, "contract": 10.0, "new & <odd>": 30.0},
    },
)


def run(**changes):
    """A copy in which figures are changed: irq_exact={"sluice": 1}."""
    results = copy.deepcopy(RUN)
    for key, values in changes.items():
        results.figures[key.replace("_", "-")].update(values)
    return results
