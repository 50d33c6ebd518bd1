"""What an evidence bundle shows of L1: who could sign at a time, and what a proposal holds.

Used by verify.py. Python standard library only, no code shared with the program that made the
bundle.
"""
import hashlib
import zlib

from verify_records import Damaged, NotShown, Table, headers, keccak256

DEPLOYMENT, L1_BLOCK, BLOB, L1_ANSWER = 20, 21, 23, 24
PROPOSED, LOOKAHEAD, BLACKLIST, SELECTION, EPOCH = 1, 4, 5, 6, 7
BLOB_BYTES, PAYLOAD_MAX, OFFSET_MAX = 131072, 130044, 131072 - 64
ANCHOR_GAS = 1_000_000
INFLATED_MAX = 160 << 20


class Defect(Exception):
    """The source holds no manifest: the default block stands in."""


# ---- reading --------------------------------------------------------------------------------

def tables(table, field):
    """The tables of a vector of tables."""
    start = table.where(field)
    if not start:
        return []
    at = start + int.from_bytes(table.data[start:start + 4], "little")
    count = int.from_bytes(table.data[at:at + 4], "little")
    if at + 4 + 4 * count > len(table.data):
        raise ValueError("vector cut")
    out = []
    for i in range(count):
        item = at + 4 + 4 * i
        out.append(type(table)(table.data, item + int.from_bytes(table.data[item:item + 4],
                                                                 "little")))
    return out


class L1Block:
    def __init__(self, table):
        self.number, self.hash, self.time = table.scalar(0, "Q"), table.fixed(1, 32), \
            table.scalar(4, "Q")
        self.facts = [(fact.scalar(1, "B"), fact.table(2)) for fact in tables(table, 6)]


def rlp_item(data, at):
    """(is a list, begin of its content, end)."""
    first = data[at]
    if first < 0x80:
        return False, at, at + 1
    is_list, short = first >= 0xc0, first - (0xc0 if first >= 0xc0 else 0x80)
    begin, size = at + 1, short
    if short > 55:
        begin = at + 1 + short - 55
        size = int.from_bytes(data[at + 1:begin], "big")
    if begin + size > len(data):
        raise Defect("RLP cut")
    return is_list, begin, begin + size


def rlp_items(data, begin, end):
    out = []
    while begin < end:
        item = rlp_item(data, begin)
        out.append(item)
        begin = item[2]
    if begin != end:
        raise Defect("RLP overrun")
    return out


def inflate(stream, limit=INFLATED_MAX):
    inflater = zlib.decompressobj()
    out = inflater.decompress(stream, limit)
    if inflater.unconsumed_tail or not inflater.eof:
        raise Defect("zlib")
    return out


def decode_blob(blob):
    """The OP-stack coding, version 0: 127 bytes in four field elements."""
    length = int.from_bytes(blob[2:5], "big")
    if len(blob) != BLOB_BYTES or blob[1] or length > PAYLOAD_MAX:
        raise Defect("blob")
    out, at = bytearray(), 0
    while len(out) < length or at == 0:
        four = [blob[at + 32 * i:at + 32 * i + 32] for i in range(4)]
        head = [element[0] for element in four]
        if any(byte & 0xc0 for byte in head[1 if at == 0 else 0:]):
            raise Defect("blob bits")
        x = (head[0] & 0x3f) | ((head[1] & 0x30) << 2)
        y = (head[1] & 0x0f) | ((head[3] & 0x0f) << 4)
        z = (head[2] & 0x3f) | ((head[3] & 0x30) << 2)
        out += four[0][5 if at == 0 else 1:] + bytes([x]) + four[1][1:] + bytes([y]) + four[2][1:]
        out += bytes([z]) + four[3][1:]
        at += 128
    if any(out[length:]) or any(blob[at:]):
        raise Defect("blob tail")
    return bytes(out[:length])


