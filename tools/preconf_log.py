#!/usr/bin/env python3
"""Reads a preconf capture without preconf: an independent check of a log, and its events as JSON.

Written from docs/capture_format.md and docs/log_format.md; needs Python 3.11 and nothing else.

  preconf_log.py info    FILE                  what the capture says about itself
  preconf_log.py verify  FILE [--signatures]   every checksum, hash, the chain, density, content
  preconf_log.py dump    FILE [--from SEQ] [--to SEQ] [--kind NAME]
  preconf_log.py extract FILE CONTENT_HASH     the bytes of a content, to standard output

Exit codes: 0 all is well, 1 wrong use, 4 damaged; the damage is named on standard error.
"""
import argparse
import codecs
import hashlib
import json
import struct
import sys
import time
import zlib

# ---- the capture file (docs/capture_format.md) ---------------------------------------------------

MIB = 1 << 20
RECORDS, CONTENTS, SNAPSHOT, CONTENT_INDEX, MANIFEST, INDEX = range(1, 7)
RAW_MAX = {RECORDS: 2 * MIB + 8192, CONTENTS: 64 * MIB + 36, SNAPSHOT: 256 * MIB,
           CONTENT_INDEX: 16384 * 36, MANIFEST: 65536, INDEX: MIB * 64}
FRAME = struct.Struct("<4sIIIQQ32s")
RECORD_MAX = MIB + 4096
REFS_MAX = 16


class Damage(Exception):
    """What is wrong, and the event it concerns (0: none)."""

    def __init__(self, what, seq=0):
        super().__init__(what)
        self.seq = seq


def need(condition, what, seq=0):
    if not condition:
        raise Damage(what, seq)


class Capture:
    """Frames of an open file. Nothing is inflated before its checksum holds."""

    def __init__(self, path):
        self.file = open(path, "rb")
        size = self.file.seek(0, 2)
        header = self.read(0, 16)
        need(header[:8] == b"PCCAP01\n", "no capture")
        need(header[8:] == struct.pack("<II", 1, 0), "unknown format version")
        need(size >= 16 + 64 + 56, "the file ends early")
        trailer = self.read(size - 56, 56)
        index_at, told_size, magic, checksum = struct.unpack("<QQ8s32s", trailer)
        need(magic == b"PCCAPEND", "no trailer: the file was cut or is damaged at its end")
        need(told_size == size and 16 <= index_at <= size - 120, "another size than it says")
        index = self.parse_header(self.read(index_at, 64))
        need(index[0] == INDEX and index_at + 64 + index[1] + 56 == size, "index")
        need(hashlib.sha256(header + index[5] + trailer[:24]).digest() == checksum,
             "checksum of header, index and trailer")
        self.checksum = checksum
        raw = self.inflate(index, self.read(index_at, 64 + index[1]))
        need(len(raw) == 64 * index[4], "index")
        self.frames, offset = [], 16
        for at in range(0, len(raw), 64):
            frame = self.parse_header(raw[at:at + 64])
            self.frames.append((offset, frame))
            offset += 64 + frame[1]
        need(offset == index_at, "the frames do not fill the file")
        types = [frame[0] for _, frame in self.frames]
        need(types[-1:] == [MANIFEST] and MANIFEST not in types[:-1], "order of the frames")
        first_index = types.index(CONTENT_INDEX) if CONTENT_INDEX in types else len(types) - 1
        need(all(kind == CONTENT_INDEX for kind in types[first_index:-1]), "order of the frames")
        try:
            self.manifest = json.loads(self.load(len(types) - 1))
        except ValueError:
            raise Damage("the manifest is no JSON") from None

    def read(self, offset, count):
        self.file.seek(offset)
        data = self.file.read(count)
        need(len(data) == count, "the file ends early")
        return data

    @staticmethod
    def parse_header(data):
        magic, kind, stored, raw, first, count, checksum = FRAME.unpack(data)
        need(magic == b"PCF1" and raw <= RAW_MAX.get(kind, -1) and raw <= 1032 * stored
             and count <= raw, "a frame header is out of bounds")
        return kind, stored, raw, first, count, checksum

    def inflate(self, frame, data):
        seq = frame[3] if frame[0] == RECORDS else 0
        need(self.parse_header(data[:64]) == frame, "a frame differs from the index", seq)
        need(hashlib.sha256(data[:32] + data[64:]).digest() == frame[5], "checksum of a frame", seq)
        inflater = zlib.decompressobj()
        try:
            raw = inflater.decompress(data[64:], frame[2] + 1)
        except zlib.error as error:
            raise Damage(f"a frame does not inflate: {error}", seq) from None
        need(len(raw) == frame[2] and inflater.eof and not inflater.unused_data,
             "a frame has another size than it says", seq)
        return raw

    def load(self, number):
        offset, frame = self.frames[number]
        return self.inflate(frame, self.read(offset, 64 + frame[1]))

    def of_type(self, kind):
        return [(n, frame) for n, (_, frame) in enumerate(self.frames) if frame[0] == kind]

    def records(self, first=0):
        """(record bytes, digest or None), from the frame that has event `first` on."""
        frames = self.of_type(RECORDS)
        starts = [frame[3] for _, frame in frames]
        need(starts == sorted(set(starts)), "order of the records")
        skip = max([i for i, start in enumerate(starts) if start <= first], default=0)
        for number, frame in frames[max(0, skip):]:
            raw, count = self.load(number), frame[4]
            need(0 < count and 5 * count <= len(raw), "a records frame", frame[3])
            sizes = struct.unpack_from(f"<{count}I", raw)
            at = (4 * count + 7) // 8 * 8
            flags_at = at + sum(sizes)
            digest_at = flags_at + count
            flags = raw[flags_at:digest_at]
            need(max(sizes) <= RECORD_MAX and set(flags) <= {0, 1} and
                 digest_at + 32 * sum(flags) == len(raw), "a records frame", frame[3])
            for size, flag in zip(sizes, flags):
                yield raw[at:at + size], raw[digest_at:digest_at + 32] if flag else None
                at += size
                digest_at += 32 * flag

    def contents(self):
        """(hash, bytes, number of the frame)"""
        for number, frame in self.of_type(CONTENTS):
            raw, at = self.load(number), 0
            for _ in range(frame[4]):
                need(at + 36 <= len(raw), "a contents frame")
                size = struct.unpack_from("<I", raw, at)[0]
                need(at + 36 + size <= len(raw), "a contents frame")
                yield raw[at + 4:at + 36], raw[at + 36:at + 36 + size], number
                at += 36 + size
            need(at == len(raw), "a contents frame")


