#!/usr/bin/env python3
"""Compiles one source with the very flags of core and expects what its first line says.

    must_not_compile.py COMPILE_COMMANDS SOURCE

The first line of SOURCE is `// expect: compiles` or `// expect: REGEX`; the regex must match the
compiler's message, so that a typing error in the test does not count as a refusal.
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys

MODEL = "core/base/assert.cpp"  # any translation unit of core: all have the same flags


def command_like_core(database: pathlib.Path, source: pathlib.Path) -> tuple[list[str], str]:
    entries = json.loads(database.read_text())
    entry = next(e for e in entries if e["file"].endswith("/" + MODEL))
    words = shlex.split(entry["command"])
    if "ccache" in pathlib.Path(words[0]).name:
        words = words[1:]
    output = words.index("-o")
    del words[output : output + 2]
    words = [str(source) if word.endswith(MODEL) else word for word in words]
    return words + ["-fsyntax-only"], entry["directory"]


def main() -> int:
    database, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    expected = re.match(r"// expect: (.*)", source.read_text())[1]
    command, folder = command_like_core(database, source)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    print(done.stderr)
    if expected == "compiles":
        return 0 if done.returncode == 0 else 1
    if done.returncode == 0:
        print(f"{source.name} compiled as a part of core; it must not")
        return 1
    if not re.search(expected, done.stderr):
        print(f"{source.name} was refused, but not for: {expected}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
