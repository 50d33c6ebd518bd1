"""How damage is reported."""


class Damage(Exception):
    """What is wrong, and the event it concerns (0: none)."""

    def __init__(self, what, seq=0):
        super().__init__(what)
        self.seq = seq


def need(condition, what, seq=0):
    if not condition:
        raise Damage(what, seq)
