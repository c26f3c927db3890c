/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short way (fast.h) for data aborts: a guest's access to a device that its VMM emulates, and
 * that of a program which its parent looks after.
 */
#include "kernel/trap/fast.h"

#include "abi/fault.h"
#include "kernel/vcpu/sgi.h"

static void set_words(uint64_t *words, uint64_t pc, uint64_t address, uint64_t syndrome)
{
    words[ABI_VM_FAULT_IP] = pc;
    words[ABI_VM_FAULT_ADDR] = address;
    words[ABI_VM_FAULT_PREFETCH] = 0;
    words[ABI_VM_FAULT_FSR] = syndrome;
}

static struct thread *fault(struct cpu *cpu, struct thread *thread)
{
    struct pd *handler = thread->handler;
    bool is_guest = thread->kind == THREAD_VCPU;
    uint64_t syndrome = arch_syndrome();
    uint64_t address;

    if (!fast_is_ready(cpu, handler, fast_is_passive(handler))) {
        return NULL;
    }
    address = is_guest ? arch_fault_ipa(syndrome) : arch_fault_address();
    set_words(thread->message.words, arch_fault_pc(), address, syndrome);
    set_words(handler->ipc_buffer, arch_fault_pc(), address, syndrome);
    fast_deliver_fault(thread, ABI_FAULT_VM, ABI_VM_FAULT_WORDS);
    fast_choose(cpu, &handler->thread);
    if (is_guest) {
        switch_to_program(cpu, &handler->thread);
    } else {
        switch_program(cpu, &handler->thread);
    }
    return &handler->thread;
}

FAST_APART static struct thread *fault_quickly(struct thread *current)
{
    struct cpu *cpu = cpu_local();
    struct thread *next;

    if (cpu->quick != current || current->handler == NULL ||
        (cpu->has_peers && !fast_try_enter(cpu, current))) {
        return NULL;
    }
    next = fault(cpu, current);
    return cpu->has_peers ? fast_leave(current, next) : next;
}

/* A guest's store to its GICD_SGIR may be dealt with here; the long way it is tried again. */
struct thread *trap_fast_abort(struct thread *current)
{
    uint64_t gate =
        current->kind == THREAD_VCPU ? vcpu_from_thread(current)->sgi_gate : SGI_NO_GATE;
    uint64_t syndrome = arch_syndrome();

    if (gate > SGI_REGISTER_GATE && arch_fault_ipa(syndrome) == gate) {
        return trap_fast_store(current, syndrome);
    }
    return fault_quickly(current);
}
