# SPDX-License-Identifier: BSD-2-Clause
# Programs that are not VMMs, and what of them others link.

# A client of the console multiplexer: VMMs, native programs.
serial_client_sources := \
	components/serial/client.c \
	components/serial/ring.c \
	components/serial/clock.c
serial_client_objects := $(call objects,component,$(serial_client_sources))

# Programs that any system may name: NAME.elf is made of NAME_sources.
component_programs := serial_driver serial_mux lspci

serial_driver_sources := \
	components/lib/memory.c \
	components/serial/driver.c \
	components/serial/ring.c

lspci_sources := components/pci/lspci.c components/lib/memory.c

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
