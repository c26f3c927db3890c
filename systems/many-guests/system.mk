# SPDX-License-Identifier: BSD-2-Clause
# The serial port is all.

qemu_devices = -nic none

# With several cores, a guest on each; the console's programs stay on the first.
smp_cpus := east=1 south=2 west=3
