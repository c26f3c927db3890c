# SPDX-License-Identifier: BSD-2-Clause
"""The reports of the systems here, and the pictures that are kept beside them. tests/sdf has more."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import BUILD, ROOT, good_make, image

SVG = "{http://www.w3.org/2000/svg}"
SYSTEMS = ["simple", "passthrough", "smp", "two-guests", "pair", "many-guests", "firmware"]
SYSTEMS += ["pci", "pci-iommu", "pci-pair", "pci-whole", "two-firmware-guests"]


def graph(path):
    """Titles and texts of nodes, edges and frames: what a picture shows, wherever it lies."""
    found = []
    for element in ElementTree.parse(path).iter(f"{SVG}g"):
        if element.get("class") in ("node", "edge", "cluster"):
            texts = [text.text for text in element.findall(f"{SVG}text")]
            found.append((element.find(f"{SVG}title").text, *texts))
    return sorted(found)


def without_sizes_of_files(nodes):
    """How large a kernel is differs from one Debian release to the next."""
    return [
        (title, texts[0], *texts[2:]) if title.startswith("mr ") and len(texts) == 3 else (title, *texts)
        for title, *texts in nodes
    ]


@pytest.mark.parametrize("system", SYSTEMS)
def test_kept_picture_shows_the_system(system):
    good_make("picture", f"SYSTEM={system}")
    drawn = without_sizes_of_files(graph(BUILD / f"{system}-debug/{system}.svg"))
    folder = ROOT / "systems" / system.removesuffix("-iommu")
    kept = without_sizes_of_files(graph(folder / f"{system}.svg"))
    assert drawn == kept, f"make picture SYSTEM={system}, look at it, and keep it"
    assert f"({system}.svg)" in (folder / "README.md").read_text()


def test_picture_shows_what_the_description_says():
    good_make("picture", "SYSTEM=passthrough")
    drawn = graph(BUILD / "passthrough-debug/passthrough.svg")
    for expected in (
        ("cluster vmm", "vmm"),
        ("pd vmm", "vmm", "vmm.elf", "priority 101", "cpu 0, smc"),
        ("vm linux", "VM linux", "priority 100", "vCPU 0, cpu 0"),
        ("mr guest_ram", "guest_ram", "512 MiB at 0x40000000"),
        ("irq 78", "INTID 78", "edge"),
        ("irq 78->pd vmm", "2"),
        ("vm linux->mr guest_ram", "rwx", "0x40000000"),
        ("vm linux->mr gicv", "rw uncached", "0x8010000"),
        ("pd vmm->mr initrd", "r", "0x110000000"),
    ):
        assert expected in drawn
    assert len(drawn) == 1 + 2 + 8 + 4 + 6 + 5 + 4


def test_json_says_what_the_description_says():
    made = image("passthrough")
    report = json.loads((made.folder / "report.json").read_text())
    regions = {region["name"]: region for region in report["memory_regions"]}
    (vmm,) = report["protection_domains"]
    assert report["board"] == "qemu_virt_aarch64" and report["config"] == "debug"
    assert report["image"]["address"] == 0x70000000
    assert report["image"]["size"] == made.loader.stat().st_size
    assert regions["guest_ram"]["address"] == 0x40000000 and regions["guest_ram"]["fixed"]
    assert regions["serial"]["device"] and not regions["kernel"]["device"]
    assert regions["kernel"]["prefill"] == "Image" and regions["kernel"]["prefill_size"] > 1 << 20
    assert vmm["name"] == "vmm" and vmm["parent"] is None and vmm["smc"]
    assert {irq["intid"]: irq["trigger"] for irq in vmm["irqs"]} == {
        33: "level", 34: "level", 78: "edge", 79: "edge"
    }
    assert vmm["virtual_machine"]["name"] == "linux"
    ram = [one for one in vmm["virtual_machine"]["maps"] if one["memory_region"] == "guest_ram"]
    assert ram[0]["vaddr"] == 0x40000000 and ram[0]["perms"] == "rwx" and ram[0]["cached"]
