# SPDX-License-Identifier: BSD-2-Clause
"""A PCI host bridge that is passed through whole: what its VMM has of it, and which vectors."""

import struct

from test_vmconf import HERE, PCI, RAM, inputs, run, second_bridge, with_board  # noqa: F401

IRQS = 176 + 16 * 8 + 24 * RAM  # struct vm_config_irq
DEVICES = IRQS + 8 * 62  # struct vm_config_device


def test_configuration_of_a_whole_bridge(run, tmp_path):
    """The VMM has its MSI frame, and the ECAM for resets."""
    run(HERE / "good" / "pci_whole.system")
    config = (run.out / "linux.vm_config").read_bytes()
    assert struct.unpack_from("<QQII", config, PCI) == (0x8020000, 0x8020040, 80, 2)
    assert struct.unpack_from("<QQII", config, PCI + 24) == (0, 0, 0, 0)
    kind, first_bus, *rest = struct.unpack_from("<HHIQQQ", config, DEVICES)
    assert (kind, first_bus) == (4, 0)  # a host bridge, to be reset
    assert rest == [2**32 - 1, 0x3F000000, 0x400000, 0x130000000]
    run(HERE / "good" / "pci_whole.system", board=with_board(tmp_path, ("bus-range = <0 14>", "bus-range = <3 14>")))
    config = (run.out / "linux.vm_config").read_bytes()
    assert struct.unpack_from("<HH", config, DEVICES) == (4, 3)


def test_whole_bridge_that_the_vmm_does_not_have(run, tmp_path):
    """Its guest cannot restart, and need not."""
    text = (HERE / "good" / "pci_whole.system").read_text()
    system = tmp_path / "without.system"
    for perms in ("", "r"):
        own = f'<map mr="ecam" vaddr="0x130000000" perms="{perms}" cached="false" />' if perms else ""
        system.write_text(text.replace('<map mr="ecam" vaddr="0x130000000" perms="rw" cached="false" />', own))
        done = run(system)
        assert done.returncode == 0
        assert (
            "Warning: /pcie@10000000 cannot be reset when the guest restarts, which its VMM refuses then: map region "
            "'ecam' into protection domain 'vmm', too, with perms=\"rw\" cached=\"false\" on element 'map': "
            "without.system:33:13\n" in done.stderr
        )
        config = (run.out / "linux.vm_config").read_bytes()
        assert struct.unpack_from("<HHIQQQ", config, DEVICES)[0:6:5] == (4, 0)
    overlay = tmp_path / "linux.dtso"
    overlay.write_text("/dts-v1/;\n/plugin/;\n&sluice { restart = \"never\"; };\n")
    assert "Warning" not in run(system, overlays=[(overlay, "linux")]).stderr


def test_two_bridges_whole(run, tmp_path):
    text = (HERE / "good" / "pci_whole.system").read_text()
    region = '<memory_region name="ecam2" size="0x100000" phys_addr="0x4000000000" />'
    text = text.replace('    <memory_region name="io"', f'    {region}\n    <memory_region name="io"')
    own = '<map mr="ecam2" vaddr="0x4000000000" perms="rw" cached="false" />'
    system = tmp_path / "two.system"
    system.write_text(text.replace('            <map mr="io"', f'            {own}\n            <map mr="io"'))
    done = run(system, board=with_board(tmp_path, second_bridge()))
    assert done.returncode == 1
    assert done.stderr == (
        "Error: region 'ecam2' is of the ECAM of /pcie@50000000, and 'linux' has /pcie@10000000 whole: a guest has one "
        "host bridge of the board's on element 'map': two.system:35:13\n"
    )


def test_what_a_device_has_is_no_vector(run, tmp_path):
    """Not all that the MSI frame says it raises is left to it."""
    text = (HERE / "good" / "pci_whole.system").read_text()
    system = tmp_path / "clock.system"
    text = text.replace(
        "    <protection_domain", '    <memory_region name="rtc" size="0x1000" phys_addr="0x9010000" />\n    <protection_domain'
    )
    text = text.replace("        <virtual_machine", '        <irq irq="82" id="7" />\n        <virtual_machine')
    text = text.replace('<vcpu id="0" />', '<vcpu id="0" /><map mr="rtc" vaddr="0x9010000" perms="rw" cached="false" />')
    system.write_text(text)
    for number, trigger, edge in (("4", "level", 0), ("1", "edge", 1)):
        system.write_text(text.replace('irq="82" id="7"', f'irq="82" id="7" trigger="{trigger}"'))
        board = with_board(tmp_path, ("interrupts = <0 2 4>", f"interrupts = <0 50 {number}>"))
        done = run(system, board=board)
        assert done.returncode == 0, done.stderr
        config = (run.out / "linux.vm_config").read_bytes()
        assert struct.unpack_from("<QQII", config, PCI) == (0x8020000, 0x8020040, 80, 2)
        irqs = list(struct.iter_unpack("<IHH", config[IRQS:][: 8 * 62]))
        assert (82, 7, edge) in irqs and (80, 6, 1) in irqs
    disabled = ("interrupts = <0 50 4>", "interrupts = <0 50 4>; status = \"disabled\"")
    only = text.replace('irq="82" id="7"', 'irq="82" id="7" trigger="edge"').replace(
        '<map mr="rtc" vaddr="0x9010000" perms="rw" cached="false" />', ""
    )
    system.write_text(only)
    assert run(system, board=with_board(tmp_path, disabled)).returncode == 0
    config = (run.out / "linux.vm_config").read_bytes()
    assert struct.unpack_from("<QQII", config, PCI) == (0x8020000, 0x8020040, 80, 3)
