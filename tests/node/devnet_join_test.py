"""A node of one's own joins `preconf devnet --keep` by the command lines that it prints, and the
story of a network whose L1 changed its mind names the blocks that are on the chain.

usage: devnet_join_test.py PRECONF

Waits for lines and for answers, never for time; ctest has the deadline.
"""
import base64
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

PRECONF = sys.argv[1]
BLOCKS = 9


class Process:
    def __init__(self, arguments):
        self.lines = []
        self.child = subprocess.Popen([PRECONF, *arguments], stdout=subprocess.PIPE, text=True)

    def wait_for(self, pattern):
        """The first line from here on that has `pattern`."""
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))
            found = re.search(pattern, line)
            if found:
                return found
        raise AssertionError(f"ended without {pattern!r}:\n" + "\n".join(self.lines[-40:]))

    def stop(self, how):
        self.child.send_signal(how)
        self.lines += [line.rstrip("\n") for line in self.child.stdout]
        return self.child.wait()


def call(url, method, parameters, secret=None):
    headers = {"Content-Type": "application/json"}
    if secret:
        def part(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=")
        signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(
            json.dumps({"iat": int(time.time())}).encode())
        token = signed + b"." + part(hmac.new(secret, signed, hashlib.sha256).digest())
        headers["Authorization"] = "Bearer " + token.decode()
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
    with urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers)) as answer:
        answered = json.load(answer)
    assert "result" in answered, answered
    return answered["result"]


class Join(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.started = []
        self.addCleanup(self.kill_all)

    def kill_all(self):
        for process in self.started:
            if process.child.poll() is None:
                process.child.kill()
                process.child.wait()
            process.child.stdout.close()

    def start(self, arguments):
        self.started.append(Process(arguments))
        return self.started[-1]

    def test_by_the_printed_command_lines(self):
        directory = os.path.join(self.folder.name, "net")
        net = self.start(["devnet", "--keep", "--blocks", str(BLOCKS), "--block-time-ms", "300",
                          "--dir", directory])
        slasher = net.wait_for("the slasher (0x[0-9a-f]{40})")[1]
        head = net.wait_for("all heads are equal: block ([0-9]+) (0x[0-9a-f]{64})")
        engine_line = net.wait_for(r"preconf (devnet engine .*)")[1].split()
        node_line = net.wait_for(r"preconf (node .*) \\$")[1].split()
        node_line += net.wait_for(r"^ +(--jwt\.secret .*)")[1].split()
        self.assertEqual(node_line[node_line.index("--preconf.slasher") + 1], slasher)

        engine = self.start(engine_line)
        http, auth = engine.wait_for(r"ready http=(\S+) auth=(\S+)").groups()
        fill = {"NEW": os.path.join(self.folder.name, "mine"), "http://HTTP": "http://" + http,
                "http://AUTH": "http://" + auth}
        node = self.start([fill.get(word, word) for word in node_line])
        node.wait_for("^ready ")
        with open(os.path.join(directory, "jwt.hex"), encoding="utf-8") as file:
            secret = bytes.fromhex(file.read().strip())

        def mine(number):
            """The block at that height, when the node has brought its engine there."""
            call("http://" + auth, "sim_waitHead", [number], secret)
            return call("http://" + http, "eth_getBlockByNumber", [hex(number), False])["hash"]

        self.assertEqual(mine(int(head[1])), head[2], "the block that all others have")

        # L1 changes its mind: from there on the chain is not the preconfer's.
        l1 = node_line[node_line.index("--l1.http") + 1]
        for _ in range(4):  # a proposal lands with the next block of L1
            net.wait_for("L1: proposal [0-9]+ has blocks")
        call(l1, "sim_reorg", [3, "change"])
        changed = net.wait_for(r"block +[0-9]+  (0x[0-9a-f]{12})\.\.  on L1's chain; "
                               r"the preconfer has (0x[0-9a-f]{12})\.\.  ")
        self.assertNotEqual(changed[1], changed[2])

        self.assertEqual(node.stop(signal.SIGTERM), 0)
        self.assertEqual(engine.stop(signal.SIGTERM), 0)
        self.assertEqual(net.stop(signal.SIGINT), 0, "\n".join(net.lines[-40:]))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]], verbosity=1)
