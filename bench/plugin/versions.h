/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What differs between the versions of QEMU's plugin interface: how translated code counts without
 * a call, and how an instruction's bytes are read. One object serves all of them: it looks which of
 * QEMU's functions there are, and says the version that fits (qemu_plugin_version).
 */
#ifndef SLUICE_BENCH_PLUGIN_VERSIONS_H
#define SLUICE_BENCH_PLUGIN_VERSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/plugin/qemu_plugin.h"

#define VERSIONS_VCPUS    512 /* the most that QEMU's virt machine has */
#define VERSIONS_COUNTERS 32

/* At the plugin's installation: all counters are zero. False if there are too many vCPUs. */
bool versions_start(const qemu_info_t *info);

/* The instruction, or 0, which is undefined, for one that is not four bytes long. */
uint32_t versions_opcode(const struct qemu_plugin_insn *insn);

/* Has every execution of the instruction add to the counter of its vCPU, in the translated code.
 * False: this QEMU cannot, and a callback must call versions_add. */
bool versions_add_inline(struct qemu_plugin_insn *insn, unsigned int counter, uint64_t amount);

/* From a callback on that vCPU. */
void versions_add(unsigned int vcpu, unsigned int counter, uint64_t amount);

uint64_t versions_get(unsigned int vcpu, unsigned int counter);

/* A number of the plugin's own, for machines with one vCPU. False: this QEMU cannot. */
bool versions_add_inline_at(struct qemu_plugin_insn *insn, uint64_t *number, uint64_t amount);

#endif
