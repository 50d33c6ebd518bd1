"""The capture file: docs/capture_format.md."""
import hashlib
import json
import struct
import zlib

from .damage import Damage, need

MIB = 1 << 20
RECORDS, CONTENTS, SNAPSHOT, CONTENT_INDEX, MANIFEST, INDEX, REMOVED = range(1, 8)
RAW_MAX = {RECORDS: 2 * MIB + 8192, CONTENTS: 64 * MIB + 36, SNAPSHOT: 256 * MIB,
           CONTENT_INDEX: 16384 * 36, MANIFEST: 65536, INDEX: MIB * 64, REMOVED: 2 * MIB}
FRAME = struct.Struct("<4sIIIQQ32s")
RECORD_MAX = MIB + 4096
REMOVED_ENTRY = struct.Struct("<32sBIQH")
CAUSES = ("redacted", "pruned", "lost")


class Capture:
    """Frames of an open file. Nothing is inflated before its checksum holds."""

    def __init__(self, path):
        self.file = open(path, "rb")
        size = self.file.seek(0, 2)
        header = self.read(0, 16)
        need(header[:8] == b"PCCAP01\n", "no capture")
        self.version, zero = struct.unpack("<II", header[8:])
        need(self.version in (1, 2) and zero == 0, "unknown format version")
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
        first_removed = types.index(REMOVED) if REMOVED in types else first_index
        need(all(kind == REMOVED for kind in types[first_removed:first_index]) and
             (self.version > 1 or REMOVED not in types), "order of the frames")
        try:
            self.manifest = json.loads(self.load(len(types) - 1))
        except ValueError:
            raise Damage("the manifest is no JSON") from None
        need(self.manifest["format"] == self.version, "format version of the manifest")

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
        need(kind != CONTENTS or count <= raw // 36 and (count <= 1 or raw <= MIB),
             "a contents frame is out of bounds")
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

    def removed(self):
        """(hash, cause, size, time in ns, reason) of contents that are not here, by hash."""
        before = b""
        for number, frame in self.of_type(REMOVED):
            raw, at = self.load(number), 0
            for i in range(frame[4]):
                need(at + 47 <= len(raw), "a frame of removed contents")
                key, cause, size, wall, length = REMOVED_ENTRY.unpack_from(raw, at)
                need(key > before and cause < len(CAUSES) and length <= 256 and
                     at + 47 + length <= len(raw), "a frame of removed contents")
                need(i > 0 or int.from_bytes(key[:8], "big") == frame[3],
                     "a frame of removed contents")
                reason = raw[at + 47:at + 47 + length].decode("utf-8", "replace")
                yield key, CAUSES[cause], size, wall, reason
                before, at = key, at + 47 + length
            need(at == len(raw), "a frame of removed contents")

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
