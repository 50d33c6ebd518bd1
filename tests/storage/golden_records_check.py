"""Checks tests/golden/records_v<release>.hex from docs/log_format.md alone: an own FlatBuffers
reader and hashlib, nothing of the program. For release 2 it also reads the payloads of the shapes
that release 2 added, and compares with the dump that was checked in.
Usage: golden_records_check.py FILE [--dump | DUMP]"""
import hashlib
import json
import struct
import sys

DOMAIN = b"preconf/log/1".ljust(16, b"\0")
HEADER = struct.Struct("<QQQQQQIIHHBBBB")


def field(buffer, table, field_id):
    """Position of a table's field, None when absent."""
    vtable = table - struct.unpack_from("<i", buffer, table)[0]
    size = struct.unpack_from("<H", buffer, vtable)[0]
    slot = 4 + 2 * field_id
    offset = struct.unpack_from("<H", buffer, vtable + slot)[0] if slot < size else 0
    return table + offset if offset else None


def vector(buffer, position, item_size):
    start = position + struct.unpack_from("<I", buffer, position)[0]
    count = struct.unpack_from("<I", buffer, start)[0]
    return buffer[start + 4 : start + 4 + count * item_size]


def number(buffer, table, field_id, layout, default=0):
    position = field(buffer, table, field_id)
    return struct.unpack_from(layout, buffer, position)[0] if position else default


def fixed(buffer, table, field_id, size):
    position = field(buffer, table, field_id)
    return buffer[position : position + size].hex() if position else None


def text(buffer, table, field_id):
    position = field(buffer, table, field_id)
    return vector(buffer, position, 1).decode() if position else ""


def body_of(kind, payload):
    """Fields of the kinds that release 2 added or changed."""
    table = struct.unpack_from("<I", payload, 0)[0]
    if kind == 2:
        clock = field(payload, table, 2)
        clock += struct.unpack_from("<I", payload, clock)[0]
        return {"boot_id": fixed(payload, table, 0, 16), "version": text(payload, table, 1),
                "clock_error_ns": number(payload, clock, 0, "<Q", None)}
    if kind == 11:
        return {"from": number(payload, table, 0, "<Q"), "to": number(payload, table, 1, "<Q"),
                "chain_at_mark": fixed(payload, table, 2, 32), "reason": text(payload, table, 3),
                "lost_known": bool(number(payload, table, 4, "<B"))}
    if kind == 12:
        return {"from_version": number(payload, table, 0, "<I"),
                "to_version": number(payload, table, 1, "<I"),
                "state_hash": fixed(payload, table, 2, 32)}
    return {}


def check(expected_seq, buffer, prev_chain, release):
    assert buffer[4:8] == b"PCE1", "file identifier"
    envelope = struct.unpack_from("<I", buffer, 0)[0]
    position = field(buffer, envelope, 0)
    header = buffer[position : position + 64]
    payload = vector(buffer, field(buffer, envelope, 1), 1)
    refs_at = field(buffer, envelope, 2)
    refs = vector(buffer, refs_at, 36) if refs_at else b""
    payload_hash, stored_prev, chain = (
        buffer[field(buffer, envelope, i) : field(buffer, envelope, i) + 32] for i in (3, 4, 5)
    )
    (seq, wall, mono, source_id, request, cause, ordinal, size, kind, version, lane, source,
     flags, ref_count) = HEADER.unpack(header)
    body = body_of(kind, payload) if release == 2 else {}
    if kind == 11:
        assert body["from"] == expected_seq and body["to"] + 1 == seq, "gap"
    else:
        assert seq == expected_seq, "dense seq"
    assert (wall, mono) == (1_760_000_000_000_000_000 + seq, 1_000_000 * seq), "times"
    assert (source_id, request, lane, source) == (40 + seq, seq % 3, 3, 1), "origin"
    assert (cause, ordinal, flags) == ((7, 2, 1) if kind == 10 else (0, 0, 0)), "command"
    assert size == len(payload), "payload size"
    assert version == (2 if release == 2 and kind == 2 else 1), "schema version"
    assert ref_count * 36 == len(refs), "content refs"
    assert (ref_count == 1) == (kind == 8 or (kind == 10 and refs != b"")), "who refers to content"
    assert payload_hash == hashlib.sha256(payload).digest(), "payload hash"
    assert stored_prev == prev_chain, "previous chain"
    message = DOMAIN + header + refs + payload_hash + prev_chain
    assert chain == hashlib.sha256(message).digest(), "chain"
    return {"seq": seq, "kind": kind, "version": version, "flags": flags, "wall": wall,
            "payload_hash": payload_hash.hex(), "chain": chain.hex(), "body": body}


def main(path, dump):
    release = 2 if path.endswith("_v2.hex") else 1
    chain = bytes(32)
    read = []
    with open(path, encoding="ascii") as file:
        for number_of_line, line in enumerate(file, 1):
            expected = read[-1]["seq"] + 1 if read else 1
            try:
                record = check(expected, bytes.fromhex(line.strip()), chain, release)
            except AssertionError as failure:
                sys.exit(f"line {number_of_line}: {failure}")
            read.append(record)
            chain = bytes.fromhex(record["chain"])
    kinds = {record["kind"] for record in read}
    assert kinds == ({1, 2, 3, 8, 11, 12} if release == 2 else set(range(1, 11))), f"kinds {kinds}"
    lines = [json.dumps(record, sort_keys=True) for record in read]
    if dump == "--dump":
        print("\n".join(lines))
        return
    if dump:
        with open(dump, encoding="ascii") as file:
            assert file.read().splitlines() == lines, "another reading than was checked in"
    print(f"{len(read)} records, chain {chain.hex()}")


main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
