"""Numbers in the schemas are for ever (docs/log_format.md, section 9): compares schemas/*.fbs with
the released ones in tests/golden/schema_baseline.txt. Additions are fine, and are added to the
baseline with --update when they are released; removed, renumbered, retyped or reordered members of
tables, structs, unions and enums are not.
Usage: check_schemas.py ROOT [--update]"""
import pathlib
import re
import sys

BLOCK = re.compile(r"\b(table|struct|union|enum)\s+(\w+)[^{]*\{([^}]*)\}", re.S)
FIELD = re.compile(r"(\w+)\s*:\s*([\w\[\]:]+)\s*(?:=\s*(\w+))?\s*(?:\(([^)]*)\))?\s*;")
VALUE = re.compile(r"(\w+)\s*(?:=\s*(\d+))?")
IDENTIFIER = re.compile(r'file_identifier\s+"(\w+)"')
KIND = re.compile(r"^\s*k(\w+) = (\d+),", re.M)


def fields(kind, name, body):
    for position, (field, kind_of, default, attributes) in enumerate(FIELD.findall(body)):
        number = re.search(r"\bid:\s*(\d+)", attributes or "")
        if kind == "table" and not number:
            yield f"{name}.{field}", "without an id"
            continue
        where = int(number.group(1)) if number else position
        required = " required" if "required" in (attributes or "") else ""
        # Structs have no field names in their bytes: there, a rename is harmless.
        key = f"{kind} {name} {where}" if kind == "struct" else f"{kind} {name}.{field}"
        yield key, f"{where} {kind_of}{' = ' + default if default else ''}{required}"


def values(kind, name, body):
    following = 0
    for part in filter(None, (item.strip() for item in body.split(","))):
        value, number = VALUE.match(part).groups()
        following = int(number) if number else following
        yield f"{kind} {name}.{value}", str(following)
        following += 1


def read(root):
    out = {}
    for path in sorted((root / "schemas").glob("*.fbs")):
        text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
        for kind, name, body in BLOCK.findall(text):
            out.update((values if kind in ("union", "enum") else fields)(kind, name, body))
        for identifier in IDENTIFIER.findall(text):
            out[f"file {path.name}"] = identifier
    header = (root / "core" / "event.hpp").read_text(encoding="utf-8")
    body = re.search(r"enum class EventKind[^{]*\{(.*?)\};", header, re.S).group(1)
    out.update((f"kind {name}", number) for name, number in KIND.findall(body))
    return out


def problems(released, current):
    for key, value in released.items():
        if key not in current:
            yield f"{key} is gone"
        elif current[key] != value:
            yield f"{key} was '{value}' and is '{current[key]}'"
    numbers = {}
    for key, value in current.items():
        if value == "without an id":
            yield f"{key} is {value}"
        owner = key.split(".")[0] if "." in key else key.split(" ")[0]
        slot = (owner, value.split(" ")[0])
        if not key.startswith(("struct", "file")) and slot in numbers:
            yield f"{key} has the number of {numbers[slot]}"
        numbers[slot] = key
    released_fields = {key.split(".")[0] for key in released}
    for key, value in current.items():
        is_new = key not in released and key.split(".")[0] in released_fields
        if is_new and key.startswith("table") and value.endswith("required"):
            yield f"{key} is new and required: older payloads do not have it"


def main():
    root = pathlib.Path(sys.argv[1])
    baseline = root / "tests" / "golden" / "schema_baseline.txt"
    current = read(root)
    if "--update" in sys.argv[2:]:
        text = "".join(f"{key}\t{value}\n" for key, value in sorted(current.items()))
        baseline.write_text(text, encoding="utf-8")
        return
    lines = baseline.read_text(encoding="utf-8").splitlines()
    found = list(problems(dict(line.split("\t") for line in lines), current))
    for problem in found:
        print(problem)
    if found:
        sys.exit(1)
    print(f"{len(lines)} released numbers stand")


main()
