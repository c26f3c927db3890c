# SPDX-License-Identifier: BSD-2-Clause
"""What QEMU's SMMU can be told to be."""

import subprocess


def stages():
    """Of translation that QEMU's SMMU can be told to have; before 9.0 it has the first."""
    command = ["qemu-system-aarch64", "-device", "arm-smmuv3,help"]
    has_choice = "stage=" in subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [f"-global arm-smmuv3.stage={stage}" for stage in ("1", "2", "nested") if has_choice] or [""]
