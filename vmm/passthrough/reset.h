/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Passed-through devices, put back to where they were when the machine was switched on: they do no
 * more DMA and raise no interrupt. Called while the guest is stopped, before its RAM is used again.
 */
#ifndef SLUICE_VMM_PASSTHROUGH_RESET_H
#define SLUICE_VMM_PASSTHROUGH_RESET_H

#include "vmm/vm_config.h"

/* Devices whose registers the VMM does not have, or of another kind, are left alone: vmconf warned
 * of them. One that does not come out of its reset is reported. */
void passthrough_reset_devices(const struct vm_config *config);

#endif
