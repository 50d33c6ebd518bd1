#!/usr/bin/env python3
"""Reads a preconf capture without preconf: an independent check of a log, and its events as JSON.

Written from docs/capture_format.md and docs/log_format.md; needs Python 3.11 and
the folder preconf_reader beside it, nothing else.

  preconf_log.py info    FILE                  what the capture says about itself
  preconf_log.py verify  FILE [--signatures]   every checksum, hash, the chain, density, content
  preconf_log.py dump    FILE [--from SEQ] [--to SEQ] [--kind NAME]
  preconf_log.py extract FILE CONTENT_HASH     the bytes of a content, to standard output

Exit codes: 0 all is well, 1 wrong use, 4 damaged, or something is not here that was asked for;
what it is is named on standard error. verify --signatures needs the signing domain: that of the
genesis (event 1), or of --domain where the capture begins later.
"""
import argparse
import hashlib
import json
import struct
import sys
import time

sys.dont_write_bytecode = True

from preconf_reader.capture import CONTENT_INDEX, SNAPSHOT, Capture
from preconf_reader.crypto import keccak256, keccak256_many, recover
from preconf_reader.damage import Damage, need
from preconf_reader.flatbuffers import hex0x
from preconf_reader.record import ssz_commitment, walk
from preconf_reader.schemas import KINDS


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


HASHED_AT_ONCE = 32 << 20  # bytes of content in memory


def check_hashes(contents):
    """Of (hash, bytes), which are forgotten."""
    for (key, _), digest in zip(contents, keccak256_many([content for _, content in contents])):
        need(digest == key, f"content {hex0x(key)} has other bytes")
    contents.clear()


def check_contents(capture, hashes):
    """Hash -> size of every content; the index must lead to each."""
    index, sizes = {}, {}
    for number_, _ in capture.of_type(CONTENT_INDEX):
        raw = capture.load(number_)
        for at in range(0, len(raw), 36):
            index[raw[at:at + 32]] = struct.unpack_from("<I", raw, at + 32)[0]
    need(list(index) == sorted(index), "order of the content index")
    waiting, waiting_bytes = [], 0
    for key, content, number_ in capture.contents():
        need(index.get(key) == number_, f"content {hex0x(key)} is not in the index")
        sizes[key] = len(content)
        if not hashes:
            continue
        waiting.append((key, content))
        waiting_bytes += len(content)
        if waiting_bytes >= HASHED_AT_ONCE:
            check_hashes(waiting)
            waiting_bytes = 0
    check_hashes(waiting)
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


def borrowed(body):
    """(hash, size) of the blobs that the answer about a proposal's sources was made from. Their own
    events may lie before the capture; then contents_missing does not count them."""
    sources = body["result"].get("sources", []) if body["type"] == "l1_answered" else []
    return [(bytes.fromhex(blob["hash"][2:]), blob["size_bytes"])
            for source in sources for blob in source["blobs"]]


def domain_of(options):
    if not options.domain:
        return None
    try:
        domain = bytes.fromhex(options.domain.removeprefix("0x"))
    except ValueError:
        domain = b""
    if len(domain) != 32:
        raise SystemExit("--domain takes 32 bytes in hex")
    return domain


def no_domain(capture):
    base = capture.manifest["base"]["seq"]
    return ("no signature can be checked: the signing domain is in the genesis (event 1), and this "
            f"capture begins after event {base}; give it with --domain (network.preconf_domain of "
            "event 1), or verify without --signatures")


def verify(capture, options):
    start, kinds, ignored, missing = time.time(), {}, {}, set()
    domain = domain_of(options)
    sizes = check_contents(capture, not options.no_content_hashes)
    removed = {entry[0]: entry[1] for entry in capture.removed()}
    need(not set(removed) & set(sizes), "a content is here that is said to be removed")
    check_snapshots(capture)
    manifest, events, digests, signatures = capture.manifest, 0, 0, 0
    redacted = "content" in manifest["redactions"]
    need(not redacted or not sizes and not removed, "contents in a redacted capture")
    walls, first_chain, gone = [], None, set()
    for record, digest in walk(capture):
        body = record.body()
        kinds[body["type"]] = kinds.get(body["type"], 0) + 1
        if not record.is_known():
            ignored[record.kind] = ignored.get(record.kind, 0) + 1
        gone.update(key for key, _ in borrowed(body) if key in removed)
        for key, size in record.refs:
            if key in removed:
                gone.add(key)
            elif key not in sizes:
                missing.add(key)
            else:
                need(sizes[key] == size, "content of another size", record.seq)
        if record.kind == 1 and not domain:
            domain = bytes.fromhex(body["network"]["preconf_domain"][2:])
        if options.signatures and record.kind == 7:
            need(domain, no_domain(capture))
            check_signature(record, body, domain)
            signatures += 1
        walls = [walls[0] if walls else record.wall, record.wall]
        first_chain = first_chain or record.chain
        events += 1
        digests += digest is not None
    need((events, digests) == (manifest["events"], manifest["digests"]), "number of events")
    need(manifest["contents_missing"] == (0 if redacted else len(missing)),
         "number of missing contents")
    need(len(removed) == len(gone) == manifest.get("contents_removed", 0),
         "number of removed contents")
    need(walls == [manifest["first_wall_ns"], manifest["last_wall_ns"]], "times of the events")
    need(manifest["base"]["seq"] > 0 or manifest["log_id"] in (None, hex0x(first_chain)), "log_id")
    seconds = max(time.time() - start, 1e-9)
    return {"events": events, "kinds": kinds, "ignored_kinds": ignored, "signatures": signatures,
            "contents": len(sizes), "contents_missing": 0 if redacted else len(missing),
            "contents_redacted": len(missing) if redacted else 0,
            "contents_removed": {cause: sum(told == cause for told in removed.values())
                                 for cause in sorted(set(removed.values()))},
            "end": manifest["end"], "checksum": hex0x(capture.checksum),
            "seconds": round(seconds, 3),
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
    for key, cause, size, _, reason in capture.removed():
        if key == wanted:
            raise SystemExit(f"{options.hash}: {size} bytes, {cause}: {json.dumps(reason)}")
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
                               help="trust checksums for content: to hash a MiB takes 0.1 s where "
                               "there are many of one size, 2 s where there are few")
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
