/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on vCPUs (invoke.h): SGIs that go from one to the other without their VMM. */
#include <stddef.h>

#include "kernel/trap/invoke.h"
#include "kernel/trap/trap.h"
#include "kernel/vcpu/sgi.h"
#include "kernel/vcpu/sgi_box.h"

#define SOURCES_ALL ((1UL << SGI_SOURCES) - 1)

enum abi_error invoke_vcpu_route_sgis(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= SGI_SOURCES) {
        return ABI_RANGE_ERROR;
    }
    if (argument[3] % 4 != 0) {
        return ABI_INVALID_ARGUMENT;
    }
    sgi_route(vcpu, (unsigned int)arch_bound(argument[1], SGI_SOURCES), argument[2], argument[3]);
    return ABI_OK;
}

enum abi_error invoke_vcpu_bind_sgi(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);
    struct gic_virq virq;

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= VCPU_SGIS) {
        return ABI_RANGE_ERROR;
    }
    if (!invoke_decode_bind(argument[2], arch_bound(argument[1], VCPU_SGIS), &virq)) {
        return ABI_INVALID_ARGUMENT;
    }
    return sgi_bind(vcpu, virq, (argument[2] & ABI_BIND_ENABLED) != 0) ? ABI_OK
                                                                       : ABI_ILLEGAL_OPERATION;
}

enum abi_error invoke_vcpu_change_sgi(struct pd *pd, const uint64_t *argument)
{
    struct vcpu *vcpu = cap_vcpu(pd, argument[0]);
    uint32_t intid = (uint32_t)arch_bound(argument[1], VCPU_SGIS);

    if (vcpu == NULL) {
        return ABI_INVALID_CAPABILITY;
    }
    if (argument[1] >= VCPU_SGIS || argument[2] > SOURCES_ALL || argument[3] > SOURCES_ALL) {
        return ABI_RANGE_ERROR;
    }
    if (!sgi_is_bound(vcpu, intid)) {
        return ABI_ILLEGAL_OPERATION;
    }
    pd->thread.frame.x[1] =
        inject_change_sgi(vcpu, intid, (uint8_t)argument[2], (uint8_t)argument[3]);
    return ABI_OK;
}