# ---- hashes and signatures -----------------------------------------------------------------------

MASK = (1 << 64) - 1
ROTATIONS = (0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61,
             56, 14)


def round_constants():
    lfsr = 1
    for _ in range(24):
        value = 0
        for j in range(7):
            value |= (lfsr & 1) << ((1 << j) - 1)
            lfsr = (lfsr << 1) ^ ((lfsr >> 7) * 0x171)
        yield value


ROUNDS = tuple(round_constants())


def keccak_source():
    """keccak-f[1600] with every lane a local variable: three times as fast as loops over lists."""
    lanes = [f"a{i}" for i in range(25)]
    out = ["def keccak_f(state):", f" {', '.join(lanes)} = state", " for constant in ROUNDS:"]
    for x in range(5):
        out.append(f"  c{x} = " + " ^ ".join(f"a{x + 5 * y}" for y in range(5)))
    for x in range(5):
        n = (x + 1) % 5
        out.append(f"  d{x} = c{(x + 4) % 5} ^ ((c{n} << 1 | c{n} >> 63) & MASK)")
    for i, r in enumerate(ROTATIONS):
        x, y = i % 5, i // 5
        target = y + 5 * ((2 * x + 3 * y) % 5)
        out.append(f"  v = a{i} ^ d{x}")
        out.append(f"  b{target} = (v << {r} | v >> {64 - r}) & MASK")
    for i in range(25):
        y = i // 5 * 5
        out.append(f"  a{i} = b{i} ^ (~b{y + (i + 1) % 5} & b{y + (i + 2) % 5})")
    return "\n".join(out + ["  a0 ^= constant", f" return [{', '.join(lanes)}]"])


exec(keccak_source())  # defines keccak_f


def keccak256(data):
    padded = bytearray(data) + b"\x01" + bytes(135 - len(data) % 136)
    padded[-1] |= 0x80
    state = [0] * 25
    for at in range(0, len(padded), 136):
        for i, lane in enumerate(struct.unpack_from("<17Q", padded, at)):
            state[i] ^= lane
        state = keccak_f(state)
    return struct.pack("<4Q", *state[:4])


