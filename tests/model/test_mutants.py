# SPDX-License-Identifier: BSD-2-Clause
"""The model test finds faults that are put into the kernel."""

import subprocess
from pathlib import Path

import pytest

from conftest import BUILD_DIR, ROOT, good_make
from mutants import MUTANTS, RARE

SEEDS = 10000


def applies(mutant):
    return (ROOT / mutant[1]).read_text(encoding="utf-8").count(mutant[2]) == 1


APPLY = [mutant for mutant in MUTANTS if applies(mutant)]


def test_most_apply():
    """A change of the kernel that moves the text of one need not renew it at once."""
    assert len(APPLY) >= len(MUTANTS) * 3 / 4, [m[0] for m in MUTANTS if m not in APPLY]


def of(mutant):
    marks = [pytest.mark.soak(only=True)] if mutant[0] in RARE else []
    return pytest.param(mutant, marks=marks, id=mutant[0].replace(" ", "-"))


@pytest.fixture(scope="module")
def objects():
    """All that a mutant is linked with; so its own make writes nothing that another one reads."""
    good_make(f"{BUILD_DIR}/model/model")


@pytest.mark.xdist_group("mutants")
@pytest.mark.usefixtures("objects")
@pytest.mark.parametrize("mutant", [of(mutant) for mutant in APPLY])
def test_is_found(mutant, tmp_path):
    _, name, text, instead = mutant
    source = (ROOT / name).read_text(encoding="utf-8")
    # A header stands in front of every other folder's; its first user is compiled with it.
    if name.endswith(".h"):
        name, file = "kernel/trap/fast.c", tmp_path / "fast.c"
        (tmp_path / "kernel/trap").mkdir(parents=True)
        (tmp_path / mutant[1]).write_text(source.replace(text, instead), encoding="utf-8")
        file.write_text(
            (ROOT / name).read_text(encoding="utf-8").replace(f'"{mutant[1]}"', f'"{tmp_path / mutant[1]}"'),
            encoding="utf-8",
        )
    else:
        file = tmp_path / Path(name).name
        file.write_text(source.replace(text, instead), encoding="utf-8")
    good_make("model-mutant", f"MUTANT_OF={name}", f"MUTANT={file}", writes=None)
    done = subprocess.run(
        [f"{file}.model", "--seeds", str(SEEDS), "--steps", "800"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "failed after" in done.stdout, "not found"
