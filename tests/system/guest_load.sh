#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# In a guest: rounds of work for its disk and its network card, each with a sum that must be right.
#     guest_load.sh FILE-OR-DISK SERVER    until there is /tmp/stop
# The server (guest_load.py) gives a quarter of a MiB that begins with the sum of the rest, another in each
# round. It goes to the disk and comes from there without the page cache, and as text back to the server.

target=$1 server=$2 round=0
name=$(hostname)

mistake() {
    echo "round $round: $1" >> /tmp/mistakes
}

sum_of() {
    md5sum | head -c 32
}

: > /tmp/mistakes
while [ ! -e /tmp/stop ]; do
    round=$((round + 1))
    at=$((round % 8 * 4)) # where on the disk, in blocks
    wget -q -O /tmp/given "http://$server/$name/$round" || mistake "not given"
    [ "$(tail -c +33 /tmp/given | sum_of)" = "$(head -c 32 /tmp/given)" ] || mistake "wrong from the server"
    sum=$(sum_of < /tmp/given)
    dd if=/tmp/given of="$target" bs=64k seek=$at oflag=direct conv=notrunc 2> /dev/null ||
        mistake "not written"
    echo 3 > /proc/sys/vm/drop_caches
    [ "$(dd if="$target" bs=64k skip=$at count=4 iflag=direct 2> /dev/null | sum_of)" = "$sum" ] ||
        mistake "wrong from the disk"
    base64 /tmp/given > /tmp/sent # busybox's wget ends at a zero
    [ "$(wget -q -O - --post-file=/tmp/sent "http://$server/$name/$round")" = "$(sum_of < /tmp/sent)" ] ||
        mistake "wrong at the server"
    echo $round > /tmp/rounds
    sleep 0.3 # a neighbour is to get somewhere, too
done