P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8, 1)


def double(p):
    x, y, z = p
    if not z:
        return p
    s, m = 4 * x * y * y % P, 3 * x * x % P
    nx = (m * m - 2 * s) % P
    return nx, (m * (s - nx) - 8 * y**4) % P, 2 * y * z % P


def add(p, q):
    if not p[2]:
        return q
    if not q[2]:
        return p
    z1, z2 = p[2] * p[2] % P, q[2] * q[2] % P
    u1, u2 = p[0] * z2 % P, q[0] * z1 % P
    s1, s2 = p[1] * z2 * q[2] % P, q[1] * z1 * p[2] % P
    if u1 == u2:
        return double(p) if s1 == s2 else (0, 1, 0)
    h, r = u2 - u1, s2 - s1
    hh = h * h % P
    v = u1 * hh % P
    nx = (r * r - hh * h - 2 * v) % P
    return nx, (r * (v - nx) - s1 * hh * h) % P, h * p[2] * q[2] % P


def recover(digest, signature):
    """Address of the key that made signature r | s | v (v: recovery id 0..3), or None."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    v = signature[64]
    x = r + (N if v & 2 else 0)
    if not (0 < r < N and 0 < s < N and v < 4 and x < P):
        return None
    y = pow(x**3 + 7, (P + 1) // 4, P)
    if y * y % P != (x**3 + 7) % P:
        return None
    point = (x, y if y % 2 == v % 2 else P - y, 1)
    inverse = pow(r, -1, N)
    k1, k2 = -int.from_bytes(digest, "big") * inverse % N, s * inverse % N
    both, total = add(G, point), (0, 1, 0)
    for bit in range(255, -1, -1):
        total = double(total)
        pair = (k1 >> bit & 1, k2 >> bit & 1)
        if pair != (0, 0):
            total = add(total, {(1, 0): G, (0, 1): point, (1, 1): both}[pair])
    if not total[2]:
        return None
    z = pow(total[2], -1, P)
    key = (total[0] * z * z % P).to_bytes(32, "big") + (total[1] * z**3 % P).to_bytes(32, "big")
    return keccak256(key)[12:]


# ---- FlatBuffers, driven by the tables of schemas/*.fbs ------------------------------------------

codecs.register_error("each_byte", lambda e: ("\ufffd" * (e.end - e.start), e.end))


def hex0x(data):
    return "0x" + data.hex()


def number(form):
    layout = struct.Struct("<" + form)

    def read(buffer, position):
        return layout.unpack_from(buffer, position)[0]
    read.default = 0
    return read


def named(*names):
    def read(buffer, position):
        need(buffer[position] < len(names), "an enum value that is not defined")
        return names[buffer[position]]
    read.default = names[0]
    return read


def fixed(size):
    def read(buffer, position):
        need(position + size <= len(buffer), "a struct outside the buffer")
        return hex0x(buffer[position:position + size])
    return read


def quantity(buffer, position):
    need(position + 32 <= len(buffer), "a struct outside the buffer")
    return hex(int.from_bytes(buffer[position:position + 32], "big"))


def vector(buffer, position, item_size):
    start = position + struct.unpack_from("<I", buffer, position)[0]
    count = struct.unpack_from("<I", buffer, start)[0]
    need(start + 4 + count * item_size <= len(buffer), "a vector outside the buffer")
    return buffer[start + 4:start + 4 + count * item_size]


def data(buffer, position):
    return hex0x(vector(buffer, position, 1))


def text(buffer, position):
    return vector(buffer, position, 1).decode("utf-8", "each_byte")


def boolean(buffer, position):
    return buffer[position] != 0


data.default, text.default, boolean.default = "0x", "", False
U8, U16, U32, I32, U64 = (number(form) for form in "BHIiQ")
HASH, ADDRESS = fixed(32), fixed(20)


def optional(reader):
    def read(buffer, position):
        return reader(buffer, position)
    read.default = None
    return read


def structure(size, **members):
    def read(buffer, position):
        need(position + size <= len(buffer), "a struct outside the buffer")
        return {name: reader(buffer, position + at) for name, (at, reader) in members.items()}
    return read


def structures(size, one):
    def read(buffer, position):
        items = vector(buffer, position, size)
        return [one(items, at) for at in range(0, len(items), size)]
    read.default = []
    return read


def slots(buffer, position):
    """The table's position and its vtable as a list of field offsets."""
    base = position - struct.unpack_from("<i", buffer, position)[0]
    need(0 <= base <= len(buffer) - 4, "a vtable outside the buffer")
    size = struct.unpack_from("<H", buffer, base)[0]
    need(size >= 4 and size % 2 == 0 and base + size <= len(buffer), "a vtable outside the buffer")
    return struct.unpack_from(f"<{size // 2 - 2}H", buffer, base + 4)


