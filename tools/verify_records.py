"""Records of a preconfirmation log, hashes and signatures: what verify.py is made of.

Python standard library only, no code shared with the program that wrote the log.
"""
import hashlib
import struct

DOMAIN = b"preconf/log/1" + bytes(3)
ENGINE = 10


class Damaged(Exception):
    pass


class NotShown(Exception):
    pass


# ---- keccak256 and secp256k1 ----------------------------------------------------------------

def _round_constants():
    out, lfsr = [], 1
    for _ in range(24):
        value = 0
        for j in range(7):
            if lfsr & 1:
                value |= 1 << ((1 << j) - 1)
            lfsr = (lfsr << 1) ^ (0x171 if lfsr & 0x80 else 0)
        out.append(value)
    return out


ROUNDS = _round_constants()
MASK = (1 << 64) - 1


def _rotate(value, bits):
    bits %= 64
    return ((value << bits) | (value >> (64 - bits))) & MASK


def keccak256(data):
    rate = 136
    data = bytearray(data) + b"\x01" + bytes(-(len(data) + 1) % rate)
    data[-1] |= 0x80
    a = [[0] * 5 for _ in range(5)]
    for start in range(0, len(data), rate):
        for i in range(rate // 8):
            a[i % 5][i // 5] ^= int.from_bytes(data[start + 8 * i:start + 8 * i + 8], "little")
        for constant in ROUNDS:
            c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
            d = [c[(x - 1) % 5] ^ _rotate(c[(x + 1) % 5], 1) for x in range(5)]
            a = [[a[x][y] ^ d[x] for y in range(5)] for x in range(5)]
            x, y, lane = 1, 0, a[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                lane, a[x][y] = a[x][y], _rotate(lane, (t + 1) * (t + 2) // 2)
            a = [[a[x][y] ^ (~a[(x + 1) % 5][y] & a[(x + 2) % 5][y]) & MASK for y in range(5)]
                 for x in range(5)]
            a[0][0] ^= constant
    return b"".join(a[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def _add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = 3 * p[0] * p[0] * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def _multiply(p, k):
    out = None
    while k:
        if k & 1:
            out = _add(out, p)
        p, k = _add(p, p), k >> 1
    return out


def recover(digest, signature):
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64],
        "big"), signature[64]
    if not (0 < r < N and 0 < s < N and v < 4):
        return None
    x = r + (N if v & 2 else 0)
    y = pow((pow(x, 3, P) + 7) % P, (P + 1) // 4, P)
    if x >= P or (y * y - x**3 - 7) % P:
        return None
    if y & 1 != v & 1:
        y = P - y
    inverse = pow(r, -1, N)
    z = int.from_bytes(digest, "big")
    q = _add(_multiply((x, y), s * inverse % N), _multiply(G, -z * inverse % N))
    return q and keccak256(q[0].to_bytes(32, "big") + q[1].to_bytes(32, "big"))[-20:]


# ---- records: FlatBuffers, only as far as needed ---------------------------------------------

class Table:
    def __init__(self, data, at=None):
        self.data = data
        self.at = struct.unpack_from("<I", data, 0)[0] if at is None else at
        self.vtable = self.at - struct.unpack_from("<i", data, self.at)[0]
        if self.vtable < 0:
            raise Damaged("bad table")
        self.size = struct.unpack_from("<H", data, self.vtable)[0]

    def where(self, field):
        slot = 4 + 2 * field
        if slot + 2 > self.size:
            return 0
        offset = struct.unpack_from("<H", self.data, self.vtable + slot)[0]
        return offset and self.at + offset

    def scalar(self, field, form, default=0):
        at = self.where(field)
        return struct.unpack_from("<" + form, self.data, at)[0] if at else default

    def fixed(self, field, size):
        at = self.where(field)
        out = self.data[at:at + size] if at else b""
        if len(out) != size:
            raise Damaged("field missing")
        return out

    def vector(self, field, item):
        at = self.where(field)
        if not at:
            return b""
        start = at + struct.unpack_from("<I", self.data, at)[0]
        count = struct.unpack_from("<I", self.data, start)[0]
        out = self.data[start + 4:start + 4 + count * item]
        if len(out) != count * item:
            raise Damaged("vector cut")
        return out

    def table(self, field):
        at = self.where(field)
        return Table(self.data, at + struct.unpack_from("<I", self.data, at)[0]) if at else None


class Stub:
    def __init__(self, header, refs, payload_hash):
        self.header, self.refs, self.payload_hash = header, refs, payload_hash
        self.seq, self.wall = struct.unpack_from("<QQ", header, 0)
        self.kind = struct.unpack_from("<H", header, 56)[0]

    def same(self, other):
        return (self.header, self.refs, self.payload_hash) == (
            other.header, other.refs, other.payload_hash)

    def chain(self, before):
        return hashlib.sha256(DOMAIN + self.header + self.refs + self.payload_hash +
            before).digest()

    def refers_to(self, content):
        return any(self.refs[i:i + 32] == content for i in range(0, len(self.refs), 36))


class Record:
    def __init__(self, data):
        envelope = Table(data)
        self.payload = envelope.vector(1, 1)
        self.stub = Stub(envelope.fixed(0, 64), envelope.vector(2, 36), envelope.fixed(3, 32))
        self.before, self.chain = envelope.fixed(4, 32), envelope.fixed(5, 32)
        if (hashlib.sha256(self.payload).digest() != self.stub.payload_hash
                or self.stub.chain(self.before) != self.chain
                or len(self.stub.refs) != 36 * self.stub.header[63]):
            raise Damaged("record does not have its hashes")

    def is_heads_read(self):
        return self.stub.kind == ENGINE and Table(self.payload).scalar(2, "B") == 1


def headers(record):
    """(number, hash, parent, time, beneficiary, gas limit, is built here, extraData), boundary."""
    if record.stub.kind != ENGINE:
        return [], None
    answer = Table(record.payload)
    kind, result = answer.scalar(2, "B"), answer.table(3)
    header, boundary = None, None
    if kind == 7:  # the canonical block, with more about it
        header, at = result.table(1), result.where(3)
        header = header and header.table(0)
    elif kind == 1:
        header, at = result.table(1), result.where(4)
    elif kind == 2:
        header, at = result.table(1), result.where(3)
    elif kind == 4:
        header, at = result.table(0), 0
    else:
        return [], None
    if at:
        boundary = struct.unpack_from("<Q", record.payload, at)[0]
    if header is None:
        return [], boundary
    return [(header.scalar(0, "Q"), header.fixed(1, 32), header.fixed(2, 32), header.scalar(3, "Q"),
             header.fixed(4, 20), header.scalar(7, "Q"), kind == 4, header.vector(10, 1))], boundary
