# SPDX-License-Identifier: BSD-2-Clause
# Unit tests of the components, against the VMM's fake of the Microkit contract and a clock that
# tests move.

components_test_flags := -isystem tests/unit/vmm/fake
components_test_fake := tests/unit/vmm/fake/fake.c tests/unit/components/serial/fake/clock.c

unit_tests += serial_ring
unit_test_serial_ring := tests/unit/components/serial/ring_test.c components/serial/ring.c

unit_tests += serial_ring_threads
unit_test_serial_ring_threads := tests/unit/components/serial/ring_threads_test.c \
	components/serial/ring.c
unit_libs_serial_ring_threads := -pthread

unit_tests += serial_client
unit_test_serial_client := tests/unit/components/serial/client_test.c components/serial/client.c \
	components/serial/ring.c $(components_test_fake)
unit_cflags_serial_client := $(components_test_flags)

# The multiplexer, alone and as a whole console.
components_test_console := tests/unit/components/serial/fake/console.c $(components_test_fake) \
	components/serial/client.c $(serial_mux_lib_sources)

unit_tests += serial_config serial_scrollback serial_filter serial_input serial_view serial_states
unit_test_serial_config := tests/unit/components/serial/mux/config_test.c \
	components/serial/mux/config.c
unit_test_serial_scrollback := tests/unit/components/serial/mux/scrollback_test.c \
	components/serial/mux/scrollback.c
unit_test_serial_filter := tests/unit/components/serial/mux/filter_test.c \
	components/serial/mux/filter.c components/serial/mux/escape.c

unit_test_serial_input := tests/unit/components/serial/mux/input_test.c $(components_test_console)
unit_cflags_serial_input := $(components_test_flags)
unit_test_serial_view := tests/unit/components/serial/mux/view_test.c $(components_test_console)
unit_cflags_serial_view := $(components_test_flags)
unit_test_serial_states := tests/unit/components/serial/mux/states_test.c $(components_test_console)
unit_cflags_serial_states := $(components_test_flags)

# The owner of an SMMUv3, on one that is made up.
components_test_smmu := tests/unit/components/smmu/rig.c tests/unit/components/smmu/fake/smmu.c \
	$(components_test_fake) $(smmu_lib_sources)

unit_tests += smmu_owner smmu_events smmu_pagetable
unit_test_smmu_owner := tests/unit/components/smmu/owner_test.c $(components_test_smmu)
unit_cflags_smmu_owner := $(components_test_flags)
unit_test_smmu_events := tests/unit/components/smmu/events_test.c $(components_test_smmu)
unit_cflags_smmu_events := $(components_test_flags)
unit_test_smmu_pagetable := tests/unit/components/smmu/pagetable_test.c $(components_test_smmu)
unit_cflags_smmu_pagetable := $(components_test_flags)