REQUIRED = object()


def fields(buffer, position, members):
    offsets, out = slots(buffer, position), {}
    for name, field_id, reader in members:
        if field_id < len(offsets) and offsets[field_id]:
            out[name] = reader(buffer, position + offsets[field_id])
        else:
            default = getattr(reader, "default", REQUIRED)
            need(default is not REQUIRED, f"required field {name} is missing")
            out[name] = default
    return out


def table(*members):
    """Members are (name, field id, reader)."""
    def read(buffer, position):
        return fields(buffer, position + struct.unpack_from("<I", buffer, position)[0], members)
    return read


def union(*alternatives):
    """A reader of a table's two union fields: (id of the type, id of the value)."""
    def read(buffer, position, type_id, value_id):
        offsets = slots(buffer, position)
        need(value_id < len(offsets) and offsets[type_id] and offsets[value_id], "no union value")
        kind = buffer[position + offsets[type_id]]
        need(1 <= kind <= len(alternatives), "a union type that is not defined")
        name, reader = alternatives[kind - 1]
        return {"type": name, **reader(buffer, position + offsets[value_id])}
    return read


BLOCK_REF = structure(40, number=(0, U64), hash=(8, HASH))
COMMAND_ID = structure(16, cause=(0, U64), ordinal=(8, U32))
CONTENT_REF = structure(36, hash=(0, HASH), size_bytes=(32, U32))
WINDOW = structure(40, start=(0, U64), end=(8, U64), committer=(16, ADDRESS))
LANES = ("control", "engine", "timer", "commitment", "txlist", "l1", "maintenance")
SOURCES = ("local", "rpc", "gossip", "response", "engine", "timer", "l1")
STATUS = named("valid", "invalid", "syncing", "accepted")
HEADER_FACTS = table(
    ("number", 0, U64), ("hash", 1, HASH), ("parent_hash", 2, HASH), ("timestamp", 3, U64),
    ("beneficiary", 4, ADDRESS), ("mix_hash", 5, HASH), ("difficulty", 6, quantity),
    ("gas_limit", 7, U64), ("gas_used", 8, U64), ("base_fee_wei", 9, U64), ("extra_data", 10, data))
ORIGIN = table(
    ("block_number", 0, U64), ("l2_block_hash", 1, HASH), ("l1_block_height", 2, U64),
    ("l1_block_hash", 3, HASH), ("build_payload_args_id", 4, fixed(8)),
    ("is_forced_inclusion", 5, boolean))
RESULT = union(
    ("heads_read", table(
        ("chain_id", 0, U64), ("latest", 1, optional(HEADER_FACTS)),
        ("safe", 2, optional(BLOCK_REF)), ("finalized", 3, optional(BLOCK_REF)),
        ("head_l1_origin", 4, optional(U64)))),
    ("block_read", table(
        ("number", 0, U64), ("block", 1, optional(HEADER_FACTS)), ("origin", 2, optional(ORIGIN)),
        ("head_l1_origin", 3, optional(U64)))),
    ("forkchoice_answered", table(
        ("status", 0, STATUS), ("latest_valid_hash", 1, optional(HASH)),
        ("payload_id", 2, optional(fixed(8))), ("validation_error", 3, text))),
    ("payload_taken", table(
        ("header", 0, HEADER_FACTS), ("payload", 1, CONTENT_REF), ("transactions", 2, U32))),
    ("payload_judged", table(
        ("status", 0, STATUS), ("latest_valid_hash", 1, optional(HASH)),
        ("validation_error", 2, text))),
    ("engine_failed", table(
        ("kind", 0, named("timeout", "connect", "connection_lost", "unauthorized", "http_status",
                          "too_large", "malformed", "rpc_error", "content_missing",
                          "not_executed")),
        ("certainty", 1, named("answered", "not_sent", "unknown")), ("code", 2, I32),
        ("detail", 3, text))))
