/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines on the debug console, for whoever puts a system together: "smmu: text". */
#ifndef SLUICE_COMPONENTS_SMMU_REPORT_H
#define SLUICE_COMPONENTS_SMMU_REPORT_H

void smmu_report(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