def decode_manifest(payload, offset):
    """[(time, coinbase, anchor, gas without the anchor's, RLP items of the transactions)]."""
    if offset > OFFSET_MAX or len(payload) < offset + 64:
        raise Defect("offset")
    if payload[offset:offset + 24] != bytes(24) or payload[offset + 28:offset + 32] != \
            (1).to_bytes(4, "big"):
        raise Defect("version")
    size = int.from_bytes(payload[offset + 56:offset + 64], "big")
    if size > len(payload) - offset - 64:
        raise Defect("size")
    data = inflate(payload[offset + 64:offset + 64 + size])
    is_list, begin, end = rlp_item(data, 0)
    if not is_list or end != len(data):
        raise Defect("RLP")
    blocks, parts = [], rlp_items(data, begin, end)
    if len(parts) != 1 or not parts[0][0]:
        raise Defect("RLP")
    for is_list, block_begin, block_end in rlp_items(data, *parts[0][1:]):
        fields = rlp_items(data, block_begin, block_end)
        if not is_list or len(fields) != 5 or not fields[4][0]:
            raise Defect("block")
        number = lambda i: int.from_bytes(data[fields[i][1]:fields[i][2]], "big")
        blocks.append((number(0), data[fields[1][1]:fields[1][2]], number(2), number(3),
                       data[fields[4][1]:fields[4][2]]))
    return blocks


# ---- who could sign -------------------------------------------------------------------------

class Schedule:
    """The lookup of deployed peers by a block's time, over the facts that the bundle brings."""

    def __init__(self, claim, records):
        deployment = records.get(claim["deployment"])
        if deployment is None or deployment.stub.kind != DEPLOYMENT:
            raise Damaged("no record of the L1 deployment")
        root = Table(deployment.payload)
        clock = root.table(0).fixed(1, 24)
        self.genesis, slot, slots = (int.from_bytes(clock[i:i + 8], "little") for i in (0, 8, 16))
        self.slot, self.length = slot, slot * slots
        if not 0 < self.length < 1 << 40:
            raise Damaged("unusable clock")
        self.signer = root.scalar(1, "B")
        self.epochs, self.fallbacks, self.listed, last = {}, {}, {}, 0
        for seq in claim["schedule_facts"]:
            record = records.get(seq)
            if record is None or record.stub.kind != L1_BLOCK:
                raise Damaged(f"event {seq} is no L1 block")
            block = L1Block(Table(record.payload))
            if block.number < last:
                raise Damaged(f"event {seq} is out of L1's order")
            last = block.number
            for kind, fact in block.facts:
                self.add(kind, fact, block)

    def epoch(self, time):
        return self.genesis + (max(time, self.genesis) - self.genesis) // self.length * self.length

    def add(self, kind, fact, block):
        if kind == LOOKAHEAD:
            epoch, slots = fact.scalar(0, "Q"), fact.vector(2, 96)
            self.epochs[epoch] = [(int.from_bytes(slots[i:i + 8], "little"), slots[i + 8:i + 28],
                                   slots[i + 28:i + 60]) for i in range(0, len(slots), 96)]
            self.fallbacks[epoch] = fact.fixed(3, 40)
        elif kind == BLACKLIST:
            root = fact.fixed(0, 32)
            self.listed.setdefault(root, {})[fact.scalar(1, "Q")] = bool(fact.scalar(2, "B"))
        elif kind == SELECTION:
            self.fallbacks[block.time] = fact.fixed(0, 40)
            self.fallbacks[self.epoch(block.time) + self.length] = fact.fixed(1, 40)
        elif kind == EPOCH:
            self.epochs.setdefault(fact.scalar(0, "Q"), [])
            self.fallbacks[block.time] = fact.fixed(1, 40)

    @staticmethod
    def value_at(timeline, time):
        known = [at for at in timeline if at <= time]
        return timeline[max(known)] if known else None

    def fallback(self, time):
        who = self.value_at(self.fallbacks, time)
        if who is None and self.fallbacks:
            who = self.fallbacks[min(self.fallbacks)]
        return bytes(20) if who is None else who[20 * self.signer:20 * self.signer + 20]

    def answer(self, time):
        """(signer, end of the window), or None."""
        if time < self.genesis:
            return None
        epoch = self.epoch(time)
        slots = self.epochs.get(epoch)
        if slots is None:
            return None
        for at, committer, root in slots:
            if time <= at:
                return self.of_slot(at, committer, root, time)
        following = self.epochs.get(epoch + self.length)
        if slots and following:
            return self.of_slot(*following[0], time)
        return self.fallback(time), epoch + self.length - self.slot

    def of_slot(self, at, committer, root, time):
        if self.value_at(self.listed.get(root, {}), time):
            return self.fallback(time), at
        return committer, at

    def window(self, time):
        """The same, if the whole rest of the window is so."""
        found = self.answer(time)
        if found is None or time > found[1] or self.answer(found[1]) != found:
            return None
        return found

    def place(self, one):
        window = self.window(one.time)
        if window is None:
            return "unknown"
        if window == (one.signer, one.end):
            return "own"
        if self.window(window[1] + 1) == (one.signer, one.end):
            return "own" if window[0] == one.signer else "early"
        return "other"