COMMITMENT_FACTS = table(
    ("defect", 0, named("none", "wrong_size", "non_canonical_bool", "signature_format",
                        "signature_unrecoverable", "eop_txlist_mismatch", "block_number_range",
                        "timestamp_range", "gas_limit_range", "anchor_block_number_range",
                        "window_end_range", "proposal_id_range")),
    ("preconf_hash", 1, HASH), ("content_hash", 2, HASH), ("commitment_hash", 3, HASH),
    ("signer", 4, ADDRESS), ("eop", 5, boolean), ("block_number", 6, U64), ("timestamp", 7, U64),
    ("gas_limit", 8, U64), ("coinbase", 9, ADDRESS), ("anchor_block_number", 10, U64),
    ("raw_tx_list_hash", 11, HASH), ("parent_preconf_hash", 12, HASH), ("window_end", 13, U64),
    ("proposal_id", 14, U64), ("slasher", 15, ADDRESS))
ANCHOR = table(
    ("defect", 0, named("none", "missing", "not_dynamic_fee", "malformed", "not_anchor_v4",
                        "unrecoverable")),
    ("sender", 1, ADDRESS), ("to", 2, ADDRESS), ("chain_id", 3, U64), ("nonce", 4, U64),
    ("gas_limit", 5, U64), ("max_fee_per_gas", 6, quantity),
    ("max_priority_fee_per_gas", 7, quantity), ("value_is_zero", 8, boolean),
    ("anchor_block_number", 9, U64), ("anchor_block_hash", 10, HASH),
    ("anchor_state_root", 11, HASH))
TX_LIST_FACTS = table(
    ("hash", 0, HASH), ("compressed_bytes", 1, U32),
    ("defect", 2, named("none", "compressed_too_large", "zlib_decode", "decompressed_too_large",
                        "rlp_not_a_list", "rlp_truncated", "rlp_element_overrun",
                        "too_many_transactions")),
    ("inflated_bytes", 3, U32), ("transactions", 4, U32), ("rlp_hash", 5, HASH),
    ("anchor", 6, ANCHOR))
CHAIN_PROFILE = table(
    ("chain_id", 0, U64), ("genesis_hash", 1, HASH), ("shasta_time", 2, U64),
    ("unzen_time", 3, U64), ("min_base_fee_wei", 4, U64), ("anchor_lag_max", 5, U64),
    ("timestamp_lag_max", 6, U64), ("base_fee_sharing_pctg", 7, U8), ("anchor_address", 8, ADDRESS))
NETWORK = table(("preconf_domain", 0, HASH), ("slasher_address", 1, ADDRESS))
CLOCK = table(("clock_error_ns", 0, optional(U64)))

# Kind -> (name, members of the payload's root table).
KINDS = {
    1: ("genesis_recorded", (("chain", 0, CHAIN_PROFILE), ("network", 1, NETWORK),
                             ("reducer_version", 2, U32))),
    2: ("boot_started", (("boot_id", 0, fixed(16)), ("program_version", 1, text))),
    3: ("shutdown_requested", (("signal", 0, U8),)),
    4: ("schedule_configured", (("version", 0, U64), ("windows", 1, structures(40, WINDOW)))),
    5: ("ingress_rejected", (("source", 0, named(*SOURCES)), ("reason", 1, text),
                             ("count", 2, U64), ("sample_hash", 3, HASH))),
    6: ("l1_sync_observed", (("scanner_live", 0, boolean), ("target_proposal", 1, U64),
                             ("target_block", 2, optional(U64)))),
    7: ("commitment_received", (("raw", 0, data), ("facts", 1, COMMITMENT_FACTS),
                                ("verifier_version", 2, U16))),
    8: ("txlist_received", (("facts", 0, TX_LIST_FACTS), ("verifier_version", 1, U16))),
    9: ("timer_fired", (("timer", 0, named("engine_poll", "apply_retry", "read_retry")),
                        ("generation", 1, U32))),
    10: ("engine_answered", (("command", 0, COMMAND_ID), ("elapsed_us", 1, U32))),
    11: ("log_gap_recorded", (("from", 0, U64), ("to", 1, U64),
                              ("chain_at_mark", 2, optional(HASH)), ("reason", 3, text),
                              ("lost_known", 4, boolean))),
    12: ("reducer_activated", (("from_version", 0, U32), ("to_version", 1, U32),
                               ("state_hash", 2, HASH))),
}
VERSIONS = {2: 2}  # newest schema version of a kind; 1 where nothing is said
IS_OUTCOME, IS_IGNORABLE = 1, 2

