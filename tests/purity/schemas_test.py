"""tools/check_schemas.py finds planted changes. Usage: schemas_test.py ROOT"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1])
CHANGES = [  # file, old text, new text, what must be said; None: nothing
    ("schemas/lifecycle.fbs", "signal:ubyte (id: 0)", "signal:ubyte (id: 1)", "signal"),
    ("schemas/lifecycle.fbs", "signal:ubyte (id: 0)", "signal:ushort (id: 0)", "signal"),
    ("schemas/lifecycle.fbs", "  signal:ubyte (id: 0);\n", "", "is gone"),
    ("schemas/lifecycle.fbs", "signal:ubyte (id: 0)", "number:ubyte (id: 0)", "is gone"),
    ("schemas/lifecycle.fbs", "signal:ubyte (id: 0)", "signal:ubyte", "without an id"),
    ("schemas/lifecycle.fbs", "signal:ubyte (id: 0);",
     "signal:ubyte (id: 0); again:ubyte (id: 0);", "has the number"),
    ("schemas/lifecycle.fbs", "signal:ubyte (id: 0);",
     "signal:ubyte (id: 0); more:string (id: 1, required);", "new and required"),
    ("schemas/lifecycle.fbs", "signal:ubyte (id: 0);",
     "signal:ubyte (id: 0); more:string (id: 1);", None),
    ("schemas/envelope.fbs", "  mono:ulong;\n", "", "struct Header"),
    ("schemas/envelope.fbs", "  wall:ulong;\n  mono:ulong;\n  source_id:ulong;",
     "  wall:ulong;\n  mono:uint;\n  source_id:ulong;", "struct Header 2"),
    ("schemas/engine.fbs", "BlockRead = 2", "BlockRead = 7", "BlockRead"),
    ("schemas/envelope.fbs", '"PCE1"', '"PCE2"', "PCE1"),
    ("core/event.hpp", "kTimerFired = 9", "kTimerFired = 13", "TimerFired"),
    ("core/event.hpp", "  kTimerFired = 9,\n", "", "is gone"),
]


def check(root):
    made = subprocess.run([sys.executable, ROOT / "tools" / "check_schemas.py", root],
                          capture_output=True, text=True, check=False)
    return made.returncode, made.stdout + made.stderr


def main():
    failures = []
    for name, old, new, words in CHANGES:
        with tempfile.TemporaryDirectory() as place:
            copy = pathlib.Path(place)
            shutil.copytree(ROOT / "schemas", copy / "schemas")
            for kept in ("core/event.hpp", "tests/golden/schema_baseline.txt"):
                (copy / kept).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / kept, copy / kept)
            text = (copy / name).read_text(encoding="utf-8")
            assert old in text, old
            (copy / name).write_text(text.replace(old, new, 1), encoding="utf-8")
            code, said = check(copy)
            if (code == 0) != (words is None) or (words or "") not in said:
                failures.append(f"{name}: {old!r} -> {new!r}: exit {code}, said {said!r}")
    print("\n".join(failures))
    sys.exit(1 if failures else 0)


main()
