# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of the components, against the VMM's fake of the Microkit contract and a clock that
# tests move.

components_test_flags := -isystem tests/unit/vmm/fake
components_test_fake := tests/unit/vmm/fake/fake.c tests/unit/components/serial/fake/clock.c

unit_tests += serial_ring
unit_test_serial_ring := tests/unit/components/serial/ring_test.c components/serial/ring.c

unit_tests += serial_client
unit_test_serial_client := tests/unit/components/serial/client_test.c components/serial/client.c \
	components/serial/ring.c $(components_test_fake)
unit_cflags_serial_client := $(components_test_flags)
