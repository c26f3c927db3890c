# SPDX-License-Identifier: BSD-2-Clause
"""scripts/overlay_lines.py: an overlay's errors name its source and the line."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/overlay_lines.py"
SOURCE = """/dts-v1/;
/plugin/;
/* restrat, id, uart7: not these. */
&uart7 { status = "disabled"; };
&sluice {
	console-id = "x"; // id
	restrat = "never";
	restart = "perhaps";
	pci {
		disk { id = <1>; };
		nvme {
			id = <2>;
		};
	};
};
"""


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("label 'uart7' is unknown; the guest's tree has: chosen", "s/linux.dtso:4: "),
        ("/sluice: unknown property 'restrat'; known: restart, autostart", "s/linux.dtso:7: "),
        ('/sluice: restart takes "always" or "never"', "s/linux.dtso:8: "),
        ("/sluice/pci/nvme: id takes two cells", "s/linux.dtso:12: "),
        ("/sluice/pci: the guest has no PCI function 'nic', but: disk", "s/linux.dtso:9: "),
        ("the overlay changes the guest's memory", "s/linux.dtso: "),
    ],
)
def test_lines(tmp_path, message, said):
    (tmp_path / "s").mkdir()
    (tmp_path / "s/linux.dtso").write_text(SOURCE)
    text = f"vmconf: error: build/x/linux.dtbo: {message}"
    command = [SCRIPT, "s", "sh", "-c", 'echo "$0" >&2; exit 3', text]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, f"vmconf: error: {said}{message}\n")


def test_other_messages_and_the_status_pass(tmp_path):
    text = "vmconf: error: build/x/other.dtbo: label 'a' is unknown\nvmconf: note: guest 'linux': x"
    command = [SCRIPT, tmp_path, "sh", "-c", 'echo out; echo "$0" >&2', text]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "out\n", f"{text}\n")
