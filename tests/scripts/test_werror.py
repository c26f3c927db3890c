# SPDX-License-Identifier: BSD-2-Clause
"""Warnings of compilers are errors in make check and CI, and never where a user builds."""

import re

from conftest import good_make

COMPILED = re.compile(r"^\S*gcc .* -c .*", re.M)
USERS_GOALS = ["image", "sdk", "bench-sdk", "unit", "target-images"]


def commands(tmp_path, *goals):
    """What make would run, in a build directory where everything has still to be made."""
    done = good_make("-n", f"BUILD_DIR={tmp_path}", *goals, env={"WERROR": ""})
    return done.stdout


def test_no_warning_stops_a_user(tmp_path):
    text = commands(tmp_path, *USERS_GOALS)
    assert len(COMPILED.findall(text)) > 100
    assert "-Werror" not in text


def test_every_warning_stops_make_check(tmp_path):
    text = commands(tmp_path, "check")
    compiled = COMPILED.findall(text)
    assert len(compiled) > 200 and any(" tests/unit/" in line for line in compiled)
    assert [line for line in compiled if "-Werror" not in line] == []
