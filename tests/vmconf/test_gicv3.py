# SPDX-License-Identifier: BSD-2-Clause
"""vmconf on a board with a GICv3: the same descriptions as for a GICv2."""

import struct

from test_vmconf import HERE, PCI, RAM, decompile, inputs, run, with_board  # noqa: F401


def gicv3(redistributors="0x40000"):
    """For with_board(): the GIC is one, with room for two CPUs."""
    frames = "<0x0 0x8010000 0x0 0x10000>,\n\t\t      <0x0 0x8030000 0x0 0x10000>, <0x0 0x8040000 0x0 0x10000>"
    return [
        ("arm,cortex-a15-gic", "arm,gic-v3"),
        (frames, f"<0x0 0x80a0000 0x0 {redistributors}>"),
        ("v2m@8020000", "its@8080000"),
        ("arm,gic-v2m-frame", "arm,gic-v3-its"),
        ("<0x0 0x8020000 0x0 0x1000>", "<0x0 0x8080000 0x0 0x20000>"),
    ]


def test_gicv3(run, tmp_path):
    """The same description as for a GICv2: region gicv is for nothing then."""
    done = run(HERE / "good" / "two_guests.system", board=with_board(tmp_path, *gicv3()))
    assert (done.returncode, done.stderr.count("Error")) == (0, 0), done.stderr
    tree = decompile(run.out / "linux.dtb")
    assert 'compatible = "arm,gic-v3";' in tree
    assert "reg = <0x0 0x8000000 0x0 0x10000 0x0 0x80a0000 0x0 0x20000>;" in tree
    assert "its@" not in tree
    config = (run.out / "linux.vm_config").read_bytes()
    assert struct.unpack_from("<I", config, 80) == (3,)
    console = 176 + 16 * 8 + 24 * RAM + 8 * 62 + 32 * 64
    assert struct.unpack_from("<Q", config, console) == (0,)  # no CPU interface
    assert struct.unpack_from("<Q", config, PCI + 24 + 24 + 56 * 12 + 32 * 32 + 16) == (0x80A0000,)
    report = (run.out / "vmconf.txt").read_text()
    assert "GICv3, distributor 0x8000000 (emulated), redistributors 0x80a0000 (emulated)" in report


def refusals(run, tmp_path, board, old, new):
    system = tmp_path / "other.system"
    text = (HERE / "good" / "two_guests.system").read_text()
    assert old in text
    system.write_text(text.replace(old, new))
    done = run(system, board=board)
    assert done.returncode == 1
    return done.stderr


def test_gicv3_refusals(run, tmp_path):
    board = with_board(tmp_path, *gicv3())
    vcpu = '<vcpu id="0" />'
    assert (
        "Error: 3 vCPUs have redistributors at 0x80a0000, and there is room for 2 on element 'virtual_machine'"
        in refusals(run, tmp_path, board, vcpu, vcpu + '<vcpu id="1" /><vcpu id="2" />')
    )
    gicv = 'mr="gicv" vaddr="0x8010000"'
    assert (
        "Error: the map lies over the guest's GIC redistributors, which the VMM emulates at 0x80a0000..0x80e0000"
        in refusals(run, tmp_path, board, gicv, 'mr="gicv" vaddr="0x80b0000"')
    )
    at = 'name="gicv" size="0x1000" phys_addr="0x8040000"'
    assert "has registers of the interrupt controller's redistributor" in refusals(
        run, tmp_path, board, at, 'name="gicv" size="0x1000" phys_addr="0x80b0000"'
    )
    assert "no device of the guest has registers in 0x9010000" in refusals(
        run, tmp_path, board, at, 'name="gicv" size="0x1000" phys_addr="0x9010000"'
    )
    assert "no device of the guest has registers in" in refusals(
        run, tmp_path, board, "gicv", "other"
    )


def test_messages_of_pci_functions(run, tmp_path):
    """Those to an ITS are as those to a GICv2m frame, if the SDK makes interrupts of them (--its)."""
    board = with_board(tmp_path, *gicv3())
    done = run(HERE / "good" / "pci_functions.system", "--its", "yes", board=board)
    assert done.returncode == 0, done.stderr
    tree = decompile(run.out / "linux.dtb")
    assert "v2m@8090000" in tree and "its@" not in tree
    assert "reg = <0x0 0x8090000 0x0 0x1000>;" in tree
    # No: each function has its line, or none at all; vectors are there for other boards and SDKs.
    done = run(HERE / "good" / "pci_functions.system", "--its", "no", board=board)
    assert done.stderr.count("Error:") == done.stderr.count("has no interrupt"), done.stderr
    system = tmp_path / "pci.system"  # that board has a device with interrupt 82
    system.write_text((HERE.parents[1] / "systems/pci/pci.system").read_text().replace('irq="8', 'irq="9'))
    done = run(system, board=board)
    assert done.returncode == 0, done.stderr
    assert "v2m@" not in decompile(run.out / "linux.dtb")


def test_messages_that_nobody_knows(run, tmp_path):
    board = with_board(tmp_path, *gicv3())
    done = run(HERE / "good" / "pci_functions.system", board=board, vectors=())
    assert "Error: PCI function 'nvme' has no interrupt" in done.stderr
    system = tmp_path / "pci.system"
    text = (HERE.parents[1] / "systems" / "pci" / "pci.system").read_text()
    system.write_text(text)
    done = run(system, board=board, vectors=())
    hint = "(which interrupts the board's MSI frame raises is not known: give --msi-first and --msi-count)"
    assert f"Error: interrupt 80 belongs to no device of the guest {hint} on element 'irq'" in done.stderr


def test_gicv3_without_redistributors(run, tmp_path):
    changes = gicv3()
    changes[1] = (",\n\t\t      ".join(["<0x0 0x8000000 0x0 0x10000>, " + changes[1][0].split(",")[0], changes[1][0].split("      ")[1]]), "<0x0 0x8000000 0x0 0x10000>")
    done = run(HERE / "good" / "two_guests.system", board=with_board(tmp_path, *changes))
    assert done.stderr == "vmconf: error: other.dtb: /intc@8000000 has no redistributors\n"
