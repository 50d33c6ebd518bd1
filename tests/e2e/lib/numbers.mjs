import { toBeHex } from 'ethers';

/// An integer as RLP wants it: big-endian without leading zeros, nothing for zero.
export const quantity = (value) => (BigInt(value) === 0n ? '0x' : toBeHex(BigInt(value)));

/// An integer as JSON-RPC writes it.
export const hexQuantity = (value) => '0x' + BigInt(value).toString(16);

export const min = (a, b) => (a < b ? a : b);
export const max = (a, b) => (a > b ? a : b);
