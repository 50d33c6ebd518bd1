"""tools/preconf_log.py against the program: it must find the same events, and every planted damage.

Usage: preconf_log_test.py PRECONF_LOG CAPTURE_SAMPLE VECTORS
"""
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

TOOL, SAMPLE, VECTORS = sys.argv[1:4]
SEED = "20261120"
sys.path.insert(0, str(pathlib.Path(TOOL).parent))
import preconf_log  # noqa: E402
from preconf_reader import capture as container  # noqa: E402
from preconf_reader.record import Record  # noqa: E402


def run(*arguments):
    done = subprocess.run([sys.executable, TOOL, *map(str, arguments)], capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def same(found, expected, path):
    """Equal in every field; names the first that is not."""
    if isinstance(expected, dict):
        assert isinstance(found, dict) and set(found) == set(expected), (path, found, expected)
        for key in expected:
            same(found[key], expected[key], f"{path}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), path
        for i, (one, other) in enumerate(zip(found, expected)):
            same(one, other, f"{path}[{i}]")
    else:
        assert found == expected, f"{path}: {found!r}, expected {expected!r}"


def check_dump(folder, name):
    file = folder / f"{name}.pccap"
    code, out, err = run("dump", file)
    assert code == 0, err
    expected = [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
    # Text in events may contain line separators of Unicode: only "\n" ends a line.
    found = [json.loads(line) for line in out.split("\n")[:-1]]
    assert len(found) == len(expected), (len(found), len(expected))
    for one, other in zip(found, expected):
        commitment = one.pop("commitment", None)
        same(one, other, f"event {other['event']['seq']}")
        if other["event"]["body"]["type"] == "commitment_received":
            raw = bytes.fromhex(other["event"]["body"]["raw"][2:])
            assert commitment["block_number"] == int.from_bytes(raw[1:33], "little")
            assert commitment["slasher_address"] == "0x" + raw[297:317].hex()
            assert commitment["signature"] == "0x" + raw[317:].hex()
    kinds = {one["event"]["body"]["type"] for one in expected}
    assert kinds == {name for name, _ in preconf_log.KINDS.values()}, kinds
    first = expected[260]["event"]["seq"]
    code, out, _ = run("dump", file, "--from", first, "--to", first + 9)
    assert [json.loads(line)["event"]["seq"] for line in out.split("\n")[:-1]] == list(
        range(first, first + 10))
    code, out, _ = run("dump", file, "--kind", "timer_fired")
    timers = sum(one["event"]["body"]["type"] == "timer_fired" for one in expected)
    assert len(out.split("\n")) - 1 == timers


def check_verify(file, events):
    code, out, err = run("verify", file)
    assert code == 0, err
    answer = json.loads(out)
    assert answer["events"] == events and answer["contents"] > 50, answer


def reseal(capture, number, raw):
    """The file with other raw bytes in one frame; every checksum of the container holds."""
    def frame(header, raw):
        stored = zlib.compress(raw)
        start = container.FRAME.pack(b"PCF1", header[0], len(stored), len(raw), *header[3:5],
                                       bytes(32))[:32]
        return start + hashlib.sha256(start + stored).digest() + stored

    parts = [frame(header, raw if n == number else capture.load(n))
             for n, (_, header) in enumerate(capture.frames)]
    index = frame((6, 0, 0, 0, len(parts)), b"".join(part[:64] for part in parts))
    body = capture.read(0, 16) + b"".join(parts)
    trailer = struct.pack("<QQ8s", len(body), len(body) + len(index) + 56, b"PCCAPEND")
    return body + index + trailer + hashlib.sha256(body[:16] + index[32:64] + trailer).digest()


def check_damage(folder):
    file, bad = folder / "whole.pccap", folder / "bad.pccap"
    good = file.read_bytes()
    # The container: a sample of bytes, and cuts.
    for at in list(range(0, 200)) + list(range(200, len(good), len(good) // 60)):
        flipped = bytearray(good)
        flipped[at] ^= 0x10
        bad.write_bytes(flipped)
        try:
            capture = preconf_log.Capture(str(bad))
            preconf_log.check_contents(capture, False)
            preconf_log.check_snapshots(capture)
            for record, _ in preconf_log.walk(capture):
                record.body()
        except preconf_log.Damage:
            continue
        raise AssertionError(f"flipped byte {at} not found")
    for size in range(0, len(good), len(good) // 60):
        bad.write_bytes(good[:size])
        assert run("info", bad)[0] == 4, size
    # Behind checksums that hold: the record itself must show it, with its seq.
    capture = preconf_log.Capture(str(file))
    number, header = capture.of_type(container.RECORDS)[0]
    raw = capture.load(number)
    records = [(record.seq, buffer) for (buffer, _), (record, _) in
               zip(capture.records(), preconf_log.walk(capture))]
    for seq, buffer in records[5:header[4]:97]:
        at = raw.index(buffer)
        payload = raw.index(Record(buffer, seq).payload, at)
        for position in (payload, at + len(buffer) - 1, at + 6):
            changed = bytearray(raw)
            changed[position] ^= 1
            if bytes(changed[at:at + len(buffer)]) == buffer:
                continue
            bad.write_bytes(reseal(capture, number, bytes(changed)))
            code, _, err = run("dump", bad)
            if code == 0:
                # Alignment padding and unused vtable slots mean nothing (log format, section 4).
                assert position != payload, f"event {seq}: a changed payload was not found"
                continue
            assert code == 4 and f"event {seq}:" in err, (seq, position - at, err)


def check_removed(file):
    """What is written down about content that is not here."""
    answer = json.loads(run("verify", file)[1])
    assert answer["contents_missing"] == 0 and set(answer["contents_removed"]) == {
        "redacted", "pruned", "lost"}, answer
    entries = list(preconf_log.Capture(str(file)).removed())
    assert len(entries) == sum(answer["contents_removed"].values())
    for key, cause, size, wall, reason in entries[:5]:
        assert (cause, size, wall - 17 * 10**17, reason) == (
            container.CAUSES[key[0] % 3], key[1], key[2], "r" * key[3]), (key, cause, size, wall)
        code, out, err = run("extract", file, key.hex())
        assert code == 1 and out == "" and cause in err, err


def check_hashes():
    """Side by side as one after the other, whatever the lengths are."""
    lengths = [0, 1, 135, 136, 137, 271, 272, 273, 4000, 9000] * 3 + [136] * 600 + [20000]
    messages = [hashlib.shake_128(f"{SEED} {n}".encode()).digest(length)
                for n, length in enumerate(lengths)]
    found = preconf_log.keccak256_many(messages)
    assert found == [preconf_log.keccak256(message) for message in messages]
    assert preconf_log.keccak256_many([]) == []


def check_contents_are_hashed(file, bad):
    """One other byte in any content is found, wherever it is in its batch."""
    capture = preconf_log.Capture(str(file))
    number, _ = capture.of_type(container.CONTENTS)[0]
    raw, at, found = capture.load(number), 0, 0
    while at < len(raw) and found < 10:
        size, = struct.unpack_from("<I", raw, at)
        if size > 0:
            changed = bytearray(raw)
            changed[at + 36 + size // 2] ^= 1
            bad.write_bytes(reseal(capture, number, bytes(changed)))
            code, _, err = run("verify", bad)
            key = raw[at + 4:at + 36].hex()
            assert code == 4 and f"content 0x{key} has other bytes" in err, (code, err)
            found += 1
        at += 36 + size
    assert found > 0


def check_manifest(file, bad):
    """A manifest that says something else than the events is damage."""
    capture = preconf_log.Capture(str(file))
    number = len(capture.frames) - 1
    for key in ("digests", "contents_missing", "contents_removed", "first_wall_ns",
                "last_wall_ns", "events", "contents", "content_bytes"):
        told = dict(capture.manifest, **{key: capture.manifest[key] + 1})
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        bad.write_bytes(reseal(capture, number, text.encode()))
        assert run("verify", bad)[0] == 4, key


def check_crypto(vectors):
    """Signers, hashes and fields of commitments that an independent implementation made."""
    count = 0
    for case in json.loads(pathlib.Path(vectors).read_text(encoding="utf-8"))["commitments"]:
        raw = bytes.fromhex(case["ssz"][2:])
        if case["defect"] != "none":
            continue
        for name, size in (("preconfHash", 297), ("contentHash", 317), ("commitmentHash", 382)):
            assert "0x" + preconf_log.keccak256(raw[:size]).hex() == case[name], case["name"]
        signer = preconf_log.recover(bytes.fromhex(case["signingHash"][2:]), raw[317:])
        assert "0x" + signer.hex() == case["signer"].lower(), case["name"]
        decoded = preconf_log.ssz_commitment(raw)
        assert decoded["slasher_address"] == case["slasher"].lower(), case["name"]
        count += 1
    assert count > 3
    return count


def main():
    print("seed", SEED)
    assert preconf_log.keccak256(b"").hex() == (
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([SAMPLE, name, SEED], check=True)
        for capture in ("whole", "tail", "noted"):
            check_dump(folder, capture)
            check_verify(folder / f"{capture}.pccap", 598)
        check_removed(folder / "noted.pccap")
        check_hashes()
        check_contents_are_hashed(folder / "whole.pccap", folder / "bad.pccap")
        check_manifest(folder / "noted.pccap", folder / "bad.pccap")
        check_damage(folder)
    print(check_crypto(VECTORS), "signers recovered")


main()