# ---- records (docs/log_format.md, sections 3 and 4) ----------------------------------------------

HEADER = struct.Struct("<QQQQQQIIHHBBBB")
DOMAIN = b"preconf/log/1".ljust(16, b"\0")


class Record:
    """One record, its hashes verified; the payload is decoded by body()."""

    def __init__(self, buffer, expected):
        try:
            self.parse(buffer, expected)
        except (struct.error, IndexError):
            raise Damage("the record is no buffer of its schema", expected) from None

    def parse(self, buffer, expected):
        need(buffer[4:8] == b"PCE1", "file identifier", expected)
        root = struct.unpack_from("<I", buffer)[0]
        offsets = slots(buffer, root)
        need(len(offsets) >= 6 and all(offsets[i] for i in (0, 1, 3, 4, 5)), "envelope", expected)
        at = [root + offset for offset in offsets]
        header = buffer[at[0]:at[0] + 64]
        (self.seq, self.wall, self.mono, self.source_id, self.request, self.cause, self.ordinal,
         size, self.kind, self.version, self.lane, self.source, self.flags,
         ref_count) = HEADER.unpack(header)
        self.payload = vector(buffer, at[1], 1)
        refs = vector(buffer, at[2], 36) if offsets[2] else b""
        payload_hash, self.prev, self.chain = (buffer[at[i]:at[i] + 32] for i in (3, 4, 5))
        need(len(refs) == 36 * ref_count and ref_count <= REFS_MAX, "content references", expected)
        need(size == len(self.payload) <= MIB, "payload size", expected)
        need(hashlib.sha256(self.payload).digest() == payload_hash, "payload hash", expected)
        need(hashlib.sha256(DOMAIN + header + refs + payload_hash + self.prev).digest()
             == self.chain, "chain hash", expected)
        self.refs = [(refs[i:i + 32], struct.unpack_from("<I", refs, i + 32)[0])
                     for i in range(0, len(refs), 36)]

    def is_known(self):
        return self.kind in KINDS

    def body(self):
        """The payload by names of fields; checks what the header repeats of it."""
        try:
            return self.decode()
        except (struct.error, IndexError):
            raise Damage("the payload is no buffer of its schema", self.seq) from None
        except Damage as damage:
            raise Damage(str(damage), self.seq) from None

    def decode(self):
        need(self.lane < len(LANES) and self.source < len(SOURCES), "lane or source")
        if not self.is_known():
            need(self.flags == IS_IGNORABLE, f"unknown kind {self.kind}, not ignorable")
            return {"type": "ignorable", "kind": self.kind, "schema_version": self.version,
                    "contents": [{"hash": hex0x(h), "size_bytes": n} for h, n in self.refs]}
        need(1 <= self.version <= VERSIONS.get(self.kind, 1), "unknown schema version")
        name, members = KINDS[self.kind]
        root = struct.unpack_from("<I", self.payload)[0]
        out = {"type": name, **fields(self.payload, root, members)}
        refs = []
        if self.kind == 2:
            # Version 2 has a table with what is known of the clock; version 1 knew nothing.
            clock = fields(self.payload, root, (("clock", 2, CLOCK),)) if self.version > 1 else {}
            out["clock_error_ns"] = clock.get("clock", {}).get("clock_error_ns")
        elif self.kind == 4:
            out["schedule"] = {"version": out.pop("version"), "windows": out.pop("windows")}
        elif self.kind == 8:
            refs = [(out["facts"]["hash"], out["facts"]["compressed_bytes"])]
        elif self.kind == 10:
            out["result"] = RESULT(self.payload, root, 2, 3)
            if "payload" in out["result"]:
                refs = [tuple(out["result"]["payload"].values())]
        command = out.get("command", {"cause": 0, "ordinal": 0})
        need((self.cause, self.ordinal) == (command["cause"], command["ordinal"]) and
             self.flags == (IS_OUTCOME if self.kind == 10 else 0), "header and command disagree")
        need([(hex0x(h), n) for h, n in self.refs] == refs, "header and content disagree")
        return out

    def event(self):
        seconds, nanos = divmod(self.wall, 10**9)
        wall = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{nanos:09}Z"
        body = self.body()
        return {"seq": self.seq, "wall": wall, "mono": self.mono, "lane": LANES[self.lane],
                "source": SOURCES[self.source], "source_id": self.source_id,
                "request": self.request, "body": body}


