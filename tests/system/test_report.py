# SPDX-License-Identifier: BSD-2-Clause
"""The report as JSON and as a picture, and the pictures that are kept beside the systems."""

import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import BUILD, ROOT, good_make

SVG = "{http://www.w3.org/2000/svg}"
SYSTEMS = ["simple", "passthrough"]


def graph(path):
    """Titles of the nodes and edges of a picture: what it shows, wherever it lies."""
    found = [
        element.find(f"{SVG}title").text
        for element in ElementTree.parse(path).iter(f"{SVG}g")
        if element.get("class") in ("node", "edge")
    ]
    return sorted(found)


@pytest.mark.parametrize("system", SYSTEMS)
def test_kept_picture_shows_the_system(system):
    good_make("picture", f"SYSTEM={system}")
    drawn = graph(BUILD / f"{system}-debug/{system}.svg")
    assert drawn == graph(ROOT / f"systems/{system}/{system}.svg"), "make picture, and keep it"
    assert "vm linux" in drawn and "pd vmm" in drawn and "irq 33->pd vmm" in drawn
    assert f"({system}.svg)" in (ROOT / f"systems/{system}/README.md").read_text()


def test_json_says_what_the_description_says():
    good_make("image", "SYSTEM=passthrough")
    report = json.loads((BUILD / "passthrough-debug/report.json").read_text())
    regions = {region["name"]: region for region in report["memory_regions"]}
    (vmm,) = report["protection_domains"]
    assert report["board"] == "qemu_virt_aarch64" and report["config"] == "debug"
    assert report["image"]["address"] == 0x70000000
    assert report["image"]["size"] == (BUILD / "passthrough-debug/loader.img").stat().st_size
    assert regions["guest_ram"]["address"] == 0x40000000 and regions["guest_ram"]["fixed"]
    assert regions["serial"]["device"] and not regions["kernel"]["device"]
    assert regions["kernel"]["prefill"] == "Image" and regions["kernel"]["prefill_size"] > 1 << 20
    assert vmm["name"] == "vmm" and vmm["parent"] is None and vmm["smc"]
    assert {irq["intid"]: irq["trigger"] for irq in vmm["irqs"]} == {33: "level", 78: "edge", 79: "edge"}
    assert vmm["virtual_machine"]["name"] == "linux"
    ram = [one for one in vmm["virtual_machine"]["maps"] if one["memory_region"] == "guest_ram"]
    assert ram[0]["vaddr"] == 0x40000000 and ram[0]["perms"] == "rwx" and ram[0]["cached"]


def test_names_are_quoted(tmp_path):
    """Whatever names the description has, both forms can be read."""
    good_make("target-images")
    (tmp_path / "odd.system").write_text(
        '<system><memory_region name="a &quot;b&quot; \\ &#228;" size="0x1000"/>'
        '<protection_domain name="p&quot;q"><program_image path="other.elf"/>'
        '<map mr="a &quot;b&quot; \\ &#228;" vaddr="0x8000000"/></protection_domain>'
        '<protection_domain name="r" priority="2"><program_image path="other.elf"/></protection_domain>'
        '<channel><end pd="p&quot;q" id="3" pp="true"/><end pd="r" id="4" notify="false"/></channel></system>'
    )
    done = subprocess.run(
        [BUILD / "sdk/bin/microkit", tmp_path / "odd.system", "--search-path", BUILD / "target/start"]
        + ["--board", "qemu_virt_aarch64", "--config", "debug", "-o", tmp_path / "i", "-r", tmp_path / "r"]
        + ["--report-json", tmp_path / "j", "--report-dot", tmp_path / "d"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "j").read_text(encoding="utf-8"))
    assert report["memory_regions"][0]["name"] == 'a "b" \\ \u00e4'
    assert report["channels"] == [
        [
            {"pd": 'p"q', "id": 3, "notify": True, "pp": True},
            {"pd": "r", "id": 4, "notify": False, "pp": False},
        ]
    ]
    subprocess.run(["dot", "-Tsvg", tmp_path / "d", "-o", tmp_path / "s"], check=True)
    assert 'mr a "b" ? \u00e4' in graph(tmp_path / "s")


def test_a_failed_run_leaves_no_report(tmp_path):
    (tmp_path / "j").write_text("old")
    (tmp_path / "bad.system").write_text("<system></system>")
    done = subprocess.run(
        [BUILD / "sdk/bin/microkit", tmp_path / "bad.system", "--board", "qemu_virt_aarch64"]
        + ["--config", "debug", "-o", tmp_path / "i", "-r", tmp_path / "r"]
        + ["--report-json", tmp_path / "j", "--report-dot", "/nowhere/d"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and not (tmp_path / "j").exists()
    assert re.search(r"^Error: .+bad\.system:1:1$", done.stderr, re.M), done.stderr
