# SPDX-License-Identifier: BSD-2-Clause
"""The report in its three forms: what they say of a description, whatever is in it."""

import json
import os
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

import sdk as parts

# Those of the first line are fixtures.
from test_sdf import build, describe, files, run, sdk
from test_sdf import HERE, PD

SVG = "{http://www.w3.org/2000/svg}"
ODD = ['a "b" <c> \\', "x\\", "x?", "\u00e4&lt;\\N\\", "{|}", "q->r:s", "x\ny"]


@pytest.fixture
def reports(build, tmp_path):
    """Builds a description; returns its text, its JSON, and its graph: titles with texts."""

    def reports(system):
        options = ["--report-json", tmp_path / "report.json", "--report-dot", tmp_path / "report.dot"]
        done = build(system, *options)
        assert done.returncode == 0, done.stderr
        document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        subprocess.run(["dot", "-Tsvg", tmp_path / "report.dot", "-o", tmp_path / "report.svg"], check=True)
        graph = []
        for element in ElementTree.parse(tmp_path / "report.svg").iter(f"{SVG}g"):
            if element.get("class") in ("node", "edge", "cluster"):
                texts = [text.text for text in element.findall(f"{SVG}text")]
                graph.append((element.find(f"{SVG}title").text, *texts))
        return (tmp_path / "report.txt").read_text(encoding="utf-8"), document, graph

    return reports


@pytest.fixture
def everything(reports):
    return reports(HERE / "good" / "everything.system")


def description():
    return ElementTree.parse(HERE / "good" / "everything.system").getroot()


def number(element, name, default):
    return int(element.get(name, str(default)).replace("_", ""), 0)


def test_json_has_every_element(everything, tmp_path):
    """Compared with the description as Python reads it."""
    report, root = everything[1], description()
    pds = {pd["name"]: pd for pd in report["protection_domains"]}
    assert [pd.get("name") for pd in root.iter("protection_domain")] == list(pds)
    for element in root.iter("protection_domain"):
        pd = pds[element.get("name")]
        budget = number(element, "budget", 1000)
        assert pd["priority"] == number(element, "priority", 0)
        assert (pd["budget"], pd["period"]) == (budget, number(element, "period", budget))
        assert pd["stack_size"] == number(element, "stack_size", 0x2000)
        assert pd["cpu"] == number(element, "cpu", 0)
        for name, default in (("passive", "false"), ("smc", "false"), ("fpu", "true")):
            assert pd[name] == (element.get(name, default) == "true")
        assert pd["program"] == element.find("program_image").get("path")
        assert pd["file"].endswith("/program.elf") and pd["entry"] == 0x200000
        assert [irq["intid"] for irq in pd["irqs"]] == [number(irq, "irq", 0) for irq in element.findall("irq")]
        check_maps(pd["maps"], element)
    for element in root.iter("memory_region"):
        region = next(one for one in report["memory_regions"] if one["name"] == element.get("name"))
        assert region["size"] == number(element, "size", 0x2000)
        assert region["fixed"] == ("phys_addr" in element.attrib)
        assert region["address"] == number(element, "phys_addr", region["address"])
        assert region["prefill"] == element.get("prefill_path")
        assert region["prefill_size"] == (5000 if region["prefill"] else 0)
        assert region["device"] == (region["name"] == "device")
    for element, channel in zip(root.iter("channel"), report["channels"], strict=True):
        assert channel == [
            {
                "pd": end.get("pd"),
                "id": number(end, "id", 0),
                "notify": end.get("notify", "true") == "true",
                "pp": end.get("pp", "false") == "true",
            }
            for end in element.iter("end")
        ]


def check_maps(maps, element):
    for one, map_ in zip(maps, element.findall("map"), strict=True):
        assert one["memory_region"] == map_.get("mr")
        assert one["vaddr"] == number(map_, "vaddr", 0)
        assert one["perms"] == map_.get("perms", "rw")
        assert one["cached"] == (map_.get("cached", "true") == "true")


