# SPDX-License-Identifier: BSD-2-Clause
# The VMM library, and the stock VMM program on top of it.

vmm_lib_sources := \
	vmm/vm.c \
	vmm/console.c \
	vmm/log.c \
	vmm/random.c \
	vmm/guest/vcpu.c \
	vmm/guest/exception.c \
	vmm/guest/ram.c \
	vmm/exit/exit.c \
	vmm/exit/mmio.c \
	vmm/exit/trap.c \
	vmm/exit/smccc.c \
	vmm/exit/psci.c \
	vmm/exit/trng.c \
	vmm/exit/report.c \
	vmm/irq/vgic.c \
	vmm/irq/vgic_setup.c \
	vmm/irq/frame.c \
	vmm/irq/gicd.c \
	vmm/irq/gicv3.c \
	vmm/irq/lists.c \
	vmm/irq/level.c \
	vmm/irq/drain.c \
	vmm/irq/drain_code.S \
	vmm/dev/flash.c \
	vmm/dev/mmio_bus.c \
	vmm/dev/pl011.c \
	vmm/dev/pl031.c \
	vmm/dev/rom.c \
	vmm/dev/watchdog.c \
	vmm/virtio/queue.c \
	vmm/virtio/device.c \
	vmm/virtio/mmio.c \
	vmm/virtio/pci.c \
	vmm/virtio/transport.c \
	vmm/virtio/console.c \
	vmm/passthrough/direct.c \
	vmm/passthrough/irq.c \
	vmm/passthrough/reset.c \
	vmm/pci/pci.c \
	vmm/pci/ecam.c \
	vmm/pci/space.c \
	vmm/pci/registers.c \
	vmm/pci/bars.c \
	vmm/pci/passthrough.c \
	vmm/pci/msix.c \
	vmm/pci/msi.c \
	vmm/pci/v2m.c \
	vmm/pci/reset.c \
	vmm/pci/smmu.c \
	vmm/pci/flr.c \
	vmm/pci/host.c \
	vmm/pci/host_walk.c \
	vmm/pci/report.c \
	vmm/pci/hardware.c \
	vmm/load/load.c \
	vmm/load/seed.c \
	vmm/load/cache.c \
	components/serial/client.c \
	components/serial/clock.c \
	components/serial/ring.c
vmm_stock_sources := vmm/linux.c

# picolibc, from the package picolibc-aarch64-linux-gnu.
picolibc := /usr/lib/picolibc/aarch64-linux-gnu

vmm_cflags := -std=gnu11 -O2 -g -ffreestanding -fomit-frame-pointer -mstrict-align -fno-pic -fno-pie \
	-fno-stack-protector -fno-common -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -isystem $(picolibc)/include \
	$(WARNINGS)
# Messages have no floating-point numbers: the smaller printf.
vmm_ldflags := -nostdlib -nostartfiles -static -no-pie -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,--no-warn-rwx-segments -Wl,-z,max-page-size=4096 -Wl,--defsym=vfprintf=__i_vfprintf \
	-L$(picolibc)/lib
vmm_libs := -lc -lgcc
