#!/usr/bin/env python3
"""The source is tested like anything else: the rules of docs/STYLE.md that a script can hold.

    check_style.py [ROOT]

Prints path:line: reason for every finding and ends with 1 when there is one.
"""

import pathlib
import re
import sys

COLUMNS_MAX = 100
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70

MODULES = ("core", "schemas", "storage", "io", "node", "replay", "tests")
SKIPPED_FOLDERS = {".git", "build", "node_modules", "vectors", "golden", "corpus", "__pycache__"}
CPP = {".cpp", ".hpp"}
SCRIPTS = {".py", ".sh", ".mjs", ".js", ".cmake"}
TEXTS = CPP | SCRIPTS | {".md", ".txt", ".fbs", ".json", ".toml", ""}

# Words that comments must not contain, and what to do instead.
WORDS = {
    r"TODO|FIXME|XXX|HACK": "finish it, or open an issue and name it",
    r"previously|formerly|no longer|now uses?|used to be|was changed|"
    r"refactored|(?:old|new) (?:code|implementation|version)": "say what is; history is in git",
    r"simply|obviously|just works|of course": "leave the word out",
    r"for now|temporar(?:y|ily) (?:hack|fix|workaround)|placeholder|not implemented": "finish it",
}
BANNED_IN_CODE = {
    r"\bstd::(?:ranges::)?views::": "clang 14 can not read view pipelines",
    r"\bsource_location\b": "clang 14 has none",
    r"#\s*include\s*<(?:format|expected|regex|iostream)>": "not available, or too heavy",
    r"\bDISABLED_(?!write)\w+": "a test that does not run is no test",
    r"\b(?:strcpy|sprintf|strcat|gets|atoi|atol|strtok)\s*\(": "unbounded, or hides errors",
}
USING_NAMESPACE = re.compile(r"\busing\s+namespace\s+(?!std::[a-z_]*literals)([\w:]+)")
SLEEPS = re.compile(
    r"\bsleep_(?:for|until)\b|\b(?:u|nano)?sleep\s*\(|\bset(?:Timeout|Interval)\b|\btime\.sleep\b"
)
SHELL_SLEEP = re.compile(r"^\s*sleep\s|[;&|]\s*sleep\s|\bdo\s+sleep\s")
# Slashes apart, so that this file does not contain what it looks for.
MACHINE_PATH = re.compile("/" + r"(?:work|root|home/\w+)" + "/")
THIRD_PARTY = re.compile(
    r"#\s*include\s*<(boost|rocksdb|curl|flatbuffers|simdjson|spdlog|CLI|toml\+\+|prometheus)/"
)
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
DIRECTIVE = re.compile(r"^[^\S\n]*\S.*$", re.M)  # in code without comments
LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)")
LAMBDA_WITH_CAPTURE = re.compile(
    r"(?<![\w\])])\[\s*[^\]\s\[][^\]]*\]\s*(?:\([^{};]*?\))?[^{};()]*\{"
)
TOKENS = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)|R"(?P<d>[^()\\ ]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'",
    re.S,
)
NOT_A_FUNCTION = re.compile(
    r"(?:^|[\s;}])(?:namespace|struct|class|union|enum|extern)\b[^()]*$|=\s*$|^\s*$|[\[,(]\s*$"
)


class Source:
    """One C++ file: its text, its code with comments and literals blanked, its comments."""

    def __init__(self, path: str, text: str):
        self.path, self.text = path, text
        self.comments: list[tuple[int, str]] = []
        parts, end = [], 0
        for match in TOKENS.finditer(text):
            parts.append(text[end : match.start()])
            line = text.count("\n", 0, match.start()) + 1
            if match["comment"]:
                for offset, comment in enumerate(match[0].split("\n")):
                    self.comments.append((line + offset, comment))
            parts.append(re.sub(r"[^\n]", " ", match[0]))
            end = match.end()
        self.code = "".join(parts) + text[end:]

    def line_of(self, position: int) -> int:
        return self.text.count("\n", 0, position) + 1


