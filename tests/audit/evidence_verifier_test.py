"""tools/evidence_verify.py and `preconf evidence verify` say the same, of good and of bad bundles.

usage: evidence_verifier_test.py PRECONF MAKE_DISHONEST_DAY
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def both(preconf, folder):
    ours = run(preconf, "evidence", "verify", folder)
    theirs = run(sys.executable, os.path.join(folder, "verify.py"), folder)
    return ours, theirs


def main():
    preconf, make_day = sys.argv[1:]
    seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
    print(f"SEED={seed}")
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "day")
        run(make_day, "--out", log, "--truth", os.path.join(folder, "truth"), "--events", "8000",
            "--seed", "3", "--no-truncate")
        seen = {}
        for line in run(preconf, "evidence", "ls", log, "--json").stdout.splitlines():
            finding = json.loads(line)
            seen.setdefault(finding["kind"], []).append(finding["id"])
        assert len(seen) >= 7, seen
        shown = 0
        for kind, ids in sorted(seen.items()):
            out = os.path.join(folder, kind)
            made = run(preconf, "evidence", "export", log, ids[0], "--out", out)
            ours, theirs = both(preconf, out)
            assert made.returncode == ours.returncode == theirs.returncode, (
                kind, made.returncode, ours.stdout, theirs.stdout, theirs.stderr)
            shown += ours.returncode == 0
            signers = [sorted(line.split(" is signed by ")[1] for line in text.splitlines()
                              if " is signed by " in line) for text in (ours.stdout, theirs.stdout)]
            assert signers[0] == signers[1], kind
        assert shown >= len(seen) - 1, seen
        whole = os.path.join(folder, "equivocation")
        check = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=whole, check=False)
        assert check.returncode == 0
        names = [os.path.relpath(os.path.join(path, name), whole)
                 for path, _, files in os.walk(whole) for name in files]
        for name in sorted(names):
            if name.endswith(".py"):
                continue
            bad = os.path.join(folder, "bad")
            shutil.copytree(whole, bad)
            with open(os.path.join(bad, name), "r+b") as file:
                at = dice.randrange(os.path.getsize(file.name))
                file.seek(at)
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ 1 << dice.randrange(8)]))
            ours, theirs = both(preconf, bad)
            assert ours.returncode == theirs.returncode == 4, (name, at, ours.stdout, theirs.stdout)
            assert name == "SHA256SUMS" or name in ours.stdout and name in theirs.stdout, (
                name, at, ours.stdout, theirs.stdout)
            shutil.rmtree(bad)
    print(f"{shown} of {len(seen)} kinds shown, by both")


if __name__ == "__main__":
    main()
