/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of this system tell the judge. */
#ifndef SLUICE_TESTS_TARGET_DIRECT_SHARES_H
#define SLUICE_TESTS_TARGET_DIRECT_SHARES_H

#define WORKED 0 /* ticks of the counter that the worker had the core */
#define STORMS 1 /* interrupts that the storm was notified of */

#endif
