"""Log records laid out byte by byte from docs/log_format.md, for tests/golden/records_handmade.txt:
what newer programs may write, and what nobody may. Nothing of the program, no FlatBuffers library.
Usage: handmade_records.py > FILE; handmade_records.py --check FILE"""
import hashlib
import struct
import sys

DOMAIN = b"preconf/log/1".ljust(16, b"\0")
OUTCOME, IGNORABLE = 1, 2


def record(kind, version=1, flags=0, payload=b"\x08\0\0\0\x04\0\x04\0\x04\0\0\0", refs=(), cause=0,
           ordinal=0, seq=1, lane=0, source=0, prev=bytes(32)):
    """Envelope: vtable at 8, table at 24 with its structs inline, then refs, then the payload."""
    refs_bytes = b"".join(digest + struct.pack("<I", size) for digest, size in refs)
    header = struct.pack("<QQQQQQIIHHBBBB", seq, 1_760_000_000_000_000_000, 5, 6, 7, cause, ordinal,
                         len(payload), kind, version, lane, source, flags, len(refs))
    payload_hash = hashlib.sha256(payload).digest()
    chain = hashlib.sha256(DOMAIN + header + refs_bytes + payload_hash + prev).digest()
    refs_at = 200
    payload_at = refs_at + 4 + len(refs_bytes)
    payload_at += (4 - payload_at) % 8  # its length stands 4 before an 8-aligned byte
    out = bytearray(payload_at + 4 + len(payload))
    struct.pack_into("<I4s", out, 0, 24, b"PCE1")
    fields = (8, 4, 168 if refs else 0, 72, 104, 136)  # by field id, from the table's begin
    struct.pack_into("<HH6H", out, 8, 16, 172, *fields)
    struct.pack_into("<iI", out, 24, 16, payload_at - 28)
    out[32:96] = header
    out[96:128], out[128:160], out[160:192] = payload_hash, prev, chain
    if refs:
        struct.pack_into("<I", out, 192, refs_at - 192)
        struct.pack_into("<I", out, refs_at, len(refs))
        out[refs_at + 4 : refs_at + 4 + len(refs_bytes)] = refs_bytes
    struct.pack_into("<I", out, payload_at, len(payload))
    out[payload_at + 4 :] = payload
    return bytes(out)


def records():
    ref = (hashlib.sha256(b"content").digest(), 77)
    shutdown = 3
    yield "known", record(shutdown)
    yield "ignorable", record(999, 3, IGNORABLE, b"any bytes at all", [ref, ref])
    yield "ignorable_empty", record(65535, 65535, IGNORABLE, b"")
    yield "unknown_kind", record(999)
    yield "unknown_outcome", record(999, 1, OUTCOME, cause=1)
    yield "ignorable_outcome", record(999, 1, OUTCOME | IGNORABLE, cause=1)
    yield "ignorable_with_cause", record(999, 1, IGNORABLE, cause=1)
    yield "ignorable_bad_lane", record(999, 1, IGNORABLE, lane=8)
    yield "ignorable_reserved_flag", record(999, 1, IGNORABLE | 4)
    yield "kind_zero", record(0)
    yield "kind_zero_ignorable", record(0, 1, IGNORABLE)
    yield "known_flagged_ignorable", record(shutdown, 1, IGNORABLE)
    yield "known_reserved_flag", record(shutdown, 1, 128)
    yield "known_newer_version", record(shutdown, 2)
    yield "known_version_zero", record(shutdown, 0)
    yield "boot_newer_version", record(2, 3)


def main():
    text = "".join(f"{name} {made.hex()}\n" for name, made in records())
    if sys.argv[1:2] != ["--check"]:
        sys.stdout.write(text)
        return
    with open(sys.argv[2], encoding="ascii") as file:
        if file.read() != text:
            sys.exit(f"{sys.argv[2]} is not what this script makes")


main()
