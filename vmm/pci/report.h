/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines about a passed-through function: "[vm] name (00:01.0): text". */
#ifndef SLUICE_VMM_PCI_REPORT_H
#define SLUICE_VMM_PCI_REPORT_H

#include "vmm/vm_config.h"

/* `function` is an index. */
void pci_report(const struct vm_config *config, unsigned int function, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
