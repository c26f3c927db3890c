#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Writes kernel/gen_config.h of one configuration to standard output: the macros that Microkit
# users test. Usage: gen_config.sh CONFIG CPU_COUNT BOARD
set -eu

config=$1
cpus=$2
board=$3

# Users extract values with grep and sed that rely on two spaces.
define() {
    printf '#define %s  %s\n' "$1" "$2"
}

cat <<'END'
/* SPDX-License-Identifier: BSD-2-Clause */
/* Configuration of the kernel that this SDK directory is for. */
#pragma once

END
define CONFIG_SEL4_ARCH aarch64
define CONFIG_ARCH_ARM 1
define CONFIG_ARCH_AARCH64 1
define CONFIG_WORD_SIZE 64
define CONFIG_PLAT_QEMU_ARM_VIRT 1
define CONFIG_ARM_CORTEX_A53 1
define CONFIG_ARM_PA_SIZE_BITS_40 1
define CONFIG_ARM_HYPERVISOR_SUPPORT 1
define CONFIG_ALLOW_SMC_CALLS 1
define CONFIG_AARCH64_USER_CACHE_ENABLE 1
define CONFIG_L1_CACHE_LINE_SIZE_BITS 6
define CONFIG_EXPORT_PCNT_USER 1
define CONFIG_EXPORT_PTMR_USER 1
define CONFIG_TIMER_FREQUENCY 62500000
define CONFIG_KERNEL_MCS 1
define CONFIG_NUM_PRIORITIES 256
define CONFIG_HAVE_FPU 1
define CONFIG_MAX_NUM_NODES "$cpus"
if [ "$cpus" -gt 1 ]; then
    define CONFIG_ENABLE_SMP_SUPPORT 1
fi
case $board in
*gicv3)
    define CONFIG_ARM_GIC_V3_SUPPORT 1
    ;;
esac
case $config in
*debug)
    define CONFIG_DEBUG_BUILD 1
    define CONFIG_PRINTING 1
    define CONFIG_HARDWARE_DEBUG_API 1
    ;;
*benchmark)
    define CONFIG_ENABLE_BENCHMARKS 1
    define CONFIG_BENCHMARK_TRACK_UTILISATION 1
    define CONFIG_EXPORT_PMU_USER 1
    ;;
esac
