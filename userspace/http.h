/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One HTTP request and its answer, for a program that socket activation starts
 * once for each connection.
 */
#ifndef ICMPGUARDCTL_HTTP_H
#define ICMPGUARDCTL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define HTTP_REQUEST_MAX	8192	/* bytes */
#define HTTP_WAIT		5000	/* milliseconds for all of it */

/**
 * struct http - a request
 * @status: what the answer begins with; 200: it is for @path
 * @head: only the answer's head is wanted
 * @openmetrics: that form is accepted
 */
struct http {
	unsigned int status;
	bool head;
	bool openmetrics;
};

bool http_parse(struct http *http, char *request, const char *path);
void http_read(struct http *http, int fd, const char *path);
void http_answer(const struct http *http, FILE *file, const char *type, const char *body,
		 size_t length);

#endif /* ICMPGUARDCTL_HTTP_H */
