/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's interface for TCG plugins as far as the plugin needs it: version 1, which QEMU 7.2 has,
 * and what came in its place by version 4, which QEMU 10.0 has. Debian has QEMU with plugins but no
 * package with the header. QEMU resolves these symbols when it loads the plugin; those that not
 * every version has are weak, and null where they are missing.
 */
#ifndef SLUICE_BENCH_PLUGIN_QEMU_PLUGIN_H
#define SLUICE_BENCH_PLUGIN_QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QEMU_PLUGIN_EXPORT __attribute__((visibility("default")))
#define QEMU_PLUGIN_SOME   __attribute__((weak)) /* not in every version */

typedef uint64_t qemu_plugin_id_t;

/* Made by QEMU and read only. */
typedef struct qemu_info_t {
    const char *target_name; /* "aarch64" */
    struct {
        int min;
        int cur;
    } version; /* of the interface */
    bool system_emulation;
    union {
        struct {
            int smp_vcpus;
            int max_vcpus;
        } system;
    };
} qemu_info_t;

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;

/* A number in every vCPU's element of a scoreboard. */
typedef struct {
    struct qemu_plugin_scoreboard *score;
    size_t offset;
} qemu_plugin_u64;

enum qemu_plugin_cb_flags {
    QEMU_PLUGIN_CB_NO_REGS,
    QEMU_PLUGIN_CB_R_REGS,
    QEMU_PLUGIN_CB_RW_REGS,
};

enum qemu_plugin_op {
    QEMU_PLUGIN_INLINE_ADD_U64,
};

enum qemu_plugin_mem_rw {
    QEMU_PLUGIN_MEM_R = 1,
    QEMU_PLUGIN_MEM_W,
};

typedef uint32_t qemu_plugin_meminfo_t;

typedef void (*qemu_plugin_udata_cb_t)(qemu_plugin_id_t id, void *userdata);
typedef void (*qemu_plugin_vcpu_tb_trans_cb_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*qemu_plugin_vcpu_udata_cb_t)(unsigned int vcpu, void *userdata);
typedef void (*qemu_plugin_vcpu_mem_cb_t)(unsigned int vcpu, qemu_plugin_meminfo_t info,
                                          uint64_t vaddr, void *userdata);

/* The plugin offers these two. */
QEMU_PLUGIN_EXPORT extern int qemu_plugin_version;
QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
                                           char **argv);

/* QEMU offers these. */
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_udata_cb_t callback,
                                           void *userdata);
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                                  qemu_plugin_vcpu_tb_trans_cb_t callback);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                                   qemu_plugin_vcpu_udata_cb_t callback,
                                                   enum qemu_plugin_cb_flags flags, void *userdata);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
                                             qemu_plugin_vcpu_mem_cb_t callback,
                                             enum qemu_plugin_cb_flags flags,
                                             enum qemu_plugin_mem_rw rw, void *userdata);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
                                                        size_t index);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);

/* Up to version 2 it returns where the bytes are, and has the first argument only; since then it
 * copies them, and returns how many. Arguments too many do no harm where they are in registers. */
extern uintptr_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *buffer,
                                       size_t size);

/* Version 1 alone. */
QEMU_PLUGIN_SOME extern void qemu_plugin_register_vcpu_insn_exec_inline(
    struct qemu_plugin_insn *insn, enum qemu_plugin_op op, void *ptr, uint64_t immediate);

/* Since version 2. */
QEMU_PLUGIN_SOME extern struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
QEMU_PLUGIN_SOME extern void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(
    struct qemu_plugin_insn *insn, enum qemu_plugin_op op, qemu_plugin_u64 number,
    uint64_t immediate);
QEMU_PLUGIN_SOME extern void qemu_plugin_u64_add(qemu_plugin_u64 number, unsigned int vcpu,
                                                 uint64_t amount);
QEMU_PLUGIN_SOME extern uint64_t qemu_plugin_u64_get(qemu_plugin_u64 number, unsigned int vcpu);
QEMU_PLUGIN_SOME extern int qemu_plugin_num_vcpus(void);

#endif
