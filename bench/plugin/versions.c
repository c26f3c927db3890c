/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/plugin/versions.h"

#include <stddef.h>
#include <string.h>

#define CACHE_LINE 64

/* Versions of the interface: QEMU 7.2 has 1, 10.0 has 4, and QEMU 9 and later load from 2 on. */
#define VERSION_SHARED   1 /* translated code adds to one number, whichever vCPU runs it */
#define VERSION_PER_VCPU 2 /* it adds to its vCPU's */
#define VERSION_COPIES   3 /* an instruction's bytes are copied out */

struct counters {
    _Alignas(CACHE_LINE) uint64_t of[VERSIONS_COUNTERS];
};

QEMU_PLUGIN_EXPORT int qemu_plugin_version = VERSION_SHARED;

static int current;            /* QEMU's version */
static unsigned int max_vcpus; /* of this machine */

/* Where the counters are: with VERSION_SHARED in `own`, each written by its vCPU's thread alone. */
static struct counters own[VERSIONS_VCPUS];
static struct qemu_plugin_scoreboard *scoreboard;

/* QEMU reads the version before it calls anything; what is run at loading comes before that. */
__attribute__((constructor)) static void choose_version(void)
{
    if (qemu_plugin_scoreboard_new != NULL) {
        qemu_plugin_version = VERSION_PER_VCPU;
    }
}

static qemu_plugin_u64 entry(unsigned int counter)
{
    return (qemu_plugin_u64){scoreboard,
                             offsetof(struct counters, of) + counter * sizeof(uint64_t)};
}

static bool is_per_vcpu(void)
{
    return qemu_plugin_version >= VERSION_PER_VCPU;
}

bool versions_start(const qemu_info_t *info)
{
    if (info->system.max_vcpus > VERSIONS_VCPUS) {
        return false;
    }
    current = info->version.cur;
    max_vcpus = (unsigned int)info->system.max_vcpus;
    if (is_per_vcpu()) {
        scoreboard = qemu_plugin_scoreboard_new(sizeof(struct counters));
    } else {
        memset(own, 0, sizeof(own));
    }
    return true;
}

uint32_t versions_opcode(const struct qemu_plugin_insn *insn)
{
    uint32_t opcode = 0;

    if (qemu_plugin_insn_size(insn) != sizeof(opcode)) {
        return 0;
    }
    if (current >= VERSION_COPIES) {
        (void)qemu_plugin_insn_data(insn, &opcode, sizeof(opcode));
    } else {
        memcpy(&opcode, (const void *)qemu_plugin_insn_data(insn, NULL, 0), sizeof(opcode));
    }
    return opcode;
}

bool versions_add_inline(struct qemu_plugin_insn *insn, unsigned int counter, uint64_t amount)
{
    if (is_per_vcpu()) {
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64,
                                                            entry(counter), amount);
        return true;
    }
    return versions_add_inline_at(insn, &own[0].of[counter], amount);
}

bool versions_add_inline_at(struct qemu_plugin_insn *insn, uint64_t *number, uint64_t amount)
{
    if (is_per_vcpu() || max_vcpus > 1) {
        return false;
    }
    qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, number, amount);
    return true;
}

void versions_add(unsigned int vcpu, unsigned int counter, uint64_t amount)
{
    if (is_per_vcpu()) {
        qemu_plugin_u64_add(entry(counter), vcpu, amount);
    } else {
        own[vcpu].of[counter] += amount;
    }
}

uint64_t versions_get(unsigned int vcpu, unsigned int counter)
{
    if (!is_per_vcpu()) {
        return own[vcpu].of[counter];
    }
    /* A scoreboard has the vCPUs that were started, and QEMU aborts at another. */
    return (int)vcpu < qemu_plugin_num_vcpus() ? qemu_plugin_u64_get(entry(counter), vcpu) : 0;
}
