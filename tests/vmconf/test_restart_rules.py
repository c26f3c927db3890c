# SPDX-License-Identifier: BSD-2-Clause
"""What is said of devices that are not reset when their guest starts again."""

from test_vmconf import HERE, everything, inputs, run  # noqa: F401

RESTARTS_WITH = (
    "Warning: {} masters DMA, and is of no kind that the VMM can reset: what it is at when the guest restarts goes on "
    "in the RAM of the next one on element 'map': {}\n"
)


def test_dma_of_a_device_that_nobody_resets(run, tmp_path):
    """It is warned of where the guest may restart. GPIO controller and RTC master none."""
    assert "no kind that the VMM can reset" not in (HERE / "good/everything/messages.txt").read_text()
    overlay = tmp_path / "linux.dtso"
    overlay.write_text((HERE / "good/everything/linux.dtso").read_text().replace('restart = "never"', 'restart = "always"'))
    done = run(everything(), overlays=[(overlay, "linux")])
    warnings = [line for line in done.stderr.splitlines(True) if "no kind that the VMM can reset" in line]
    assert warnings == [
        RESTARTS_WITH.format("/dma@b000000", "everything.system:42:13"),
        RESTARTS_WITH.format("/soc@c000000/clock-controller@0", "everything.system:43:13"),
        RESTARTS_WITH.format("/soc@c000000/ethernet@2000", "everything.system:44:13"),
    ]


def test_a_console_starts_what_never_restarts(run, tmp_path):
    """So what is not reset then is said all the same."""
    text = (HERE / "good/two_consoles.system").read_text()
    own = '        <map mr="virtio" vaddr="0x130001000" perms="rw" cached="false" />\n'
    assert own in text
    system = tmp_path / "two_consoles.system"
    system.write_text(text.replace(own, ""))
    overlays = []
    for vm in ("linux", "other"):
        overlays.append((tmp_path / f"{vm}.dtso", vm))
        lines = (HERE / f"good/two_consoles/{vm}.dtso").read_text()
        overlays[-1][0].write_text(f'{lines}\n&sluice {{ restart = "never"; }};\n')
    assert "/virtio_mmio@a000200 cannot be reset when the guest restarts: " in run(system, overlays=overlays).stderr
