/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of seL4's interface that Microkit programs use (Microkit contract, section 5): types,
 * message registers, faults, vCPU registers and operations on TCBs. Names and numbers are seL4's;
 * the system calls behind them are this kernel's.
 */
#ifndef SEL4_SEL4_H
#define SEL4_SEL4_H

#include <kernel/gen_config.h>
#include <sel4/absent.h>
#include <sel4/assert.h>
#include <sel4/benchmark.h>
#include <sel4/debug.h>
#include <sel4/faults.h>
#include <sel4/functions.h>
#include <sel4/ipc.h>
#include <sel4/ipc_mrs.h>
#include <sel4/messages.h>
#include <sel4/types.h>
#include <sel4/vspace.h>

#endif
