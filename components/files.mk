# SPDX-License-Identifier: BSD-2-Clause
# Programs that are not VMMs, and what of them others link.

# A client of the console multiplexer: VMMs, native programs.
serial_client_sources := \
	components/serial/client.c \
	components/serial/ring.c \
	components/serial/clock.c
serial_client_objects := $(call objects,component,$(serial_client_sources))

# Programs that any system may name: NAME.elf is made of NAME_sources.
component_programs := serial_driver serial_mux lspci smmu

serial_driver_sources := \
	components/lib/memory.c \
	components/serial/driver.c \
	components/serial/ring.c

lspci_sources := components/pci/lspci.c components/lib/memory.c

smmu_lib_sources := \
	components/smmu/commands.c \
	components/smmu/errors.c \
	components/smmu/events.c \
	components/smmu/features.c \
	components/smmu/memory.c \
	components/smmu/owner.c \
	components/smmu/pagetable.c \
	components/smmu/ranges.c \
	components/smmu/report.c \
	components/smmu/streams.c
smmu_sources := $(smmu_lib_sources) components/smmu/hardware.c components/smmu/main.c \
	components/serial/clock.c components/lib/memory.c

serial_mux_lib_sources := \
	components/serial/ring.c \
	components/serial/mux/clients.c \
	components/serial/mux/commands.c \
	components/serial/mux/config.c \
	components/serial/mux/escape.c \
	components/serial/mux/filter.c \
	components/serial/mux/input.c \
	components/serial/mux/list.c \
	components/serial/mux/merged.c \
	components/serial/mux/messages.c \
	components/serial/mux/mux.c \
	components/serial/mux/scrollback.c \
	components/serial/mux/size.c \
	components/serial/mux/states.c \
	components/serial/mux/terminal.c \
	components/serial/mux/view.c \
	components/serial/mux/watchdog.c
serial_mux_sources := $(serial_mux_lib_sources) components/serial/mux/main.c \
	components/serial/clock.c components/lib/memory.c
