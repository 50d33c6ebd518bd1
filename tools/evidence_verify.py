#!/usr/bin/env python3
"""Checks an evidence bundle of a preconfirmation log: python3 verify.py DIR

Python standard library only, no code shared with the program that made the bundle. Computes again:
SHA-256 of all files, the hashes and the chain of the log's records, keccak256 and the signer of
every commitment, the schedule, and the definition of the finding.
Exit codes: 0 shown, 1 usage, 3 whole but not shown, 4 damaged.
"""
import hashlib
import json
import os
import struct
import sys

sys.dont_write_bytecode = True  # nothing may come into the bundle

import verify_l1  # noqa: E402
from verify_records import (Damaged, NotShown, Record, Stub, Table,  # noqa: E402
                            headers, keccak256, recover)

GAP, GENESIS, SCHEDULE, COMMITMENT = 11, 1, 4, 7
LATE_SECONDS, LIST_SECONDS = 4, 12


# ---- commitments ----------------------------------------------------------------------------

class Commitment:
    def __init__(self, raw, domain, role, record):
        if len(raw) != 382 or raw[0] > 1:
            raise Damaged("not a signed commitment")
        number = lambda at: int.from_bytes(raw[at:at + 32], "little")
        self.role, self.seq, self.wall = role, record.stub.seq, record.stub.wall
        self.eop, self.number, self.time, self.gas = bool(raw[0]), number(1), number(33), number(65)
        self.coinbase, self.list, self.parent = raw[97:117], raw[149:181], raw[181:213]
        self.end, self.hash = number(213), keccak256(raw[:297])
        self.anchor, self.proposal = number(117), number(265)
        self.eop_only = self.eop and self.list == bytes(32)
        self.signer = recover(keccak256(domain + raw[:317]), raw[317:])
        if self.signer is None:
            raise Damaged("signature gives no signer")


