/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs that send to the module in a running kernel share: KTAP, commands, devices.
 */
#ifndef _FUZZ_GUEST_H
#define _FUZZ_GUEST_H

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* Return: whether the shell command succeeds. */
__attribute__((format(printf, 1, 2)))
static inline bool run(const char *format, ...)
{
	char command[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	fflush(stdout);
	return !system(command);
}

/* Nothing goes on without it. */
static inline void must(bool done, const char *what)
{
	if (done)
		return;
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A new tun or tap device. Return: its descriptor, which doesn't block. */
static inline int open_device(const char *name, int flags)
{
	struct ifreq request = { .ifr_flags = flags | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	strcpy(request.ifr_name, name);
	must(fd >= 0 && !ioctl(fd, TUNSETIFF, &request), name);
	return fd;
}

/* Return: @ok. */
__attribute__((format(printf, 2, 3)))
static inline bool result(bool ok, const char *format, ...)
{
	static unsigned int cases;
	va_list args;

	printf("%sok %u ", ok ? "" : "not ", ++cases);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	return ok;
}

#endif /* _FUZZ_GUEST_H */
