# SPDX-License-Identifier: BSD-2-Clause
# Programs that are not VMMs, and what of them others link.

# A client of the console multiplexer: VMMs, native programs.
serial_client_sources := \
	components/serial/client.c \
	components/serial/ring.c \
	components/serial/clock.c
