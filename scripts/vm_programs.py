#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the programs that vmconf lists, VMMs and SMMUs' owners, with their configurations in their sections.

    vm_programs.py --system FILE --vmconf DIR --stock VMM [--smmu OWNER] --out DIR [--known NAME]... FOLDER...

A VM's program is the user's own if one of the folders has it, the last that does; else the stock VMM, if
it has one of the stock VMM's names; so with the stock owner of an SMMU. All programs of the description are looked for, those that are no
VM's in --out as well; of one that is not there it is said what was perhaps meant. `--known` names those
that others make.
"""

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import xml.parsers.expat

STOCK_NAMES = re.compile(r"vmm(\d+|[_-][^/]+)?\.elf")
SMMU_NAMES = re.compile(r"smmu(\d+|[_-][^/]+)?\.elf")


def programs(path):
    """The programs that a description names: path to line and column."""
    found = {}
    parser = xml.parsers.expat.ParserCreate()

    def start(tag, attributes):
        if tag == "program_image" and attributes.get("path"):
            place = f"{path}:{parser.CurrentLineNumber}:{parser.CurrentColumnNumber + 1}"
            found.setdefault(attributes["path"], place)

    parser.StartElementHandler = start
    with open(path, "rb") as file:
        parser.ParseFile(file)
    return found


def find(name, folders):
    there = [os.path.join(folder, name) for folder in folders if os.path.isfile(os.path.join(folder, name))]
    return there[-1] if there else None


def meant(name, named, arguments):
    """What `name` is near to: a program that is there, or could be, and that the description does not name."""
    folders = [folder for folder in arguments.folders if os.path.isdir(folder)]
    there = [file for folder in folders for file in os.listdir(folder)]
    there = [file for file in [*there, *arguments.known] if file.endswith(".elf") and file not in named]
    return (difflib.get_close_matches(name, there, 1, 0.8) or [None])[0]


def choose(name, named, section, arguments):
    """The file that is this program; a message if there is none."""
    is_vmm = section == ".vm_config"
    # For a configured program, what is in --out is what an earlier run made.
    own = find(name, arguments.folders if section else [arguments.out, *arguments.folders])
    if own or name in arguments.known:
        return own, None
    # The stock programs' own names are near to each other, and nothing else's.
    near = None if name in ("vmm.elf", "smmu.elf") else meant(name, named, arguments)
    if is_vmm and STOCK_NAMES.fullmatch(name) and not near:
        return arguments.stock, None
    if section and SMMU_NAMES.fullmatch(name) and arguments.smmu and not near:
        return arguments.smmu, None
    hint = f"; did you mean '{near}'?" if near else ""
    names = "; the stock VMM is vmm.elf, or vmm_NAME.elf" if is_vmm and not near else ""
    return None, f"there is no program '{name}'{hint}{names}"


def make(source, out, section, configuration, objcopy):
    os.makedirs(os.path.dirname(out), exist_ok=True)
    shutil.copy(source, f"{out}.tmp")
    command = [objcopy, "--dump-section", f"{section}=/dev/null", source, "/dev/null"]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        command = [objcopy, "--update-section", f"{section}={configuration}", f"{out}.tmp"]
        if subprocess.run(command, check=False).returncode != 0:
            sys.exit(1)
    os.rename(f"{out}.tmp", out)


def configured(folder):
    """The programs that have a configuration: path to section and file."""
    found = {}
    with open(os.path.join(folder, "vms.txt"), encoding="utf-8") as file:
        for line in file.read().splitlines():
            vm, _, program = line.split(maxsplit=2)
            found[program] = (".vm_config", os.path.join(folder, f"{vm}.vm_config"))
    smmus = os.path.join(folder, "smmus.txt")
    if os.path.exists(smmus):
        with open(smmus, encoding="utf-8") as file:
            for line in file.read().splitlines():
                name, program = line.split(maxsplit=1)
                found[program] = (".smmu_config", os.path.join(folder, name))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for option in ("--system", "--vmconf", "--stock", "--out"):
        parser.add_argument(option, required=True)
    parser.add_argument("--smmu")
    parser.add_argument("--known", action="append", default=[])
    parser.add_argument("folders", nargs="+")
    arguments = parser.parse_args()
    made = configured(arguments.vmconf)
    named = programs(arguments.system)
    wrong = False
    chosen = {}
    for name, place in named.items():
        chosen[name], problem = choose(name, named, made.get(name, (None,))[0], arguments)
        if problem:
            sys.stderr.write(f"{place}: error: {problem}\n")
            wrong = True
    if wrong:
        sys.exit(1)
    for name, (section, configuration) in made.items():
        make(chosen[name], os.path.join(arguments.out, name), section, configuration, os.environ.get("OBJCOPY", "objcopy"))


if __name__ == "__main__":
    main()
