"""A reader of FlatBuffers that is driven by tables of fields (schemas.py)."""
import codecs
import struct

from .damage import need

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


def tables(one):
    """A vector of tables."""
    def read(buffer, position):
        start = position + struct.unpack_from("<I", buffer, position)[0]
        count = struct.unpack_from("<I", buffer, start)[0]
        need(start + 4 + 4 * count <= len(buffer), "a vector outside the buffer")
        return [one(buffer, start + 4 + 4 * i) for i in range(count)]
    read.default = []
    return read


def holding(name, type_id, value_id, members, one):
    """A table with one union in it, under `name`."""
    def read(buffer, position):
        root = position + struct.unpack_from("<I", buffer, position)[0]
        return {**fields(buffer, root, members), name: one(buffer, root, type_id, value_id)}
    return read


def regrouped(reader, **groups):
    """Fields that the schema keeps beside each other, in groups as the events have them."""
    def read(buffer, position):
        flat = reader(buffer, position)
        moved = {field for fields_of in groups.values() for field in fields_of}
        out = {name: value for name, value in flat.items() if name not in moved}
        for group, fields_of in groups.items():
            out[group] = {field: flat[field] for field in fields_of}
        return out
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
