#!/usr/bin/env python3
"""Refuses what would make core/ impure, by reading its source text.

    check_core_includes.py ROOT        ROOT is the folder that holds core/

Three rules: system headers from an allow-list, project headers from core/ only, and none of the
words that reach outside without a header or a symbol (compiler builtins, inline assembly,
exceptions, floating point). core/.clang-tidy holds the same header list for builds with clang.
"""

import pathlib
import re
import sys

VALUE_HEADERS = set(
    """algorithm array bit charconv compare concepts cstddef cstdint cstring deque initializer_list
    iterator limits map new numeric optional set span string string_view tuple type_traits utility
    variant vector""".split()
)
# Pure functions behind C headers: hashes, signatures, inflate.
C_LIBRARIES = re.compile(r"nettle/[a-z0-9-]+\.h|secp256k1(_[a-z]+)?\.h|zlib\.h")
# The failure message of PRECONF_ASSERT is the one thing core prints.
ONLY_IN = {"cstdio": "core/base/assert.cpp", "cstdlib": "core/base/assert.cpp"}

WORDS = {
    r"\b(throw|try|catch)\b": "core is built without exceptions",
    r"\b(float|double)\b": "floating point differs between machines",
    r"\bunordered_\w+": "iteration order is not defined",
    r"\bstd\s*::\s*(chrono|thread|mutex|random_device|filesystem)\b": "reaches outside",
    r"\bstd\s*::\s*(function|shared_ptr)\b": "hides state",
    r"\b__(DATE|TIME|TIMESTAMP)__\b": "differs between builds",
    r"\b(_*rdtscp?|_*rdrand\w*|__builtin_ia32_\w+)\b": "reads the processor",
    r"\b(asm|__asm__)\b": "inline assembly",
    r"\b(thread_local|co_await|co_yield|co_return)\b": "core is one plain call",
    r"\bextern\s+\"C\"": "a declaration by hand goes around the header list",
}

INCLUDE = re.compile(r"^\s*#\s*(?:include|include_next|import)\s*(.*)$")
TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\\ ]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'",
    re.S,
)


def without_comments_and_texts(source: str) -> str:
    def blank(match: re.Match) -> str:
        text = match.group(0)
        kept = '"C"' if text == '"C"' else " "  # the linkage specifier is code
        return kept + "\n" * text.count("\n")

    return TOKENS.sub(blank, source)


def include_problem(target: str, path: str) -> str | None:
    target = target.split("//")[0].strip()
    if match := re.fullmatch(r'"([^"]+)"', target):
        return None if match[1].startswith("core/") and ".." not in match[1] else "outside core/"
    if not (match := re.fullmatch(r"<([^>]+)>", target)):
        return "not a plain header name"
    header = match[1]
    if header in ONLY_IN:
        return None if path == ONLY_IN[header] else f"only {ONLY_IN[header]} may include it"
    if header in VALUE_HEADERS or C_LIBRARIES.fullmatch(header):
        return None
    return "not on the list of headers that core may include"


def check(root: pathlib.Path) -> list[str]:
    problems = []
    suffixes = (".hpp", ".cpp", ".h", ".inc")
    files = sorted(f for f in (root / "core").rglob("*") if f.suffix in suffixes)
    if not files:
        return [f"{root}/core: no sources"]
    for file in files:
        path = file.relative_to(root).as_posix()
        source = file.read_text()
        for number, line in enumerate(source.splitlines(), 1):
            if match := INCLUDE.match(line):
                if problem := include_problem(match[1], path):
                    problems.append(f"{path}:{number}: {match[1].strip()}: {problem}")
        for number, line in enumerate(without_comments_and_texts(source).splitlines(), 1):
            for word, problem in WORDS.items():
                if match := re.search(word, line):
                    problems.append(f"{path}:{number}: {match[0]}: {problem}")
    return problems


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    problems = check(pathlib.Path(sys.argv[1]))
    for problem in problems:
        print(problem)
    print(f"core includes: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
