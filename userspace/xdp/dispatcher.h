/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libxdp's dispatcher, by which several programs share a device.
 */
#ifndef ICMPGUARD_XDP_DISPATCHER_H
#define ICMPGUARD_XDP_DISPATCHER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef HAVE_LIBXDP

#define DISPATCHER	true

extern const char dispatcher_object[], dispatcher_object_end[];

void dispatcher_quiet(void);
int dispatcher_attach(unsigned int device, uint32_t mode);
bool dispatcher_find(uint32_t program, unsigned int *device, uint32_t *mode);
int dispatcher_detach(uint32_t program);
bool dispatcher_forget(uint32_t program);

#else

#define DISPATCHER	false

static inline void dispatcher_quiet(void)
{
}

static inline int dispatcher_attach(unsigned int device, uint32_t mode)
{
	(void)device;
	(void)mode;
	return -1;
}

static inline bool dispatcher_find(uint32_t program, unsigned int *device, uint32_t *mode)
{
	(void)program;
	(void)device;
	(void)mode;
	return false;
}

static inline int dispatcher_detach(uint32_t program)
{
	(void)program;
	return -1;
}

static inline bool dispatcher_forget(uint32_t program)
{
	(void)program;
	return false;
}

#endif

#endif /* ICMPGUARD_XDP_DISPATCHER_H */