# ---- what landed ----------------------------------------------------------------------------

class Landing:
    def __init__(self, claim, bundle):
        self.claim, self.bundle = claim, bundle

    def record(self, seq, kind):
        record = self.bundle.records.get(seq)
        if record is None or record.stub.kind != kind:
            raise NotShown(f"event {seq} is not the record that it should be")
        return record

    def source(self):
        block = L1Block(Table(self.record(self.claim["l1_block"], L1_BLOCK).payload))
        for kind, fact in block.facts:
            if kind == PROPOSED and fact.scalar(0, "Q") == self.claim["proposal"]:
                sources = tables(fact, 5)
                if self.claim["source"] < len(sources):
                    return block, sources[self.claim["source"]]
        raise NotShown("the L1 block has no such proposal")

    def blobs(self, hashes):
        if len(self.claim["blobs"]) != len(hashes):
            return None
        out = []
        for seq, wanted in zip(self.claim["blobs"], hashes):
            record = self.record(seq, BLOB)
            root = Table(record.payload)
            versioned = b"\x01" + hashlib.sha256(root.fixed(1, 48)).digest()[1:]
            if not root.fixed(0, 32) == versioned == wanted:
                raise NotShown(f"event {seq} is no blob of the source")
            data = self.bundle.contents.get(root.fixed(2, 36)[:32])
            if data is None:
                return None
            out.append(data)
        return out

    def described(self):
        """Block of the manifest, or None: default, forced, or the blobs are not here."""
        block, source = self.source()
        hashes = source.vector(1, 32)
        blobs = self.blobs([hashes[i:i + 32] for i in range(0, len(hashes), 32)])
        if not blobs:
            return block, None
        try:
            payload = b"".join(decode_blob(blob) for blob in blobs)
            blocks = decode_manifest(payload, source.scalar(2, "I"))
        except (Defect, zlib.error, IndexError):
            return block, None
        if source.scalar(0, "B") and len(blocks) != 1:
            return block, None
        if self.claim["block"] >= len(blocks):
            raise NotShown("its source has fewer blocks")
        return block, blocks[self.claim["block"]]

    def header(self, number):
        """The engine's block of that height which names the proposal."""
        found = None
        for seq, record in sorted(self.bundle.records.items()):
            for header in headers(record)[0] if seq >= self.claim["verdict"] else []:
                if header[0] == number and int.from_bytes(header[7][1:7], "big") == \
                        self.claim["proposal"] and len(header[7]) >= 7:
                    found = header
        return found

    def differences(self, one):
        """Names of what differs from the promise."""
        _, block = self.described()
        header = self.header(one.number)
        out = [] if one.proposal == self.claim["proposal"] else ["proposal_id"]
        written = block is not None and (header is None or (
            header[3], header[4], header[5]) == (block[0], block[1], block[3] + ANCHOR_GAS))
        if header is None and not (written and not out and one.time == block[0]):
            raise NotShown("no record ties the block to the proposal")
        landed = (block[0], block[1], block[3] + ANCHOR_GAS) if written else header[3:6]
        promised = (one.time, one.coinbase, one.gas)
        for name, ours, theirs in zip(("timestamp", "coinbase", "gas_limit"), promised, landed):
            if ours != theirs:
                out.append(name)
        if written and one.anchor != block[2]:
            out.append("anchor_block_number")
        return out + self.lists(one, block if written else None)

    def lists(self, one, block):
        compressed = self.bundle.contents.get(one.list)
        if compressed is None:
            return []
        rlp = zlib.decompressobj().decompress(compressed, INFLATED_MAX)
        _, begin, end = rlp_item(rlp, 0)
        if block is not None:
            anchor_end = rlp_item(rlp, begin)[2]
            return [] if rlp[anchor_end:end] == block[4] else ["transactions_without_anchor"]
        if self.claim["list"] is None:
            return []
        answer = Table(self.record(self.claim["list"], L1_ANSWER).payload)
        is_list = answer.scalar(2, "B") == 3
        same = not is_list or answer.table(3).fixed(0, 32) == keccak256(rlp[:end])
        return [] if same else ["transactions"]

    def judge(self, one):
        try:
            found = self.differences(one)
        except (Defect, zlib.error):
            raise NotShown("the promised list does not decode") from None
        if not found:
            raise NotShown("the block on L1 has everything that was promised and is here")
        return f"proposal {self.claim['proposal']} has another block {one.number}: " + \
            ", ".join(found)
