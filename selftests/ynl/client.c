// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client in C, with the code that the kernel's generator made from the YAML
 * contract: see ynl.sh. It limits echo requests, and prints what it then receives.
 */
#include <stdio.h>
#include <string.h>
#include <ynl.h>
#include "icmpguard-user.h"

static int done(struct ynl_sock *ys, const char *what)
{
	fprintf(stderr, "%s: %s\n", what, ys->err.msg);
	ynl_sock_destroy(ys);
	return 1;
}

static int limit_echo(struct ynl_sock *ys, __u32 packets)
{
	struct icmpguard_config_set_req *req = icmpguard_config_set_req_alloc();
	struct icmpguard_type_change *type = calloc(1, sizeof(*type));
	int err;

	type->_present.proto = type->_present.number = type->_present.action = 1;
	type->_present.limit = 1;
	type->proto = ICMPGUARD_PROTO_ICMP;
	type->number = 8;
	type->action = ICMPGUARD_ACTION_LIMIT;
	type->limit._present.packets = type->limit._present.period = 1;
	type->limit.packets = packets;
	type->limit.period = 60;
	__icmpguard_config_set_req_set_type(req, type, 1);
	icmpguard_config_set_req_set_max_echo_size(req, 1300);
	err = icmpguard_config_set(ys, req);
	icmpguard_config_set_req_free(req);
	return err;
}

int main(void)
{
	struct icmpguard_config_get_rsp *config;
	struct icmpguard_type_get_rsp_list *types;
	struct ynl_ntf_base_type *event;
	struct ynl_error error;
	struct ynl_sock *ys;

	ys = ynl_sock_create(&ynl_icmpguard_family, &error);
	if (!ys) {
		fprintf(stderr, "socket: %s\n", error.msg);
		return 1;
	}
	if (ynl_subscribe(ys, ICMPGUARD_GROUP_EVENTS_NAME))
		return done(ys, "subscribe");
	if (limit_echo(ys, 7))
		return done(ys, "config-set");

	config = icmpguard_config_get(ys);
	if (!config)
		return done(ys, "config-get");
	printf("mode %s, max-echo-size %u, %u checks\n", icmpguard_mode_str(config->mode),
	       config->max_echo_size, config->n_check);
	icmpguard_config_get_rsp_free(config);

	types = icmpguard_type_get_dump(ys);
	if (!types)
		return done(ys, "type-get");
	ynl_dump_foreach(types, type)
		if (type->proto == ICMPGUARD_PROTO_ICMP && type->number == 8 && !type->_present.code)
			printf("%s %s %u/%us\n", type->name, icmpguard_action_str(type->action),
			       type->limit.packets, type->limit.period);
	icmpguard_type_get_rsp_list_free(types);

	/* The event was sent before the change was acknowledged. */
	if (ynl_ntf_check(ys) < 0)
		return done(ys, "event");
	while ((event = ynl_ntf_dequeue(ys))) {
		struct icmpguard_event_rsp *rsp = &((struct icmpguard_event *)event)->obj;

		printf("%s %u\n", icmpguard_event_kind_str(rsp->kind), rsp->generation);
		ynl_ntf_free(event);
	}

	if (!limit_echo(ys, 0))
		printf("a rate of 0 was accepted\n");
	printf("%s\n", ys->err.msg);
	ynl_sock_destroy(ys);
	return 0;
}