def ssz_commitment(raw):
    """The fields of a signed commitment: P2P specification, section 3; integers little-endian."""
    if len(raw) != 382:
        return None
    out, at = {"eop": raw[0] != 0}, 1
    for name, size in (("block_number", 0), ("timestamp", 0), ("gas_limit", 0), ("coinbase", 20),
                       ("anchor_block_number", 0), ("raw_tx_list_hash", 32),
                       ("parent_preconfirmation_hash", 32), ("submission_window_end", 0),
                       ("prover_auth", 20), ("proposal_id", 0), ("slasher_address", 20),
                       ("signature", 65)):
        part = raw[at:at + (size or 32)]
        out[name] = hex0x(part) if size else int.from_bytes(part, "little")
        at += size or 32
    return out


def walk(capture, first=0):
    """Every record from the frame of `first` on, hashes and chain verified, gaps as recorded."""
    base = capture.manifest["base"]
    last, chain = base["seq"], bytes.fromhex(base["chain"][2:])
    known = first <= last + 1
    for buffer, digest in capture.records(first):
        record = Record(buffer, last + 1 if known else 0)
        if known:
            follows = record.seq == last + 1
            if not follows and record.kind == 11:
                gap = record.body()
                follows = gap["from"] == last + 1 and record.seq == gap["to"] + 1 > last
            need(follows, f"event {record.seq} is in its place", last + 1)
            need(record.prev == chain, "does not continue the chain", record.seq)
        last, chain, known = record.seq, record.chain, True
        yield record, digest
    end = capture.manifest["end"]
    need((last, hex0x(chain)) == (end["seq"], end["chain"]), "not the end that was promised", last)


# ---- commands ------------------------------------------------------------------------------------

def check_snapshots(capture):
    base = capture.manifest["base"]
    for number_, frame in capture.of_type(SNAPSHOT):
        raw = capture.load(number_)
        what = f"the snapshot after event {frame[3]}"
        need(len(raw) >= 128 and raw[:8] == b"PCSNAP1\n", what)
        version, reducer, seq, chain, state_hash, size = struct.unpack_from("<IIQ32s32sQ", raw, 8)
        state = raw[96:-32]
        need(version == 1 and seq == frame[3] and size == len(state) and
             hashlib.sha256(raw[:-32]).digest() == raw[-32:], what)
        need(hashlib.sha256(struct.pack("<I", reducer) + state).digest() == state_hash, what)
        need(seq != base["seq"] or hex0x(chain) == base["chain"], what)
    if base["seq"] > 0:
        need(base["seq"] in [frame[3] for _, frame in capture.of_type(SNAPSHOT)], "no base state")


def check_contents(capture, hashes):
    """Hash -> size of every content; the index must lead to each."""
    index, sizes = {}, {}
    for number_, _ in capture.of_type(CONTENT_INDEX):
        raw = capture.load(number_)
        for at in range(0, len(raw), 36):
            index[raw[at:at + 32]] = struct.unpack_from("<I", raw, at + 32)[0]
    need(list(index) == sorted(index), "order of the content index")
    for key, content, number_ in capture.contents():
        need(not hashes or keccak256(content) == key, f"content {hex0x(key)} has other bytes")
        need(index.get(key) == number_, f"content {hex0x(key)} is not in the index")
        sizes[key] = len(content)
    need(len(sizes) == len(index) == capture.manifest["contents"], "number of contents")
    need(sum(sizes.values()) == capture.manifest["content_bytes"], "size of the contents")
    return sizes


def check_signature(record, body, domain):
    raw, facts = bytes.fromhex(body["raw"][2:]), body["facts"]
    for name, size in (("preconf_hash", 297), ("content_hash", 317), ("commitment_hash", 382)):
        if len(raw) == 382 and int(facts[name], 16):
            need(hex0x(keccak256(raw[:size])) == facts[name], name, record.seq)
    signer = recover(keccak256(domain + raw[:317]), raw[317:]) if len(raw) == 382 else None
    if int(facts["signer"], 16) or facts["defect"] == "none":
        need(signer and hex0x(signer) == facts["signer"], "another signer recovered", record.seq)