def test_json_values(everything, tmp_path):
    report = everything[1]
    server, parent, child, grandchild = report["protection_domains"]
    assert (report["board"], report["config"]) == ("qemu_virt_aarch64", "debug")
    assert report["image"]["address"] == parts.LOAD
    assert report["image"]["size"] == (tmp_path / "loader.img").stat().st_size
    assert report["ram"] == {"start": 0x40000000, "needed_end": 0x80004000}
    assert (server["parent"], parent["parent"], "id" in parent) == (None, None, False)
    assert [(pd["parent"], pd["id"]) for pd in (child, grandchild)] == [("parent", 7), ("child", 7)]
    assert parent["irqs"] == [
        {"id": 0, "intid": 33, "trigger": "level"},
        {"id": 61, "intid": 79, "trigger": "edge"},
        {"id": 60, "intid": 80, "trigger": "level"},
    ]
    assert parent["capabilities"] == [
        {"slot": 1, "kind": "tcb", "pd": "child"},
        {"slot": 2, "kind": "sc", "pd": "child"},
        {"slot": 63, "kind": "vspace", "pd": "parent"},
    ]
    assert parent["setvars"] == [{"symbol": "word_e", "memory_region": "only_its_address"}]
    assert child["virtual_machine"] is None
    guest = parent["virtual_machine"]
    assert (guest["name"], guest["priority"], guest["budget"], guest["period"]) == ("guest", 50, 1000, 2000)
    assert guest["vcpus"] == [{"id": 0, "cpu": 0}, {"id": 8, "cpu": 0}]
    assert guest["maps"][1] == {
        "memory_region": "device",
        "vaddr": 0x9000000,
        "size": 0x1000,
        "address": 0x9000000,
        "perms": "rw",
        "cached": False,
    }


def test_json_memory_map(everything):
    """In order, without overlaps, and as the text has it."""
    text, report, _ = everything
    memory = report["memory"]
    for one, following in zip(memory, memory[1:]):
        assert one["address"] + one["size"] <= following["address"]
    places = {(one["address"], one["of"]) for one in memory if one["kind"] == "memory_region"}
    assert places >= {(region["address"], region["name"]) for region in report["memory_regions"]}
    owners = {one["of"] for one in memory if one["kind"] == "protection_domain" and one["what"] == "stack"}
    assert owners == {"server", "parent", "child", "grandchild"}
    for one in memory:
        assert f"  {one['address']:#012x}..{one['address'] + one['size']:#012x} " in text


def test_text_names_who_shares(everything):
    text = everything[0]
    lines = [line.split() for line in text.splitlines()]
    assert "guest 50 1000/2000 0 - - (VM, 2 vCPUs)".split() in lines
    assert "child 99 1000/1000 0 8 KiB 28.2 KiB program.elf".split() in lines
    for expected in (
        "  fixed: 2 MiB at 0x40000000, as described\n"
        "    parent                   rw- at 0x40000000\n"
        "    guest                    rwx at 0x40000000\n",
        "    guest                    rw- at 0x9000000, not cached\n",
        ", chosen, filled from 5000.bin\n",
        "    parent                   knows its address (word_e)\n",
        "  map      0xfffffff000      4 KiB -> 0x",
    ):
        assert expected in text


def test_picture(everything):
    graph = everything[2]
    for expected in (
        ("cluster parent", "parent"),
        ("cluster child", "child"),
        ("pd parent", "parent", "program.elf", "priority 100", "500 of 1000 \u00b5s", "cpu 0, no fpu"),
        ("pd grandchild", "grandchild", "program.elf", "priority 98", "cpu 0", "child 7"),
        ("vm guest", "VM guest", "priority 50", "1000 of 2000 \u00b5s", "vCPU 0, cpu 0", "vCPU 8, cpu 0"),
        ("mr plain", "plain", "12 KiB"),
        ("mr file_at", "file_at", "16 KiB at 0x80000000", "5000.bin"),
        ("pd parent->mr plain", "r", "0x10000000"),
        ("vm guest->mr device", "rw uncached", "0x9000000"),
        ("pd parent->mr only_its_address", "knows", "its address"),
        ("pd parent->pd child", "sc, slot 2"),
        ("irq 79", "INTID 79", "edge"),
        ("irq 79->pd parent", "61"),
    ):
        assert expected in graph
    channels = {(title, frozenset(texts)) for title, *texts in graph if "->pd" in title}
    assert ("pd parent->pd server", frozenset(("calls", "3"))) in channels
    assert ("pd child->pd parent", frozenset(("0", "4"))) in channels