class Bundle:
    def __init__(self, folder):
        self.files = {}
        for path, _, names in os.walk(folder):
            for name in names:
                full = os.path.join(path, name)
                with open(full, "rb") as file:
                    self.files[os.path.relpath(full, folder).replace(os.sep, "/")] = file.read()
        self.said = []

    def file(self, name):
        if name not in self.files:
            raise Damaged(f"{name}: missing")
        return self.files[name]

    def say(self, text):
        self.said.append(text)

    def check_sums(self):
        lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n"
                 for name, data in sorted(self.files.items(), key=lambda item: item[0].encode())
                 if name != "SHA256SUMS"]
        claimed = self.file("SHA256SUMS").decode("utf-8", "replace").splitlines(True)
        for line in set(claimed) ^ set(lines):
            raise Damaged(f"{line[66:].strip()}: not what SHA256SUMS names")
        if claimed != lines:
            raise Damaged("SHA256SUMS: not in the order of the names")
        self.check_manifest()
        self.say(f"{len(self.files)} files have their SHA-256")

    def check_manifest(self):
        if "manifest.json" not in self.files:
            return
        entries = [f'\n{json.dumps(name, ensure_ascii=False)}:'
                   f'{{"sha256":"{hashlib.sha256(data).hexdigest()}","size":{len(data)}}}'
                   for name, data in sorted(self.files.items(), key=lambda item: item[0].encode())
                   if name not in ("manifest.json", "SHA256SUMS")]
        if self.files["manifest.json"] != (
                '{"files":{' + ",".join(entries) + '},\n"format":1}\n').encode():
            raise Damaged("manifest.json: not the manifest of these files")

    def run(self):
        self.check_sums()
        claim = json.loads(self.file("claim.json"))
        finding, domain = claim["finding"], bytes.fromhex(claim["log"]["signing_domain"][2:])
        self.records, self.has_rules = {}, False
        for ref in claim["records"]:
            try:
                record = Record(self.file(ref["file"]))
            except (Damaged, struct.error) as error:
                raise Damaged(f"{ref['file']}: {error}") from None
            if record.stub.seq != ref["seq"]:
                raise Damaged(f"{ref['file']}: another event")
            if record.stub.kind == GENESIS:
                rules = Table(record.payload).table(1)
                if rules.fixed(0, 32) != domain or record.chain.hex() != claim["log"]["id"][2:]:
                    raise Damaged(f"{ref['file']}: other rules than claimed")
                self.has_rules = True
            self.records[ref["seq"]] = record
        self.say(f"{len(self.records)} records have their hashes")
        self.windows = self.read_schedule(claim["schedule"])
        self.commitments = [self.commitment(ref, domain) for ref in claim["commitments"]]
        self.paths = [self.path(ref, claim["log"]["chain"]) for ref in claim["paths"]]
        for seq in self.records:
            if not any(seq == stub.seq for path in self.paths for stub in path):
                raise Damaged(f"record of event {seq}: on no path of the chain")
        self.contents = {}
        for ref in claim["contents"]:
            if keccak256(self.file(ref["file"])).hex() != ref["hash"][2:]:
                raise Damaged(f"{ref['file']}: another keccak256")
            self.contents[bytes.fromhex(ref["hash"][2:])] = self.file(ref["file"])
        self.take_l1(claim.get("l1"))
        return finding, self.judge(finding)

    def take_l1(self, l1):
        self.l1_schedule, self.landing = None, None
        if l1 is None:
            return
        if l1["landing"] is not None:
            self.landing = verify_l1.Landing(l1["landing"], self)
        if l1["schedule_facts"]:
            if self.windows:
                raise Damaged("claim.json: two schedules")
            self.l1_schedule = verify_l1.Schedule(l1, self.records)
            self.say(f"{len(l1['schedule_facts'])} L1 blocks give the schedule")

    def read_schedule(self, seq):
        if seq is None:
            return []
        record = self.records.get(seq)
        if record is None or record.stub.kind != SCHEDULE:
            raise Damaged("no record of the schedule")
        items = Table(record.payload).vector(1, 40)
        return [(*struct.unpack_from("<QQ", items, i), items[i + 16:i + 36])
                for i in range(0, len(items), 40)]

    def commitment(self, ref, domain):
        raw, record = self.file(ref["file"]), self.records.get(ref["seq"])
        if record is None or record.stub.kind != COMMITMENT or Table(record.payload).vector(0,
            1) != raw:
            raise Damaged(f"{ref['file']}: not the bytes that event {ref['seq']} brought")
        one = Commitment(raw, domain, ref["role"], record)
        decoded = json.loads(self.file(ref["decoded"]))
        if (decoded["signer"], decoded["preconf_hash"]) != ("0x" + one.signer.hex(), "0x" +
            one.hash.hex()):
            raise Damaged(f"{ref['decoded']}: another signer or hash")
        self.say(f"{ref['file']} is signed by 0x{one.signer.hex()}")
        return one

    def path(self, ref, head):
        data, stubs, at = self.file(ref["file"]), [], 0
        chain = bytes.fromhex(ref["prev_chain"][2:])
        while at < len(data):
            refs = 36 * data[at + 63] if at + 64 <= len(data) else 0
            if at + 96 + refs > len(data):
                raise Damaged(f"{ref['file']}: cut")
            stub = Stub(data[at:at + 64], data[at + 64:at + 64 + refs],
                data[at + 64 + refs:at + 96 + refs])
            at += 96 + refs
            if stubs and stub.seq != stubs[-1].seq + 1 and not (
                    stub.kind == GAP and stub.seq > stubs[-1].seq):
                raise Damaged(f"{ref['file']}: event {stub.seq} does not follow")
            record = self.records.get(stub.seq)
            if record and (record.before != chain or not record.stub.same(stub)):
                raise Damaged(f"{ref['file']}: event {stub.seq} has another record")
            chain = stub.chain(chain)
            stubs.append(stub)
        if (not stubs or (stubs[0].seq, stubs[-1].seq) != (ref["from"], ref["to"])
                or chain.hex() != ref["chain"][2:]
                or ref["anchor"] == "log_end" and ref["chain"] != head):
            raise Damaged(f"{ref['file']}: does not lead to the chain hash that is claimed")
        self.say(f"{ref['file']}: {len(stubs)} records lead to chain 0x{chain.hex()} "
                 f"({ref['anchor']})")
        return stubs

    # ---- the finding ----

    def place(self, one):
        if self.l1_schedule is not None:
            return self.l1_schedule.place(one)
        for i, (start, end, owner) in enumerate(self.windows):
            if start < one.time <= end:
                if (owner, end) == (one.signer, one.end):
                    return "own"
                following = self.windows[i + 1:i + 2]
                if following and (following[0][2], following[0][1]) == (one.signer, one.end):
                    return "own" if owner == one.signer else "early"
                return "other"
        return "unknown"

    def need_scheduled(self, one):
        if self.l1_schedule is None and not self.windows:
            raise NotShown("the schedule, which would give it this window, is not here")
        if self.place(one) not in ("own", "early"):
            raise NotShown("the schedule does not give it this window")

    def judge(self, finding):
        kind = finding["kind"]
        if kind == "log_gap":
            for record in self.records.values():
                if record.stub.kind == GAP:
                    table = Table(record.payload)
                    if (table.scalar(0, "Q"), table.scalar(1, "Q")) == (finding["from"],
                        finding["to"]):
                        return "the gap is recorded"
            raise NotShown("what is not there leaves no record")
        if kind == "reorg":
            return self.reorg(finding["block_number"])
        accused = [one for one in self.commitments if one.role == "accused"]
        for one in accused:
            wanted = (finding["signer"], finding["window_end"], finding["block_number"])
            if wanted != ("0x" + one.signer.hex(), one.end, one.number) or (
                    finding["preconf_hash"] not in (None, "0x" + one.hash.hex())):
                raise NotShown("the accused commitment is not the one named")
        if not accused:
            raise NotShown("no accused commitment")
        text = self.accuse(kind, accused)
        if not self.has_rules:
            raise NotShown("event 1 of the log, which has the signing domain, is not here")
        return text

    def accuse(self, kind, accused):
        one = accused[0]
        if kind == "wrong_signer":
            if self.place(one) in ("own", "unknown"):
                raise NotShown("the schedule gives it this window, or none covers it")
            return f"timestamp {one.time} belongs to another signer"
        for other in accused:
            self.need_scheduled(other)
        return getattr(self, kind)(one, accused)

    def reorg(self, number):
        seen = set()
        for record in self.records.values():
            for header in headers(record)[0]:
                if header[0] == number:
                    seen.add(header[1])
                if header[0] == number + 1:
                    seen.add(header[2])
        if len(seen) > 1:
            return f"{len(seen)} blocks at height {number}"
        shown = None
        for seq, record in sorted(self.records.items()):
            for header in headers(record)[0]:
                if shown and record.is_heads_read() and header[0] < number:
                    return f"event {shown} shows block {number}, event {seq} a head at {header[0]}"
                shown = shown or (seq if header[0] >= number else None)
        raise NotShown("the records show one block at this height, and no head below it")

    def equivocation(self, one, accused):
        for eop_only in (False, True):
            if len({other.hash for other in accused if other.eop_only == eop_only}) > 1:
                return f"different contents for block {one.number}"
        raise NotShown("there are no two different contents")

    def withheld_txlist(self, one, _):
        reason = "no path covers the time after the commitment"
        for path in self.paths:
            if not path[0].seq <= one.seq <= path[-1].seq:
                continue
            if any(stub.refers_to(one.list) for stub in path):
                raise NotShown("the list came")
            if path[-1].wall - one.wall >= LIST_SECONDS * 10**9 and not one.eop_only:
                return f"no record from event {path[0].seq} to {path[-1].seq} refers to the list"
        raise NotShown(reason)

    def missing_eop(self, one, _):
        of_window = {c.hash for c in self.commitments
                     if c.role in ("accused", "parent") and (c.signer, c.end) == (one.signer,
                         one.end)}
        if not one.eop and any(c.role == "counter" and c.end > one.end and c.parent in of_window
                               for c in self.commitments):
            return f"block {one.number} is no EOP, and a later window continues it"
        raise NotShown("no commitment of a later window continues it, or it is an EOP")

    def invalid_eop(self, one, _):
        for c in self.commitments:
            if (c.role == "counter" and c.eop and (c.signer, c.end) == (one.signer, one.end)
                    and not one.eop_only and (one.number > c.number or c.eop_only and
                        one.number == c.number)):
                return f"block {one.number} after the signer's own end at {c.number}"
        raise NotShown("no EOP of this signer below it")

    def late_commitment(self, one, _):
        if one.wall <= (one.end + LATE_SECONDS) * 10**9:
            raise NotShown("it came in time")
        return f"event {one.seq} is stamped {one.wall // 10**9 - one.end} s after the window"

    def l1_contradiction(self, one, _):
        if self.landing is not None:
            try:
                return self.landing.judge(one)
            except NotShown as error:
                self.say(f"on L1: {error}")
        shown = [headers(record) for record in self.records.values()]
        if not any(boundary is not None and boundary >= one.number for _, boundary in shown):
            raise NotShown("no record shows the height as confirmed")
        promised, others = set(), set()
        for found, _ in shown:
            for number, block, parent, time, beneficiary, gas, is_built, _ in found:
                if number == one.number + 1:
                    others.add(parent)
                if number == one.number:
                    same = (time, beneficiary, gas) == (one.time, one.coinbase, one.gas)
                    if not same:
                        return f"block {number} is 0x{block.hex()}, not as promised"
                    (promised if is_built else others).add(block)
        if promised and others - promised:
            return f"block {one.number} was built as one block and is canonical as another"
        raise NotShown("no other block at this height is shown")


def main():
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        print(__doc__)
        return 1
    bundle, code = Bundle(sys.argv[1]), 0
    try:
        finding, text = bundle.run()
        bundle.say(f"shown: {finding['id']}: {text}")
    except NotShown as error:
        bundle.say(f"NOT SHOWN: {error}")
        code = 3
    except (Damaged, struct.error, KeyError, ValueError, TypeError, IndexError,
        AttributeError) as error:
        bundle.say(f"DAMAGED: {error}")
        code = 4
    print("\n".join(bundle.said))
    return code


if __name__ == "__main__":
    sys.exit(main())