def closing_brace(code: str, opening: int) -> int:
    depth = 0
    for match in re.finditer(r"[{}]", code[opening:]):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return opening + match.start()
    return len(code)


def check_text(path: str, text: str):
    suffix = pathlib.PurePath(path).suffix
    is_code = suffix in CPP | SCRIPTS | {".fbs"} or path in ("dev", ".ci/run")
    is_code = is_code or path.endswith("CMakeLists.txt")
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if MACHINE_PATH.search(line):
            yield number, "a path of one machine"
        if not is_code:
            continue
        if len(line) > COLUMNS_MAX:
            yield number, f"{len(line)} columns, at most {COLUMNS_MAX}"
        if line != line.rstrip():
            yield number, "white space at the end of the line"
        if "\t" in line:
            yield number, "a tab"
    if suffix in CPP | SCRIPTS and len(lines) - 1 > FILE_LINES_MAX:
        yield FILE_LINES_MAX, f"{len(lines) - 1} lines, at most {FILE_LINES_MAX}: make two rooms"
    if text and not text.endswith("\n"):
        yield len(lines), "no newline at the end"
    if path.startswith("tests/") and suffix != ".md":
        for number, line in enumerate(lines, 1):
            shell = suffix in (".sh", "") and SHELL_SLEEP.search(line)
            deadline = "reject(" in line  # a timer that fails the test is a deadline
            if shell or (SLEEPS.search(line) and not deadline):
                yield number, "a test waits for an event with a deadline, it does not sleep"


def check_links(file: pathlib.Path, text: str):
    for number, line in enumerate(text.split("\n"), 1):
        for target in LINK.findall(line):
            if not (file.parent / target).exists():
                yield number, f"a link to {target}, which does not exist"


def check_comments(source: Source):
    for number, comment in source.comments:
        for word, advice in WORDS.items():
            if match := re.search(rf"\b(?:{word})\b", comment, re.I if word.islower() else 0):
                yield number, f"comment says '{match[0]}': {advice}"


def check_code(source: Source):
    for word, advice in BANNED_IN_CODE.items():
        for match in re.finditer(word, source.code):
            yield source.line_of(match.start()), f"{match[0].strip()}: {advice}"
    for match in USING_NAMESPACE.finditer(source.code):
        if source.path.endswith(".hpp") or not match[1].startswith("preconf"):
            yield source.line_of(match.start()), f"{match[0]}: name what you use"
    if source.path.endswith(".hpp"):
        if "#pragma once" not in source.text:
            yield 1, "no #pragma once"
        if not source.text.startswith("//"):
            yield 1, "a header begins with what it is for"


def check_effect_header(source: Source):
    """One file per driver effect, and its header says when, what and from which rule."""
    if source.path.startswith("core/effects/") and source.text.startswith("// Driver effect"):
        for word in ("Condition", "Effect", "Source"):
            if not re.search(rf"^// {word}\b", source.text, re.M):
                yield 1, f"the effect's header has no line '{word}'"


def check_functions(source: Source):
    """Approximate: a brace after ')' and what may follow it opens a function, at depth of a
    namespace or class; lambdas count as a part of the function around them."""
    position = 0
    code = source.code
    for _ in range(3):  # member{value} in an initialiser list is not a body; three levels deep
        code = re.sub(r"(?<=[\w>])\{([^{};]*)\}", r"(\1)", code)
    while (opening := code.find("{", position)) != -1:
        before = max(code.rfind(mark, 0, opening) for mark in ";{}")
        head = code[before + 1 : opening]
        head = re.sub(r"^\s*(?:#[^\n]*\n\s*)*", "", head)
        if NOT_A_FUNCTION.search(head.strip()) or ")" not in head:
            position = opening + 1
            continue
        closing = closing_brace(code, opening)
        length = source.line_of(closing) - source.line_of(opening) + 1
        if length > FUNCTION_LINES_MAX:
            reason = f"function of {length} lines, at most {FUNCTION_LINES_MAX}"
            yield source.line_of(opening), reason
        position = closing + 1