def test_odd_names(reports, describe):
    """Whatever a region is called, the forms can be read, and no two regions become one."""
    quoted = [name.translate({ord(c): f"&#{ord(c)};" for c in '"<>&\\\n\u00e4'}) for name in ODD]
    regions = [f'<memory_region name="{name}" size="0x1000" />' for name in quoted]
    maps = [f'<map mr="{name}" vaddr="{0x10000000 + i * 0x1000:#x}" />' for i, name in enumerate(quoted)]
    odd = '<protection_domain name="{0}" id="1"><program_image path="program.elf" /></protection_domain>'
    children = odd.format(quoted[3]) + '<virtual_machine name="&quot;v&quot;"><vcpu id="0" /></virtual_machine>'
    _, report, graph = reports(describe(*regions, PD.format("program.elf", "".join(maps) + children)))
    assert [region["name"] for region in report["memory_regions"]] == ODD
    assert [one["memory_region"] for one in report["protection_domains"][0]["maps"]] == ODD
    shown = {texts[0] for title, *texts in graph if title.startswith("mr ")}
    assert shown == {name.replace("\n", "\u240a") for name in ODD}
    assert len({title for title, *_ in graph if title.startswith("pd a->mr ")}) == len(ODD)
    assert ("vm \"v\"", 'VM "v"', "priority 0", "vCPU 0, cpu 0") in graph
    assert report["protection_domains"][1]["name"] == ODD[3]


def test_path_that_is_no_text(run, describe, files, tmp_path):
    """JSON is UTF-8, which names of folders need not be."""
    folders = [b"\xff", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xe2\x82\xac"]
    describe(PD.format("program.elf", ""))
    for folder in folders:
        os.mkdir(os.fsencode(tmp_path) + b"/" + folder)
        os.symlink(files / "program.elf", os.fsencode(tmp_path) + b"/" + folder + b"/program.elf")
        arguments = ["--board", "qemu_virt_aarch64", "--config", "debug", "--report-json", "report.json"]
        done = run("test.system", *arguments, "--search-path", os.fsdecode(folder))
        assert done.returncode == 0
        report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8", errors="strict"))
        expected = folder.decode(errors="replace") if folder == folders[-1] else "\ufffd" * len(folder)
        assert report["protection_domains"][0]["file"] == f"{expected}/program.elf"


@pytest.mark.parametrize("option", ["-r", "--report-json", "--report-dot"])
@pytest.mark.parametrize(
    "path, why", [("nowhere/report", "No such file or directory"), (".", "Is a directory"), ("/dev/full", "No space left on device")]
)
def test_report_that_cannot_be_written(run, describe, files, tmp_path, option, path, why):
    """An error, and of no output anything is left."""
    describe(PD.format("program.elf", ""))
    others = [name for name in ("-r", "--report-json", "--report-dot") if name != option]
    outputs = [part for index, name in enumerate(others) for part in (name, f"other{index}")]
    arguments = ["--board", "qemu_virt_aarch64", "--config", "debug", "--search-path", files]
    done = run("test.system", *arguments, *outputs, option, path)
    assert done.returncode == 1
    assert done.stderr == f"microkit: error: cannot write '{path}': {why}\n"
    assert [one.name for one in tmp_path.iterdir()] == ["test.system"]


def test_failed_run_leaves_no_report_of_an_earlier_one(build, describe, tmp_path):
    outputs = [tmp_path / name for name in ("report.json", "report.dot")]
    for output in outputs:
        output.write_text("of an earlier run")
    done = build(describe(), "--report-json", outputs[0], "--report-dot", outputs[1])
    assert done.returncode == 1
    assert [one.name for one in tmp_path.iterdir()] == ["test.system"]


def test_reports_need_a_path(run, describe):
    describe(PD.format("program.elf", ""))
    done = run("test.system", "--board", "qemu_virt_aarch64", "--config", "debug", "--report-json")
    assert done.returncode == 1
    assert done.stderr.startswith("microkit: error: argument --report-json: expected one argument")
