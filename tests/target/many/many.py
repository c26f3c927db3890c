#!/usr/bin/python3 -B
# SPDX-License-Identifier: BSD-2-Clause
"""Print a description as large as they get: 63 protection domains, one of them with 62 channels."""

PEERS = 62

print('<system>')
print('    <protection_domain name="judge" priority="100" smc="true">')
print('        <program_image path="judge.elf" />')
print("    </protection_domain>")
for i in range(PEERS):
    print(f'    <protection_domain name="peer{i}" priority="{i}" passive="{"true" if i % 2 else "false"}">')
    print('        <program_image path="peer.elf" />')
    print("    </protection_domain>")
for i in range(PEERS):
    print(f'    <channel> <end pd="judge" id="{i}" /> <end pd="peer{i}" id="{PEERS - 1 - i}" pp="true" /> </channel>')
print("</system>")
