#!/usr/bin/env python3
"""What failed in test runs, last of all they print: name and end of output of each failed test.

usage: test_failures.py JUNIT_FILE...   (what `ctest --output-junit FILE` wrote)

A log of thousands of lines is often seen from its end only. Prints nothing when nothing failed;
exits with 0 in both cases, because ctest's own exit status says it already. A file that is missing
or no JUnit is said and passed over.
"""

import sys
import xml.etree.ElementTree as ElementTree

MAX_LINES = 60
MAX_COLUMNS = 300


def failures(path):
    """(name, reason, output) of each failed test of a JUnit file."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        failure = case.find("failure")
        if failure is not None:
            output = case.findtext("system-out") or ""
            yield case.get("name"), failure.get("message") or "", output


def main(paths):
    for path in paths:
        try:
            failed = list(failures(path))
        except (OSError, ElementTree.ParseError) as error:
            print(f"{path}: {error}")
            continue
        if not failed:
            continue
        print(f"== {path}: {len(failed)} failed")
        for name, reason, output in failed:
            print(f"-- {name}: {reason}")
            for line in output.splitlines()[-MAX_LINES:]:
                print("   " + line[:MAX_COLUMNS])


if __name__ == "__main__":
    main(sys.argv[1:])
