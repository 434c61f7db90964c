// SPDX-License-Identifier: GPL-2.0-only
/*
 * One HTTP request and its answer.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "http.h"

static const char *reason(unsigned int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 431:
		return "Request Header Fields Too Large";
	default:
		return "Service Unavailable";
	}
}

static void read_field(struct http *http, const char *line)
{
	static const char name[] = "accept:";

	if (!strncasecmp(line, name, strlen(name)) &&
	    strcasestr(line, "application/openmetrics-text"))
		http->openmetrics = true;
}

static unsigned int read_first(struct http *http, char *line, const char *path)
{
	char *rest = line, *method = strsep(&rest, " "), *target = strsep(&rest, " ");

	if (!target || !rest || strncmp(rest, "HTTP/1.", 7))
		return 400;
	http->head = !strcmp(method, "HEAD");
	if (!http->head && strcmp(method, "GET"))
		return 405;
	target[strcspn(target, "?")] = '\0';
	return strcmp(target, path) ? 404 : 200;
}

/**
 * http_parse() - understand a request
 * @http: filled in
 * @request: all of its head; changed
 * @path: what there is
 *
 * Return: whether it is for @path.
 */
bool http_parse(struct http *http, char *request, const char *path)
{
	char *line = strsep(&request, "\n");

	*http = (struct http) { .status = 400 };
	line[strcspn(line, "\r")] = '\0';
	http->status = read_first(http, line, path);
	while ((line = strsep(&request, "\n")))
		read_field(http, line);
	return http->status == 200;
}

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/**
 * http_read() - read a request
 * @http: filled in
 * @fd: from where
 * @path: what there is
 *
 * Who says nothing, or too much, or too slowly, is answered all the same.
 */
void http_read(struct http *http, int fd, const char *path)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char request[HTTP_REQUEST_MAX + 1];
	long end = now() + HTTP_WAIT, left;
	size_t length = 0;
	ssize_t got;

	*http = (struct http) { .status = 408 };
	while ((left = end - now()) > 0) {
		if (poll(&poll_fd, 1, left) <= 0)
			continue;
		got = read(fd, request + length, HTTP_REQUEST_MAX - length);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0) {
			http->status = 400;
			return;
		}
		length += got;
		request[length] = '\0';
		if (strlen(request) != length) {
			http->status = 400;
			return;
		}
		if (strstr(request, "\r\n\r\n") || strstr(request, "\n\n")) {
			http_parse(http, request, path);
			return;
		}
		if (length == HTTP_REQUEST_MAX) {
			http->status = 431;
			return;
		}
	}
}

/**
 * http_answer() - answer a request
 * @http: the request
 * @file: where to
 * @type: what @body is
 * @body: with a status of 200
 * @length: its bytes
 */
void http_answer(const struct http *http, FILE *file, const char *type, const char *body,
		 size_t length)
{
	bool found = http->status == 200;

	fprintf(file, "HTTP/1.1 %u %s\r\nConnection: close\r\n", http->status,
		reason(http->status));
	if (http->status == 405)
		fputs("Allow: GET, HEAD\r\n", file);
	if (found)
		fprintf(file, "Content-Type: %s\r\n", type);
	fprintf(file, "Content-Length: %zu\r\n\r\n", found ? length : 0);
	if (found && !http->head)
		fwrite(body, 1, length, file);
}