def check_coroutines(source: Source):
    if "co_" not in source.code:
        return
    for match in LAMBDA_WITH_CAPTURE.finditer(source.code):
        body = source.code[match.end() - 1 : closing_brace(source.code, match.end() - 1)]
        if re.search(r"\bco_(?:await|return|yield)\b", body) or "awaitable<" in match[0]:
            reason = "a coroutine is a named function: g++ 12 frees captures twice"
            yield source.line_of(match.start()), reason


CPP_RULES = (
    check_comments, check_code, check_effect_header, check_functions, check_coroutines,
)


def check_dead_headers(sources: list[Source]):
    included = {target for source in sources for target in INCLUDE.findall(source.text)}
    for source in sources:
        if not source.path.endswith(".hpp"):
            continue
        folder, _, name = source.path.rpartition("/")
        names = {source.path, source.path.removeprefix("tests/"), name}
        if not names & included:
            yield source.path, 1, "no file includes this header"


def check_own_header_first(sources: list[Source]):
    """Then compiling x.cpp shows that x.hpp needs nothing before it: cmake/module.cmake makes no
    source to that end for a header that has one."""
    headers = {source.path for source in sources if source.path.endswith(".hpp")}
    for source in sources:
        own = source.path.removesuffix(".cpp") + ".hpp"
        if not source.path.endswith(".cpp") or own not in headers:
            continue
        first = DIRECTIVE.search(source.code)
        included = INCLUDE.match(source.text, first.start()) if first else None
        if not included or included[1] != own:
            line = source.line_of(first.start()) if first else 1
            yield source.path, line, f"the first line but comments includes {own}"


def check_leaks(sources: list[Source]):
    """Other modules see plain C++: a header that shows a third-party library, itself or through
    another header, is for its own module."""
    by_path = {source.path: source for source in sources}
    shows: dict[str, str] = {}
    for source in sources:
        if source.path.endswith(".hpp") and (match := THIRD_PARTY.search(source.text)):
            shows[source.path] = match[1]
    pending = list(shows)
    includers: dict[str, list[str]] = {}
    for source in sources:
        for target in INCLUDE.findall(source.text):
            includers.setdefault(target, []).append(source.path)
    while pending:
        header = pending.pop()
        for path in includers.get(header, []):
            module = path.split("/")[0]
            if module == "tests":
                continue
            if module != header.split("/")[0]:
                position = by_path[path].text.find(f'"{header}"')
                reason = f"{header} shows {shows[header]}, which is private to its module"
                yield path, by_path[path].line_of(position), reason
            elif path.endswith(".hpp") and path not in shows:
                shows[path] = shows[header]
                pending.append(path)


def files_of(root: pathlib.Path):
    pending = [root]
    while pending:
        for entry in sorted(pending.pop().iterdir()):
            if entry.is_symlink() or entry.name in SKIPPED_FOLDERS:
                continue
            if entry.is_dir():
                pending.append(entry)
            elif entry.suffix in TEXTS and not entry.name.endswith("package-lock.json"):
                yield entry


def check(root: pathlib.Path) -> list[str]:
    findings, sources = [], []
    for file in files_of(root):
        path = file.relative_to(root).as_posix()
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        results = list(check_text(path, text))
        if file.suffix == ".md":
            results += check_links(file, text)
        if file.suffix in CPP and path.split("/")[0] in MODULES:
            source = Source(path, text)
            sources.append(source)
            if not path.startswith("tests/purity/"):
                for rule in CPP_RULES:
                    results += rule(source)
        findings += [(path, line, reason) for line, reason in results]
    findings += check_dead_headers(sources)
    findings += check_own_header_first(sources)
    findings += check_leaks(sources)
    return [f"{path}:{line}: {reason}" for path, line, reason in sorted(findings)]


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    findings = check(root)
    for finding in findings:
        print(finding)
    print(f"style: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
