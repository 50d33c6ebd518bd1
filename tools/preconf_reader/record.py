"""Records, their hashes and the chain: docs/log_format.md, sections 3 and 4."""
import hashlib
import struct
import time

from .damage import Damage, need
from .flatbuffers import fields, hex0x, slots, vector
from .schemas import (CLOCK, IS_IGNORABLE, IS_OUTCOME, KINDS, L1_RESULT, LANES, PEER_RESULT,
                      RESULT, SOURCES, VERSIONS)

MIB = 1 << 20
REFS_MAX = 16
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
        elif self.kind == 23:
            refs = [tuple(out["content"].values())]
        elif self.kind == 24:
            out["result"] = L1_RESULT(self.payload, root, 2, 3)
        elif self.kind == 17:
            out["result"] = PEER_RESULT(self.payload, root, 2, 3)
        command = out.get("command", {"cause": 0, "ordinal": 0})
        need((self.cause, self.ordinal) == (command["cause"], command["ordinal"]) and
             self.flags == (IS_OUTCOME if "command" in out else 0), "header and command disagree")
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
