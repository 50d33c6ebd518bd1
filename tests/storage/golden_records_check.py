"""Checks tests/golden/records_v1.hex from docs/log_format.md alone: an own FlatBuffers reader and
hashlib, nothing of the program. Usage: golden_records_check.py FILE"""
import hashlib
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


def check(line_number, buffer, prev_chain):
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
     is_outcome, ref_count) = HEADER.unpack(header)
    assert seq == line_number, "dense seq"
    assert (wall, mono) == (1_760_000_000_000_000_000 + seq, 1_000_000 * seq), "times"
    assert (source_id, request, lane, source) == (40 + seq, seq % 3, 3, 1), "origin"
    assert (cause, ordinal, is_outcome) == ((7, 2, 1) if kind == 10 else (0, 0, 0)), "command"
    assert size == len(payload) and version == 1, "payload size, schema version"
    assert ref_count * 36 == len(refs), "content refs"
    assert (ref_count == 1) == (kind == 8 or (kind == 10 and refs != b"")), "who refers to content"
    assert payload_hash == hashlib.sha256(payload).digest(), "payload hash"
    assert stored_prev == prev_chain, "previous chain"
    message = DOMAIN + header + refs + payload_hash + prev_chain
    assert chain == hashlib.sha256(message).digest(), "chain"
    return kind, chain


def main(path):
    chain = bytes(32)
    kinds = []
    with open(path, encoding="ascii") as file:
        for number, line in enumerate(file, 1):
            try:
                kind, chain = check(number, bytes.fromhex(line.strip()), chain)
            except AssertionError as failure:
                sys.exit(f"line {number}: {failure}")
            kinds.append(kind)
    assert sorted(set(kinds)) == list(range(1, 11)), f"kinds {kinds}"
    print(f"{len(kinds)} records, chain {chain.hex()}")


main(sys.argv[1])
