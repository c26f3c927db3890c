/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's kernel or firmware, initrd and device tree, from where the VMM has them to the guest's
 * RAM. */
#ifndef SLUICE_VMM_LOAD_LOAD_H
#define SLUICE_VMM_LOAD_LOAD_H

#include <stdbool.h>

struct vm;

/* Copies the images to where vm->config->load says. False: something does not fit, and a line says
 * what; RAM is as it was. What else is in RAM is not touched. */
bool load_guest(struct vm *vm);

#endif
