#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Validate a netlink specification against the kernel's schema for it.

usage: spec.py SPECIFICATION SCHEMA
"""
import sys

import jsonschema
import yaml


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        schema = yaml.safe_load(file)
    errors = list(jsonschema.Draft7Validator(schema).iter_errors(spec))
    for error in errors:
        where = "/".join(str(part) for part in error.absolute_path)
        print(f"{sys.argv[1]}: {where}: {error.message}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
