"""Logs that do not begin with event 1: nobody is accused of what came before, and nothing that the
first state knows is passed over.

usage: partial_log_test.py PRECONF MAKE_DISHONEST_DAY CAPTURE

CAPTURE is tests/golden/l1_broken_promise.pccap: block 14 was promised in event 202, executed in
event 230, contradicted by L1 in event 253, replaced in event 258. Event 16 brought the list of the
commitment of event 17; event 3 is the L1 deployment.
"""
import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

PRECONF, MAKE_DAY, CAPTURE = sys.argv[1:4]
CONTRADICTION = ("l1_contradiction:"
                 "0x4bab23a0ce94fdf8bbb0f03b04400831a4abe23dc5b3904655024a302b40dcd9")
EXECUTED_AS = "0x5c6a9ebce8e48f9e763f2160f83a66c4b54eba20922432ee2589ea4028f154ec"


# Two L1 epochs, in which something may have come before; and a window that began in them.
CERTAIN_AFTER = 2 * 384 + 384


def seconds(time):
    return datetime.datetime.fromisoformat(time[:19]).timestamp()


def run(*arguments):
    return subprocess.run([PRECONF, *arguments], capture_output=True, text=True, check=False,
                          timeout=120)


class Part(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def cut(self, first, last=None, log=CAPTURE):
        part = os.path.join(self.folder, f"from{first}to{last}")
        until = [] if last is None else ["--to", str(last)]
        done = run("log", "export", log, part, "--from", str(first), *until)
        self.assertEqual(done.returncode, 0, done.stderr)
        return part

    def audit(self, log, *options):
        done = run("audit", log, "--format", "json", *options)
        self.assertIn(done.returncode, (0, 2), done.stderr)
        return json.loads(done.stdout)

    def faults(self, report):
        return {one["id"] for one in report["findings"] if one["verdict"] == "fault"}

    def load(self, *arguments):
        done = run(*arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


class Audit(Part):
    def test_a_cut_accuses_of_nothing_that_the_whole_log_does_not(self):
        known = self.faults(self.audit(CAPTURE))
        self.assertIn(CONTRADICTION, known)
        for first in [*range(2, 60, 5), *range(190, 265, 4)]:
            with self.subTest(first=first):
                self.assertLessEqual(self.faults(self.audit(self.cut(first))), known)

    def test_a_cut_of_a_dishonest_day_accuses_of_nothing_new_and_of_all_that_is_certain(self):
        day = os.path.join(self.folder, "day")
        subprocess.run([MAKE_DAY, "--out", day, "--truth", os.path.join(self.folder, "truth"),
                        "--events", "16000", "--seed", "5", "--no-truncate"], check=True,
                       capture_output=True)
        whole = self.audit(day)
        known, seen = self.faults(whole), set()
        for first in range(2, whole["log"]["last"] // 2, whole["log"]["last"] // 16):
            with self.subTest(first=first):
                part = self.cut(first, log=day)
                report = self.audit(part)
                os.remove(part)
                found = self.faults(report)
                self.assertLessEqual(found, known, found - known)
                begin = seconds(report["coverage"]["first_wall"])
                certain = {one["id"] for one in whole["findings"] if one["verdict"] == "fault"
                           and seconds(one["first_seen"]) > begin + CERTAIN_AFTER}
                self.assertLessEqual(certain, found, certain - found)
                seen |= {one.split(":")[0] for one in certain}
        self.assertGreaterEqual(len(seen), 6, seen)

    def test_a_list_that_came_before_the_log_is_not_withheld(self):
        report = self.audit(self.cut(17))
        self.assertEqual(report["counts"]["withheld_txlist"],
                         {"excused": 0, "faults": 0, "not_listed": 0, "unknown": 0})
        with_block = self.audit(self.cut(18, 100), "--block", "2")
        self.assertIsNone(with_block["blocks"][0]["list_before"])
        self.assertEqual(self.audit(self.cut(17, 90), "--block", "1")["blocks"][0]["list_before"],
                         16)

    def test_a_contradicted_promise_from_before_the_log_is_unknown_not_clean(self):
        report = self.audit(self.cut(230, 253))
        found = {one["id"]: one for one in report["findings"]}
        self.assertEqual(list(found), [CONTRADICTION])
        self.assertEqual(found[CONTRADICTION]["verdict"], "unknown")
        self.assertIn("the commitment of event 202, which came before the first event that is here",
                      found[CONTRADICTION]["missing"])
        self.assertEqual(found[CONTRADICTION]["first_seq"], 234)

    def test_a_replaced_head_has_the_id_of_the_whole_log(self):
        whole = {one["id"] for one in self.audit(CAPTURE, "--reorgs")["findings"]}
        for first in (232, 250, 258):
            part = self.audit(self.cut(first), "--reorgs")["findings"]
            self.assertEqual({one["id"] for one in part}, whole)
            self.assertIn("instead of " + EXECUTED_AS, part[0]["text"])

    def test_coverage_says_what_content_was_removed(self):
        self.assertEqual(self.audit(CAPTURE)["coverage"]["content_removed"],
                         {"lost": 0, "pruned": 0, "redacted": 0})
        redacted = os.path.join(self.folder, "redacted")
        run("log", "export", CAPTURE, redacted, "--redact")
        self.assertGreater(self.audit(redacted)["coverage"]["content_removed"]["redacted"], 20)
        self.assertIn("content    not here: ", run("audit", redacted).stdout)

    def test_other_rules_are_compared_only_from_event_1_on(self):
        done = run("audit", CAPTURE, "--rules", "--reducer", "4")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("0 of 265 events decided otherwise", done.stdout)
        captured = self.cut(60)
        pruned = os.path.join(self.folder, "pruned")
        self.assertEqual(run("log", "import", captured, pruned).returncode, 0)
        for log in (captured, pruned):
            for form in ("text", "json"):
                done = run("audit", log, "--rules", "--format", form)
                self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
                self.assertIn("--rules compares from event 1 on, and events up to 59 are not in "
                              "this log", done.stderr)

    def test_a_table_without_csv_is_refused(self):
        done = run("audit", CAPTURE, "--table", "blocks")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("--format csv", done.stderr)


class Reader(Part):
    """tools/preconf_log.py, which shares no code with the program."""

    def verify(self, *arguments):
        reader = os.path.join(os.path.dirname(CAPTURE), "..", "..", "tools", "preconf_log.py")
        return subprocess.run([sys.executable, reader, "verify", *arguments], capture_output=True,
                              text=True, check=False, timeout=120)

    def test_signatures_without_event_1_need_the_domain_and_say_so(self):
        part = self.cut(10, 60)
        done = self.verify(part, "--signatures")
        self.assertEqual((done.returncode, done.stdout), (4, ""))
        self.assertIn("the signing domain is in the genesis (event 1), and this capture begins "
                      "after event 9; give it with --domain", done.stderr)
        self.assertEqual(self.verify(part).returncode, 0)
        domain = self.audit(CAPTURE)["log"]["signing_domain"]
        done = self.verify(part, "--signatures", "--domain", domain)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(json.loads(done.stdout)["signatures"], 0)
        other = "0x" + "77" * 32
        self.assertEqual(self.verify(part, "--signatures", "--domain", other).returncode, 4)
        for bad in ("0x12", "no hex", "0x" + "1" * 63):
            done = self.verify(part, "--signatures", "--domain", bad)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("--domain takes 32 bytes in hex", done.stderr)


class Evidence(Part):
    def export(self, log, code):
        self.bundle = os.path.join(self.folder, "bundle")
        done = run("evidence", "export", log, CONTRADICTION, "--out", self.bundle)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return self.claim()

    def claim(self):
        with open(os.path.join(self.bundle, "claim.json"), encoding="utf-8") as file:
            return json.load(file)

    def verify(self, code):
        ours = run("evidence", "verify", self.bundle)
        theirs = subprocess.run([sys.executable, os.path.join(self.bundle, "verify.py"),
                                 self.bundle], capture_output=True, text=True, check=False)
        self.assertEqual((ours.returncode, theirs.returncode), (code, code),
                         ours.stdout + theirs.stdout + theirs.stderr)
        return ours.stdout, theirs.stdout

    def seal(self, claim):
        with open(os.path.join(self.bundle, "claim.json"), "w", encoding="utf-8") as file:
            json.dump(claim, file)
        os.remove(os.path.join(self.bundle, "manifest.json"))
        lines = []
        for path, _, names in os.walk(self.bundle):
            for name in names:
                full = os.path.join(path, name)
                with open(full, "rb") as file:
                    digest = hashlib.sha256(file.read()).hexdigest()
                lines.append((os.path.relpath(full, self.bundle).encode(), digest))
        with open(os.path.join(self.bundle, "SHA256SUMS"), "wb") as file:
            for name, digest in sorted(lines):
                if name != b"SHA256SUMS":
                    file.write(digest.encode() + b"  " + name + b"\n")

    def test_a_contradiction_without_a_schedule_is_not_shown(self):
        claim = self.export(self.cut(10), code=3)
        self.assertEqual(claim["l1"]["schedule_facts"], [])
        for said in self.verify(3):
            self.assertIn("the schedule, which would give it this window, is not here", said)

    def test_without_event_1_nothing_is_shown(self):
        claim = self.export(self.cut(2), code=3)
        self.assertIn("the record of event 1: the rules and the signing domain", claim["missing"])
        for said in self.verify(3):
            self.assertIn("event 1 of the log, which has the signing domain, is not here", said)

    def readme(self):
        with open(os.path.join(self.bundle, "README.txt"), encoding="utf-8") as file:
            return file.read()

    def test_the_readme_says_that_event_1_is_not_here(self):
        words = ("Event 1 of the log (genesis: the rules and the signing domain) is NOT in this "
                 "bundle")
        self.export(CAPTURE, code=0)
        self.assertNotIn(words, self.readme())
        shutil.rmtree(self.bundle)
        self.export(self.cut(2), code=3)
        self.assertIn(words, self.readme())
        # Nobody signed a reorg: it is shown without event 1, which is said all the same.
        shutil.rmtree(self.bundle)
        part = self.cut(232)
        reorg = self.audit(part, "--reorgs")["findings"][0]["id"]
        done = run("evidence", "export", part, reorg, "--out", self.bundle)
        self.assertIn(done.returncode, (0, 3), done.stdout + done.stderr)
        self.assertIn(words, self.readme())

    def test_without_the_deployment_it_is_whole_but_not_shown(self):
        claim = self.export(self.cut(5), code=3)
        named = [one for one in claim["missing"] if "L1 deployment" in one]
        self.assertEqual(len(named), 1, claim["missing"])
        self.assertEqual(len(set(claim["missing"])), len(claim["missing"]))
        self.verify(3)

    def test_a_folder_that_leaves_the_schedule_out_shows_nothing(self):
        claim = self.export(CAPTURE, code=0)
        self.verify(0)
        claim["l1"]["schedule_facts"] = []
        claim["missing"] = []
        self.seal(claim)
        for said in self.verify(3):
            self.assertIn("the schedule, which would give it this window, is not here", said)

    def test_a_folder_that_leaves_event_1_out_shows_nothing(self):
        claim = self.export(CAPTURE, code=0)
        claim["records"] = [one for one in claim["records"] if one["seq"] != 1]
        claim["missing"] = []
        os.remove(os.path.join(self.bundle, "records", "1.bin"))
        self.seal(claim)
        self.verify(3)

    def test_a_finding_from_before_the_log_is_exported_and_names_its_record(self):
        claim = self.export(self.cut(230, 253), code=3)
        self.assertTrue(any("record of event 202" in one for one in claim["missing"]), claim)
        self.verify(3)

    def test_a_changed_manifest_is_named_by_both(self):
        self.export(CAPTURE, code=0)
        path = os.path.join(self.bundle, "manifest.json")
        with open(path, "r+b") as file:
            text = file.read().replace(b'"size":382', b'"size":383', 1)
            file.seek(0)
            file.write(text)
        sums = os.path.join(self.bundle, "SHA256SUMS")
        with open(sums, encoding="utf-8") as file:
            lines = [hashlib.sha256(text).hexdigest() + line[64:]
                     if line.endswith("  manifest.json\n") else line for line in file]
        with open(sums, "w", encoding="utf-8") as file:
            file.writelines(lines)
        for said in self.verify(4):
            self.assertIn("manifest.json: not the manifest of these files", said)


class Why(Part):
    def test_a_head_from_before_the_log_is_not_called_no_head(self):
        part = self.cut(231, 253)
        head = self.load("why", "head", part, "14")
        self.assertEqual(head["verdict"], "unknown")
        self.assertEqual(head["explanation"], f"unknown: block 14 was executed as {EXECUTED_AS} "
                         "before event 231, the first one that is here")
        executed = self.load("why", "not-executed", part, "14")
        self.assertEqual(executed["verdict"], "executed")
        self.assertTrue(executed["explanation"].startswith(
            "block 14 is executed: the head is 14; block 14 was executed as "), executed)

    def test_a_block_that_was_there_before_the_log_is_seen_to_leave(self):
        part = self.load("why", "reorg", self.cut(240), "14")
        whole = self.load("why", "reorg", CAPTURE, "14")
        for member in ("verdict", "explanation", "decided_at"):
            self.assertEqual(part[member], whole[member])

    def test_that_nothing_left_is_certain_only_of_a_whole_log(self):
        self.assertEqual(self.load("why", "reorg", CAPTURE, "13")["verdict"], "not_replaced")
        part = self.load("why", "reorg", self.cut(240), "13")
        self.assertEqual(part["verdict"], "unknown")
        self.assertIn("from event 240 to event 265", part["explanation"])

    def test_what_is_not_here_is_said_once(self):
        answer = self.load("why", "command", self.cut(240), "200:0")
        self.assertEqual(answer["explanation"], "unknown: events before 240 are not in this log")

    def test_a_condition_from_before_the_log_has_no_event(self):
        answer = self.load("why", "not-synced", self.cut(240))
        since = {one["name"]: one["since"] for one in answer["findings"]}
        self.assertEqual(since["head_known"], 0)


class Block(Part):
    def test_times_from_before_the_log_are_not_1970(self):
        part = self.cut(17)
        life = self.load("block", part, "1")
        self.assertEqual(life["milestones"]["tx_list"], {"seq": 16, "wall": None})
        self.assertEqual((life["steps"][0]["seq"], life["steps"][0]["wall"]), (16, None))
        self.assertLess(life["steps"][-1]["since_first_us"], 3_600_000_000)
        text = run("block", part, "1").stdout
        self.assertNotIn("1970", text)
        self.assertIn("before this log begins", text)

    def test_a_commitment_that_the_first_state_holds_is_listed(self):
        life = self.load("block", self.cut(230, 253), "14")
        self.assertEqual([one["received"]["seq"] for one in life["commitments"]], [202])
        self.assertEqual(life["commitments"][0]["on_l1"]["verdict"], "contradicted")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + sys.argv[4:], verbosity=1)
