/* SPDX-License-Identifier: BSD-2-Clause */
/* What must hold of a guest, and of all guests together. Every violation is reported. */
#ifndef SLUICE_TOOL_VMCONF_CHECKS_H
#define SLUICE_TOOL_VMCONF_CHECKS_H

#include "tool/vmconf/guest.h"

/* Of the virtual machine itself, before anything is derived: name, counts, cores. */
void checks_vm(struct guest *guest);
/* Of the finished tree, against the description. */
void checks_guest(struct guest *guest);
#endif
