"""keccak256, and the signer of a secp256k1 signature."""
import array
import struct

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


def keccak_source(name, masks, rotate):
    """keccak-f[1600] with every lane a local variable: three times as fast as loops over lists."""
    lanes = [f"a{i}" for i in range(25)]
    out = [f"def {name}(state, constants{masks}):", f" {', '.join(lanes)} = state",
           " for constant in constants:"]
    for x in range(5):
        out.append(f"  c{x} = " + " ^ ".join(f"a{x + 5 * y}" for y in range(5)))
    for x in range(5):
        out.append(f"  d{x} = c{(x + 4) % 5} ^ ({rotate(f'c{(x + 1) % 5}', 1)})")
    for i, r in enumerate(ROTATIONS):
        x, y = i % 5, i // 5
        target = y + 5 * ((2 * x + 3 * y) % 5)
        out.append(f"  v = a{i} ^ d{x}")
        out.append(f"  b{target} = {rotate('v', r) if r else 'v'}")
    for i in range(25):
        y = i // 5 * 5
        one, two = f"b{y + (i + 1) % 5}", f"b{y + (i + 2) % 5}"
        out.append(f"  a{i} = b{i} ^ {two} ^ ({one} & {two})")  # b ^ (not one and two)
    return "\n".join(out + ["  a0 ^= constant", f" return [{', '.join(lanes)}]"])


# keccak_f: one state. keccak_f_many: the states of several messages side by side, each lane one
# integer of 64 bits per message; Python's cost is per operation, hardly per bit.
exec(keccak_source("keccak_f", "", lambda v, r: f"({v} << {r} | {v} >> {64 - r}) & MASK"))
exec(keccak_source("keccak_f_many", ", low, high",
                   lambda v, r: f"{v} << {r} & high[{r}] | {v} >> {64 - r} & low[{r}]"))


def padded(data):
    out = bytearray(data) + b"\x01" + bytes(135 - len(data) % 136)
    out[-1] |= 0x80
    return out


def keccak256(data):
    data = padded(data)
    state = [0] * 25
    for at in range(0, len(data), 136):
        for i, lane in enumerate(struct.unpack_from("<17Q", data, at)):
            state[i] ^= lane
        state = keccak_f(state, ROUNDS)
    return struct.pack("<4Q", *state[:4])


def keccak_side_by_side(messages):
    """Digests of messages of about the same length; the longest one costs all the time."""
    count = len(messages)
    spread = lambda value: int.from_bytes(struct.pack("<Q", value) * count, "little")
    low = [spread((1 << r) - 1) for r in range(64)]
    high = [spread(MASK ^ (1 << r) - 1) for r in range(64)]
    constants = [spread(constant) for constant in ROUNDS]
    blocks = [len(message) // 136 + 1 for message in messages]
    words = array.array("Q")
    for message, own in zip(messages, blocks):
        words.frombytes(padded(message) + bytes(136 * (max(blocks) - own)))
    state, digests = [0] * 25, [b""] * count
    for block in range(max(blocks)):
        for i in range(17):
            lane = words[17 * block + i::17 * max(blocks)]
            state[i] ^= int.from_bytes(lane.tobytes(), "little")
        state = keccak_f_many(state, constants, low, high)
        ending = [n for n, own in enumerate(blocks) if own == block + 1]
        lanes = [lane.to_bytes(8 * count, "little") for lane in state[:4]] if ending else []
        for n in ending:
            digests[n] = b"".join(lane[8 * n:8 * n + 8] for lane in lanes)
    return digests


SIDE_BY_SIDE_MAX = 512


def keccak256_many(messages):
    """Digests in the order of the messages; up to forty times as fast as one after the other."""
    digests = [b""] * len(messages)
    by_length = sorted(range(len(messages)), key=lambda n: len(messages[n]))
    while by_length:
        longest = len(messages[by_length[0]]) * 5 // 4 + 4 * 136
        group = [n for n in by_length[:SIDE_BY_SIDE_MAX] if len(messages[n]) <= longest]
        by_length = by_length[len(group):]
        if len(group) < 3:
            digests[group[0]], by_length = keccak256(messages[group[0]]), group[1:] + by_length
            continue
        for n, digest in zip(group, keccak_side_by_side([messages[n] for n in group])):
            digests[n] = digest
    return digests


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
