// SPDX-License-Identifier: GPL-2.0-only
/*
 * Metrics in both formats, the HTTP request for them, and the fields of events in the
 * journal.
 */
#include <inttypes.h>
#include <string.h>
#include "http.h"
#include "journal.h"
#include "out.h"
#include "sheet.h"
#include "test.h"

static const struct metric counter = { "x_packets", true, "packets", "Packets." };
static const struct metric gauge = { "x_bytes", false, "bytes", "Bytes." };
static const struct metric share = { "x_ratio", false, "ratio", "A share." };

static void print(struct sheet *sheet)
{
	const struct label labels[] = { { "a", "1" }, { "b", "q\"b\\n\n" }, { NULL, NULL } };
	const struct label none[] = { { NULL, NULL } };

	sheet_metric(sheet, &counter);
	sheet_sample(sheet, labels, UINT64_MAX);
	sheet_sample(sheet, none, 0);
	sheet_metric(sheet, &gauge);
	sheet_sample(sheet, NULL, 7);
	sheet_metric(sheet, &share);
	sheet_millionths(sheet, 1000000);
	sheet_millionths(sheet, 50);
	sheet_end(sheet);
}

static const struct {
	bool openmetrics;
	const char *text;
} forms[] = {
	{ false,
	  "# TYPE x_packets_total counter\n# HELP x_packets_total Packets.\n"
	  "x_packets_total{a=\"1\",b=\"q\\\"b\\\\n\\n\"} 18446744073709551615\nx_packets_total 0\n"
	  "# TYPE x_bytes gauge\n# HELP x_bytes Bytes.\nx_bytes 7\n"
	  "# TYPE x_ratio gauge\n# HELP x_ratio A share.\nx_ratio 1.000000\nx_ratio 0.000050\n"
	  "# EOF\n" },
	{ true,
	  "# TYPE x_packets counter\n# UNIT x_packets packets\n# HELP x_packets Packets.\n"
	  "x_packets_total{a=\"1\",b=\"q\\\"b\\\\n\\n\"} 18446744073709551615\nx_packets_total 0\n"
	  "# TYPE x_bytes gauge\n# UNIT x_bytes bytes\n# HELP x_bytes Bytes.\nx_bytes 7\n"
	  "# TYPE x_ratio gauge\n# UNIT x_ratio ratio\n# HELP x_ratio A share.\n"
	  "x_ratio 1.000000\nx_ratio 0.000050\n# EOF\n" },
};

static void test_forms(void)
{
	size_t i, size;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct sheet sheet = { .openmetrics = forms[i].openmetrics };
		char *text;

		sheet.file = open_memstream(&text, &size);
		print(&sheet);
		fclose(sheet.file);
		if (strcmp(text, forms[i].text))
			fprintf(test_file, "# %s\n", text);
		test_result(!strcmp(text, forms[i].text), "%s form",
			    forms[i].openmetrics ? "OpenMetrics'" : "the older");
		free(text);
	}
}

static const struct {
	const char *request;
	unsigned int status;
	bool head, openmetrics;
} requests[] = {
	{ "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 200, false, false },
	{ "GET /metrics?a=b HTTP/1.0\r\n\r\n", 200, false, false },
	{ "HEAD /metrics HTTP/1.1\n\n", 200, true, false },
	{ "GET /metrics HTTP/1.1\r\nACCEPT: text/plain, application/openmetrics-text;version=1.0.0\r\n\r\n",
	  200, false, true },
	{ "GET /metrics HTTP/1.1\r\nX: application/openmetrics-text\r\n\r\n", 200, false, false },
	{ "GET / HTTP/1.1\r\n\r\n", 404, false, false },
	{ "GET /metrics/../../etc/passwd HTTP/1.1\r\n\r\n", 404, false, false },
	{ "POST /metrics HTTP/1.1\r\n\r\n", 405, false, false },
	{ "GET /metrics\r\n\r\n", 400, false, false },
	{ "GET /metrics HTTP/2.0\r\n\r\n", 400, false, false },
	{ "\r\n\r\n", 400, false, false },
	{ "GET\r\n\r\n", 400, false, false },
};

static void test_requests(void)
{
	struct http http;
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		char *request = strdup(requests[i].request);
		bool right = http_parse(&http, request, "/metrics") == (requests[i].status == 200);

		right &= http.status == requests[i].status && http.head == requests[i].head &&
			 http.openmetrics == requests[i].openmetrics;
		test_result(right, "request %s", requests[i].request);
		free(request);
	}
}

static void test_answers(void)
{
	static const char *const expected[] = {
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: t\r\nContent-Length: 3\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: t\r\nContent-Length: 3\r\n\r\n",
		"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nAllow: GET, HEAD\r\n"
		"Content-Length: 0\r\n\r\n",
	};
	static const struct http answers[] = {
		{ .status = 200 }, { .status = 200, .head = true }, { .status = 404 }, { .status = 405 },
	};
	size_t i, size;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		char *text;
		FILE *file = open_memstream(&text, &size);

		http_answer(&answers[i], file, "t", "abc", 3);
		fclose(file);
		test_result(!strcmp(text, expected[i]), "answer %u%s", answers[i].status,
			    answers[i].head ? " to HEAD" : "");
		free(text);
	}
}

/* Fields as the journal parses them; a newline in a value can't add one. */
static void test_journal(void)
{
	static const char expected[] =
		"MESSAGE=a b\nX_KIND=source-limited\nX_DURATION_MS=7\nX_ON=1\n"
		"X_NAME\n\16\0\0\0\0\0\0\0a\nPRIORITY=0\nb\n";
	struct out out = { .fields = "X_" };
	size_t size;
	char *text;

	out.file = open_memstream(&text, &size);
	journal_field(out.file, "", "MESSAGE", "a b");
	out_object(&out, NULL);
	out_text(&out, "for people");
	out_string(&out, "kind", "%s\n", "source-limited");
	out_number(&out, "duration-ms", "%" PRIu64, 7);
	out_bool(&out, "on", "on", true);
	out_null(&out, "nothing", "none");
	out_string(&out, NULL, "%s", "for people");
	out_string(&out, "name", NULL, "a\nPRIORITY=0\nb");
	out_object_end(&out);
	fclose(out.file);
	test_result(size == sizeof(expected) - 1 && !memcmp(text, expected, size),
		    "fields of the journal");
	free(text);
}

int main(void)
{
	test_begin();
	test_forms();
	test_requests();
	test_answers();
	test_journal();
	return test_end();
}
