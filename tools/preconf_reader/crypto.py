"""keccak256, and the signer of a secp256k1 signature."""
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
