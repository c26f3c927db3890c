# SPDX-License-Identifier: BSD-2-Clause
"""scripts/vm_programs.py: which program a VM gets, and what is said of one that is not there."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/vm_programs.py"


@pytest.fixture
def run(tmp_path):
    """run(program of the VM, another program, files in the system's folder): what it ended with."""
    for folder in ("mine", "out", "vmconf"):
        (tmp_path / folder).mkdir()
    (tmp_path / "stock").write_text("stock")
    (tmp_path / "owner").write_text("stock owner")

    def start(vmm, program, *files):
        for name in files:
            (tmp_path / "mine" / name).write_text(f"own {name}")
        (tmp_path / "s.system").write_text(
            "<system>\n<protection_domain name='a'>\n"
            f"  <program_image path='{vmm}' />\n<virtual_machine/></protection_domain>\n"
            f'<protection_domain name="b">\n  <program_image path="{program}" />\n</protection_domain>\n</system>\n'
        )
        (tmp_path / "vmconf/vms.txt").write_text(f"guest a {vmm}\n")
        options = ["--system", "s.system", "--vmconf", "vmconf", "--stock", "stock", "--out", "out", "--smmu", "owner"]
        command = [SCRIPT, *options, "--known", "serial_mux.elf", "mine", "vmms"]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, env={"OBJCOPY": "/bin/false"}
        )

    return start


@pytest.mark.parametrize("vmm", ["vmm.elf", "vmm2.elf", "vmm_left.elf"])
def test_the_stock_vmm_by_its_names(run, tmp_path, vmm):
    done = run(vmm, "serial_mux.elf")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / vmm).read_text() == "stock"


@pytest.mark.parametrize("program", ["smmu.elf", "smmu2.elf", "smmu_of_gpus.elf"])
def test_the_owner_of_an_smmu(run, tmp_path, program):
    """The stock one, or the user's own; also where one was made before."""
    (tmp_path / "vmconf/smmus.txt").write_text(f"smmu_0.smmu_config {program}\n")
    for _ in range(2):
        assert run("vmm.elf", program).returncode == 0
        assert (tmp_path / "out" / program).read_text() == "stock owner"
    assert run("vmm.elf", program, program).returncode == 0
    assert (tmp_path / "out" / program).read_text() == f"own {program}"


def test_ones_own(run, tmp_path):
    (tmp_path / "out/driver.elf").write_text("made by a rule")
    assert run("vmm.elf", "driver.elf", "vmm.elf").returncode == 0
    assert (tmp_path / "out/vmm.elf").read_text() == "own vmm.elf"
    (tmp_path / "mine/vmm.elf").unlink()
    # What was made then is not taken for the user's now.
    assert run("vmm.elf", "driver.elf").returncode == 0
    assert (tmp_path / "out/vmm.elf").read_text() == "stock"


@pytest.mark.parametrize(
    ("vmm", "program", "files", "message"),
    [
        ("hypervisor.elf", "serial_mux.elf", [], "3:3: error: there is no program 'hypervisor.elf'; the stock VMM is vmm.elf, or vmm_NAME.elf"),
        # Never the stock VMM instead of what the user has under nearly that name.
        ("vmm_hostle.elf", "serial_mux.elf", ["vmm_hostile.elf"], "3:3: error: there is no program 'vmm_hostle.elf'; did you mean 'vmm_hostile.elf'?"),
        ("vmm.elf", "serial_muks.elf", [], "6:3: error: there is no program 'serial_muks.elf'; did you mean 'serial_mux.elf'?"),
        ("vmm.elf", "driver.elf", [], "6:3: error: there is no program 'driver.elf'"),
    ],
)
def test_what_is_not_there(run, tmp_path, vmm, program, files, message):
    done = run(vmm, program, *files)
    assert done.returncode == 1
    assert done.stderr == f"s.system:{message}\n"
    assert not list((tmp_path / "out").iterdir())