def verify(capture, options):
    start, kinds, ignored, missing, domain = time.time(), {}, {}, set(), None
    if options.domain:
        domain = bytes.fromhex(options.domain.removeprefix("0x"))
    sizes = check_contents(capture, not options.no_content_hashes)
    check_snapshots(capture)
    manifest, events, digests, signatures = capture.manifest, 0, 0, 0
    redacted = "content" in manifest["redactions"]
    for record, digest in walk(capture):
        body = record.body()
        kinds[body["type"]] = kinds.get(body["type"], 0) + 1
        if not record.is_known():
            ignored[record.kind] = ignored.get(record.kind, 0) + 1
        for key, size in record.refs:
            if key not in sizes:
                missing.add(key)
            else:
                need(sizes[key] == size, "content of another size", record.seq)
        if record.kind == 1 and not domain:
            domain = bytes.fromhex(body["network"]["preconf_domain"][2:])
        if options.signatures and record.kind == 7:
            need(domain, "no genesis here: the signing domain must be given with --domain")
            check_signature(record, body, domain)
            signatures += 1
        events += 1
        digests += digest is not None
    need((events, digests) == (manifest["events"], manifest["digests"]), "number of events")
    need(len(missing) == manifest["contents_missing"] or redacted, "number of missing contents")
    seconds = max(time.time() - start, 1e-9)
    return {"events": events, "kinds": kinds, "ignored_kinds": ignored, "signatures": signatures,
            "contents": len(sizes), "contents_missing": 0 if redacted else len(missing),
            "contents_redacted": len(missing) if redacted else 0, "end": manifest["end"],
            "checksum": hex0x(capture.checksum), "seconds": round(seconds, 3),
            "events_per_second": round(events / seconds)}


def dump(capture, options):
    first = options.first or 0
    for record, digest in walk(capture, first):
        if record.seq < first:
            continue
        if options.last is not None and record.seq > options.last:
            return
        if options.kind and options.kind != KINDS.get(record.kind, ("ignorable",))[0]:
            continue
        event = record.event()
        line = {"event": event, "chain": hex0x(record.chain),
                "recorded_digest": hex0x(digest) if digest else None}
        if record.kind == 7:
            line["commitment"] = ssz_commitment(bytes.fromhex(event["body"]["raw"][2:]))
        print(json.dumps(line, ensure_ascii=False, separators=(",", ":"), sort_keys=True))


def extract(capture, options):
    wanted = bytes.fromhex(options.hash.removeprefix("0x"))
    for key, content, _ in capture.contents():
        if key == wanted:
            need(keccak256(content) == key, "the content has other bytes")
            sys.stdout.buffer.write(content)
            return
    redacted = "content" in capture.manifest["redactions"]
    raise SystemExit(f"{options.hash}: {'redacted' if redacted else 'not in this capture'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("info", "verify", "dump", "extract"):
        commands.add_parser(name).add_argument("file")
    one = commands.choices
    one["verify"].add_argument("--signatures", action="store_true", help="recover every signer")
    one["verify"].add_argument("--domain", help="signing domain, when the genesis is not here")
    one["verify"].add_argument("--no-content-hashes", action="store_true",
                               help="trust checksums for content: hashing takes 1 s per MiB or so")
    one["dump"].add_argument("--from", dest="first", type=int, help="first event")
    one["dump"].add_argument("--to", dest="last", type=int, help="last event")
    one["dump"].add_argument("--kind", choices=[name for name, _ in KINDS.values()] + ["ignorable"])
    one["extract"].add_argument("hash")
    options = parser.parse_args()
    try:
        capture = Capture(options.file)
        if options.command == "dump":
            dump(capture, options)
        elif options.command == "extract":
            extract(capture, options)
        else:
            answer = capture.manifest if options.command == "info" else verify(capture, options)
            print(json.dumps(answer, ensure_ascii=False, indent=1, sort_keys=True))
    except Damage as damage:
        where = f"event {damage.seq}: " if damage.seq else ""
        print(f"{options.file}: {where}{damage}", file=sys.stderr)
        return 4
    except BrokenPipeError:
        return 0
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
