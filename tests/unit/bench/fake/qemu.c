/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/bench/fake/qemu.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

qemu_plugin_vcpu_tb_trans_cb_t fake_translated;
qemu_plugin_udata_cb_t fake_ended;
uint64_t fake_stored_at;

void fake_add_hook(struct qemu_plugin_insn *insn, struct fake_hook hook)
{
    assert_true(insn->hook_count < FAKE_HOOKS);
    insn->hooks[insn->hook_count++] = hook;
}

void fake_execute(unsigned int vcpu, const struct qemu_plugin_tb *tb, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (unsigned int j = 0; j < tb->insns[i].hook_count; j++) {
            const struct fake_hook *hook = &tb->insns[i].hooks[j];

            if (hook->callback != NULL) {
                hook->callback(vcpu, hook->userdata);
            } else if (hook->number != NULL) {
                *hook->number += hook->immediate;
            } else {
                qemu_plugin_u64_add(hook->numbers, vcpu, hook->immediate);
            }
        }
        if (tb->insns[i].stored != NULL) {
            tb->insns[i].stored(vcpu, 0, fake_stored_at, NULL);
        }
    }
}

void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_udata_cb_t callback,
                                    void *userdata)
{
    (void)id;
    (void)userdata;
    fake_ended = callback;
}

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           qemu_plugin_vcpu_tb_trans_cb_t callback)
{
    (void)id;
    fake_translated = callback;
}

void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            qemu_plugin_vcpu_udata_cb_t callback,
                                            enum qemu_plugin_cb_flags flags, void *userdata)
{
    assert_int_equal(flags, QEMU_PLUGIN_CB_NO_REGS);
    fake_add_hook(insn, (struct fake_hook){.callback = callback, .userdata = userdata});
}

void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
                                      qemu_plugin_vcpu_mem_cb_t callback,
                                      enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw rw,
                                      void *userdata)
{
    assert_int_equal(flags, QEMU_PLUGIN_CB_NO_REGS);
    assert_int_equal(rw, QEMU_PLUGIN_MEM_W);
    assert_null(userdata);
    insn->stored = callback;
}

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb)
{
    return tb->count;
}

struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index)
{
    return (struct qemu_plugin_insn *)(uintptr_t)&tb->insns[index];
}

size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn)
{
    (void)insn;
    return 4;
}

uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn)
{
    return insn->address;
}

void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn)
{
    return (void *)(uintptr_t)(FAKE_HOST + (insn->address & 0xffffff));
}
