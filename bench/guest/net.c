/* SPDX-License-Identifier: BSD-2-Clause */
/* Workloads with the host's server (bench/server.py) and QEMU's user network. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench/guest/bench.h"

#define MEBIBYTE     (1UL << 20)
#define BUFFER       65536U
#define PING_BYTES   56
#define PING_TIMEOUT 2 /* seconds */
#define IP_HEADER    20

static char buffer[BUFFER];

static struct sockaddr_in host(unsigned int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    inet_pton(AF_INET, HOST_ADDRESS, &address.sin_addr);
    return address;
}

/* The first byte tells the server what to do: take everything, or give so many MiB. */
static int connect_to_server(unsigned int port, const char *wish)
{
    struct sockaddr_in address = host(port);
    int connection = socket(AF_INET, SOCK_STREAM, 0);

    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof(address)) != 0) {
        fail("connect");
    }
    if (write(connection, wish, strlen(wish)) != (ssize_t)strlen(wish)) {
        fail("write");
    }
    return connection;
}

/* Sends `count` MiB, until the server says that it has them. */
void net_tcp_out(unsigned long count, unsigned int port)
{
    int connection = connect_to_server(port, "take\n");

    measure_begin();
    MARK(MARK_TCP_OUT);
    for (unsigned long left = count * MEBIBYTE; left != 0; left -= sizeof(buffer)) {
        for (size_t sent = 0; sent < sizeof(buffer);) {
            ssize_t now = write(connection, buffer + sent, sizeof(buffer) - sent);

            if (now <= 0) {
                fail("write");
            }
            sent += (size_t)now;
        }
    }
    if (shutdown(connection, SHUT_WR) != 0 || read(connection, buffer, 1) != 1) {
        fail("answer");
    }
    measure_end(count, NULL);
}

/* Receives `count` MiB. */
void net_tcp_in(unsigned long count, unsigned int port)
{
    int connection = connect_to_server(port, "give\n");
    uint32_t wanted = htonl((uint32_t)count);

    measure_begin();
    MARK(MARK_TCP_IN);
    if (write(connection, &wanted, sizeof(wanted)) != (ssize_t)sizeof(wanted)) {
        fail("write");
    }
    for (unsigned long left = count * MEBIBYTE; left != 0;) {
        ssize_t now = read(connection, buffer, sizeof(buffer));

        if (now <= 0) {
            fail("read");
        }
        left -= (size_t)now;
    }
    measure_end(count, NULL);
}

/* RFC 1071 */
static uint16_t checksum(const void *data, size_t size)
{
    const uint16_t *words = data;
    uint32_t sum = 0;

    for (size_t i = 0; i < size / 2; i++) {
        sum += words[i];
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~(sum + (sum >> 16));
}

struct ping {
    struct icmphdr header;
    unsigned char data[PING_BYTES];
};

/* Sends an echo request and waits for its answer; others' packets are passed over. */
static void ping(int raw, const struct sockaddr_in *address, uint16_t sequence)
{
    struct ping request = {.header = {.type = ICMP_ECHO}};
    unsigned char answer[IP_HEADER + sizeof(request)];
    struct icmphdr header;

    request.header.un.echo.id = htons(1);
    request.header.un.echo.sequence = htons(sequence);
    request.header.checksum = checksum(&request, sizeof(request));
    if (sendto(raw, &request, sizeof(request), 0, (const struct sockaddr *)address,
               sizeof(*address)) < 0) {
        fail("sendto");
    }
    do {
        ssize_t size = recv(raw, answer, sizeof(answer), 0);

        if (size < 0) {
            fail("recv");
        }
        memset(&header, 0, sizeof(header));
        if (size == (ssize_t)sizeof(answer)) {
            memcpy(&header, answer + IP_HEADER, sizeof(header));
        }
    } while (header.type != ICMP_ECHOREPLY || header.un.echo.sequence != htons(sequence));
}

void net_ping(unsigned long count)
{
    struct sockaddr_in address = host(0);
    struct timeval timeout = {.tv_sec = PING_TIMEOUT};
    uint64_t *times = calloc(count, sizeof(times[0]));
    int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

    if (times == NULL || raw < 0 ||
        setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0) {
        fail("set-up");
    }
    measure_begin();
    MARK(MARK_PING);
    for (unsigned long i = 0; i < count; i++) {
        uint64_t start = nanoseconds();

        ping(raw, &address, (uint16_t)i);
        times[i] = nanoseconds() - start;
    }
    measure_end(count, times);
}
