"""Reads KTAP from the standard input with the kernel's own kunit_parser.py, whose folder is the
argument, and prints what it understood: a tree of tests as JSON, in the last line."""
import json
import sys

sys.path.insert(0, sys.argv[1])
import kunit_parser  # noqa: E402


def tree(test):
    return {
        "name": test.name,
        "status": test.status.name,
        "errors": test.counts.errors,
        "log": test.log,
        "subtests": [tree(one) for one in test.subtests],
    }


sys.stdin.reconfigure(encoding="utf-8", newline="\n")
print(json.dumps(tree(kunit_parser.parse_run_tests(sys.stdin))))
