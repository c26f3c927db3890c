# SPDX-License-Identifier: BSD-2-Clause
# README: boards
"""A guest with nothing but a serial port: it boots, in debug and release, and what it does to its machine
harms nobody. passthrough boots in test_session.py."""

import pytest

pytestmark = pytest.mark.xdist_group("boot")


def check_boot(guest, config):
    """To the shell; debug kernels say that they have started."""
    boot = guest.prompt()
    kernel_lines = [line for line in boot.splitlines() if line.startswith("sluice: GIC")]
    assert len(kernel_lines) == (1 if config == "debug" else 0)
    assert "up in" in boot
    assert guest.run("uname -m").strip() == "aarch64"
    assert guest.run("nproc").strip() == "1"


@pytest.fixture(scope="module")
def guest(module_machine):
    """At its prompt, for all tests here."""
    guest = module_machine("simple")
    check_boot(guest, "debug")
    return guest


def test_random_numbers_at_once(guest):
    """From the machine's seed: Linux waits for none, and its kernel lies elsewhere each time."""
    log = guest.run("dmesg | grep -E 'crng|KASLR'")
    assert "[    0.000000] random: crng init done" in log
    assert "KASLR enabled" in log
    assert "smccc_trng" in guest.run("ls /sys/bus/platform/devices")


def test_time_from_the_first_second(machine):
    guest = machine("simple", qemu_args=lambda _: ["-rtc", "base=2031-02-03T04:05:06"])
    assert "setting system clock to 2031-02-03T04:05" in guest.prompt()


def test_no_seed(machine):
    """A machine without one says so, and none is invented."""
    guest = machine("simple", qemu_args=lambda _: ["-machine", "dtb-randomness=off"])
    assert "[linux] no seed from the machine: " in guest.prompt()
    log = guest.run("dmesg | grep -E 'crng|KASLR'")
    assert "KASLR disabled due to lack of seed" in log
    assert "[    0.000000] random: crng init done" not in log
    assert guest.run("ls /proc/device-tree/chosen | grep -c seed").strip() == "0"


def test_release(machine):
    guest = machine("simple", "release")
    check_boot(guest, "release")
    guest.send("poweroff")
    assert guest.wait_end() == 0


def test_job_control_and_interrupt_key(guest):
    assert "can't access tty" not in guest.run("sleep 1000 & jobs")
    guest.send("sh -c 'echo; echo started; exec sleep 1000'")
    guest.expect(rb"[\r\n]started[\r\n]")
    guest.child.send("\x03")
    guest.prompt()
    text = guest.run("kill %1; wait %1; echo alive")
    assert "alive" in text and "Terminated" in text


def test_access_to_nothing_is_an_abort_in_the_guest_only(guest):
    """busybox's devmem touches addresses where nothing is: the process dies, the guest lives."""
    for address in ("0xa000000", "0x8020000", "0x30000000"):
        text = guest.run(f"devmem {address}")
        assert "Bus error" in text, text
    text = guest.run("dmesg | tail -n 3; echo alive")
    assert "alive" in text


def test_distributor_takes_bad_accesses(guest):
    guest.run("for i in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do devmem 0x8000${i}01 8; done")
    guest.run("for i in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do devmem 0x8000${i}04 64; done")
    assert guest.run("sleep 1; echo alive").strip() == "alive"


def test_poweroff(guest):
    guest.send("poweroff")
    assert guest.wait_end() == 0
