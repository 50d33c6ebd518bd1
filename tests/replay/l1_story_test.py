"""The reading tools on a log whose node followed L1: a devnet whose last promise L1 did not keep.

usage: l1_story_test.py PRECONF CAPTURE

tests/golden/l1_broken_promise.pccap is what `preconf devnet` of reducer version 4 left (blocks 1
to 14, proposals 1 to 5): block 14 was promised with four transactions (event 202) and landed with
the anchor's alone, in proposal 5 of the L1 block of event 234; the node compared at event 253.
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PRECONF, CAPTURE = sys.argv[1:3]
PROMISE = "0x4bab23a0ce94fdf8bbb0f03b04400831a4abe23dc5b3904655024a302b40dcd9"
L1_BLOCK = "0x47f0d18338053daf5ed5e9cc1b2abd79a11f4d783a4d33d8267c198570105f6d"
ON_L1 = "0x0f487485"  # keccak256 of the derived list, as event 252 has it
COMMITMENT, LANDED, COMPARED = 202, 234, 253


def run(*arguments, code=0):
    done = subprocess.run([PRECONF, *arguments], capture_output=True, text=True, check=False,
                          timeout=120)
    assert done.returncode == code, (arguments, done.returncode, done.stdout[-3000:], done.stderr)
    return done.stdout


def load(*arguments, code=0):
    return json.loads(run(*arguments, "--json", code=code))


class Why(unittest.TestCase):
    def leads_to_l1(self, answer):
        """From the root to the L1 block, and to what differs, with both sides."""
        children = {}
        for edge in answer["edges"]:
            children.setdefault(edge["from"], []).append((edge["role"], edge["to"]))
        nodes = {node["id"]: node for node in answer["nodes"]}
        reached, todo, roles = set(), [0], []
        while todo:
            at = todo.pop()
            if at in reached:
                continue
            reached.add(at)
            roles += [role for role, _ in children.get(at, [])]
            todo += [to for _, to in children.get(at, [])]
        seqs = {nodes[at]["seq"] for at in reached}
        self.assertTrue({COMMITMENT, LANDED, COMPARED} <= seqs, seqs)
        self.assertTrue(any(role.startswith("proposal 5 in L1 block 11") for role in roles), roles)
        differs = [nodes[to]["summary"] for at in reached for role, to in children.get(at, [])
                   if role == "differs in transactions"]
        self.assertEqual(len(differs), 1, roles)
        self.assertRegex(differs[0], f"^promised 0x[0-9a-f]{{64}}, on L1 {ON_L1}")
        said = answer["on_l1"]
        self.assertEqual((said["verdict"], said["proposal"], said["l1_block"], said["seq"]),
                         ("contradicted", 5, L1_BLOCK, COMPARED))
        self.assertEqual([one["field"] for one in said["differences"]], ["transactions"])

    def test_rejected_leads_to_the_proposal_and_the_field_that_differs(self):
        answer = load("why", "rejected", CAPTURE, PROMISE)
        self.assertEqual(answer["verdict"], "stale")
        self.assertIn("L1: contradicted, proposal 5", answer["explanation"])
        self.leads_to_l1(answer)

    def test_rejected_at_the_comparison_itself(self):
        answer = load("why", "rejected", CAPTURE, PROMISE, "--at", str(COMPARED))
        self.assertEqual(answer["verdict"], "contradicted")
        self.leads_to_l1(answer)

    def test_not_executed_and_head_tell_the_broken_promise(self):
        for subject in ("not-executed", "head", "reorg"):
            with self.subTest(subject):
                answer = load("why", subject, CAPTURE, "14")
                self.assertIn("L1: contradicted, proposal 5", answer["explanation"])
                self.leads_to_l1(answer)

    def test_the_text_of_what_is_no_event_is_not_called_unknown(self):
        text = run("why", "rejected", CAPTURE, PROMISE)
        self.assertRegex(text, "differs in transactions: promised 0x")
        self.assertNotIn("unknown", text)

    def test_a_kept_promise_says_so(self):
        block = load("block", CAPTURE, "13")
        kept = block["commitments"][0]
        self.assertEqual((kept["on_l1"]["verdict"], kept["on_l1"]["proposal"]), ("honoured", 5))
        answer = load("why", "rejected", CAPTURE, kept["preconf_hash"])
        self.assertEqual(answer["on_l1"]["verdict"], "honoured")
        self.assertIsNone(load("why", "head", CAPTURE, "13")["on_l1"])

    def test_before_l1_says_anything_nothing_is_said(self):
        answer = load("why", "rejected", CAPTURE, PROMISE, "--at", "230")
        self.assertIsNone(answer["on_l1"])
        self.assertNotIn("L1:", answer["explanation"])

    def test_block_tells_both_sides(self):
        said = load("block", CAPTURE, "14")["commitments"][0]["on_l1"]
        self.assertEqual(said["verdict"], "contradicted")
        self.assertTrue(said["differences"][0]["on_l1"].startswith(ON_L1))
        self.assertIn("transactions: promised 0x", run("block", CAPTURE, "14"))

    def calls(self, number):
        found = load("block", CAPTURE, number)["calls"]
        for call in found:
            self.assertIsNotNone(call["answered"], call)
        return [call["name"] for call in found]

    def test_block_has_the_engine_calls_of_its_derivation(self):
        settled = ["set_head_l1_origin", "set_batch_last_block", "read_canonical", "lookup_batch"]
        built = self.calls("14")
        derived = built[built.index("read_golden_nonce"):]
        self.assertEqual(derived[:12], ["read_golden_nonce", "read_canonical",
                                        "start_derived_payload", "get_payload", "new_payload",
                                        "update_forkchoice", "read_canonical", "write_origin",
                                        *settled])
        self.assertIn("start_payload", built[:built.index("read_golden_nonce")])
        kept = self.calls("13")
        derived = kept[kept.index("read_golden_nonce"):]
        self.assertEqual(derived[:3], ["read_golden_nonce", "read_canonical", "write_origin"])
        self.assertNotIn("set_head_l1_origin", kept)
        text = run("block", CAPTURE, "14")
        self.assertRegex(text, "start_derived_payload +[0-9]+:[0-9]+ ")

    def test_commands_name_the_block_that_is_derived(self):
        rows = [json.loads(line) for line in run("commands", CAPTURE, "--json").splitlines()]
        numbers = {row["number"] for row in rows if row["name"] == "start_derived_payload"}
        self.assertEqual(numbers, {14})
        self.assertEqual({row["number"] for row in rows if row["name"] == "write_origin"},
                         set(range(1, 15)))

    def test_decisions_name_their_subject_in_full(self):
        said = [one for node in load("why", "head", CAPTURE, "14")["nodes"]
                for one in node["decisions"] if ", subject 0x" in one]
        self.assertTrue(said)
        for one in said:
            self.assertRegex(one, ", subject 0x[0-9a-f]{64}(:|$)")

    def test_operands_name_the_l1_block(self):
        self.assertIn(L1_BLOCK, run("log", "show", CAPTURE, str(COMPARED)))


class Text(unittest.TestCase):
    """What people read stands in columns, whatever the longest name is."""

    def test_kinds_of_log_verify_line_up(self):
        rows = [line for line in run("log", "verify", CAPTURE).splitlines()
                if line.startswith("  ")]
        self.assertGreater(len(rows), 10)
        self.assertEqual(len({len(row) for row in rows}), 1, rows)

    def test_kinds_of_log_ls_line_up(self):
        sources = set()
        for line in run("log", "ls", CAPTURE).splitlines():
            seq, stamp, kind, source = line.split()[:4]
            sources.add(line.index(f" {source} ", line.index(kind) + len(kind)))
        self.assertEqual(len(sources), 1)

    def test_calls_of_a_block_line_up(self):
        for number in ("13", "14"):
            text = run("block", CAPTURE, number)
            rows = text[text.index("engine calls\n"):text.index("\nsteps\n")].splitlines()[1:]
            self.assertGreater(len(rows), 8)
            self.assertEqual(len({row.index("Z  ") for row in rows}), 1, rows)
            self.assertEqual(len({re.search("(ms|s)  ", row).end() for row in rows}), 1, rows)

    def test_a_block_that_l1_replaced_says_so(self):
        life = load("block", CAPTURE, "14")
        replaced = life["milestones"]["replaced"]
        self.assertEqual(life["commitments"][0]["replaced"], replaced)
        text = run("block", CAPTURE, "14")
        self.assertIn(f"then replaced by another block (event {replaced['seq']})", text)
        self.assertNotIn("admitted, then admitted", text)
        self.assertIn(f"  replaced       event {replaced['seq']}  ", text)
        self.assertIn("replaced/derived_from_l1 0x", text)
        self.assertIsNone(load("block", CAPTURE, "13")["milestones"]["replaced"])

    def test_why_reorg_needs_no_number(self):
        newest = load("why", "reorg", CAPTURE)
        of_block = load("why", "reorg", CAPTURE, "14")
        self.assertEqual((newest["decided_at"], newest["verdict"]),
                         (of_block["decided_at"], of_block["verdict"]))
        self.assertIn("block 14 0x", newest["explanation"])


class Audit(unittest.TestCase):
    def test_the_words_name_the_source_of_the_landings(self):
        text = run("audit", CAPTURE, code=2)
        self.assertIn("13 honoured, 1 contradicted, 0 not landed, 0 unknown (from L1)", text)
        self.assertNotIn("from the engine's answers", text)

    def test_the_finding_names_proposal_and_difference(self):
        report = json.loads(run("audit", CAPTURE, "--format", "json", code=2))
        found = [one for one in report["findings"] if one["kind"] == "l1_contradiction"]
        self.assertEqual(len(found), 1)
        self.assertIn("proposal 5 in L1 block " + L1_BLOCK, found[0]["text"])
        self.assertIn("transactions: promised 0x", found[0]["text"])
        self.assertTrue({COMMITMENT, LANDED, COMPARED} <= set(found[0]["seqs"]))
        self.assertEqual(report["landing"]["from_l1"], 14)

    def test_the_same_log_gives_the_same_bytes(self):
        for form in ("json", "jsonl", "csv", "html"):
            one, two = (run("audit", CAPTURE, "--format", form, code=2) for _ in range(2))
            self.assertEqual(one, two, form)


class Evidence(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.bundle = os.path.join(self.folder.name, "evidence")
        findings = [json.loads(line) for line in
                    run("evidence", "ls", CAPTURE, "--json", code=2).splitlines()]
        self.id = next(one["id"] for one in findings if one["kind"] == "l1_contradiction")

    def export(self, log=CAPTURE, code=0):
        run("evidence", "export", log, self.id, "--out", self.bundle, code=code)
        with open(os.path.join(self.bundle, "claim.json"), encoding="utf-8") as file:
            return json.load(file)

    def verify(self, code=0):
        """Both verifiers; they must agree."""
        ours = load("evidence", "verify", self.bundle, code=code)
        theirs = subprocess.run([sys.executable, os.path.join(self.bundle, "verify.py"),
                                 self.bundle], capture_output=True, text=True, check=False)
        self.assertEqual(theirs.returncode, code, theirs.stdout + theirs.stderr)
        return ours, theirs.stdout

    def reseal(self, change):
        """Somebody changes a file and writes new digests."""
        change(self.bundle)
        lines = []
        paths = [os.path.relpath(os.path.join(at, name), self.bundle)
                 for at, _, names in os.walk(self.bundle) for name in names]
        sizes = {}
        for name in paths:
            if name in ("SHA256SUMS", "manifest.json"):
                continue
            with open(os.path.join(self.bundle, name), "rb") as file:
                data = file.read()
            sizes[name] = (hashlib.sha256(data).hexdigest(), len(data))
        manifest = "{\"files\":{" + ",".join(
            f"\n\"{name}\":{{\"sha256\":\"{digest}\",\"size\":{size}}}"
            for name, (digest, size) in sorted(sizes.items())) + "},\n\"format\":1}\n"
        with open(os.path.join(self.bundle, "manifest.json"), "w", encoding="utf-8") as file:
            file.write(manifest)
        sizes["manifest.json"] = (hashlib.sha256(manifest.encode()).hexdigest(), 0)
        for name, (digest, _) in sorted(sizes.items()):
            lines.append(f"{digest}  {name}\n")
        with open(os.path.join(self.bundle, "SHA256SUMS"), "w", encoding="utf-8") as file:
            file.writelines(lines)

    def edit_claim(self, edit):
        def change(bundle):
            path = os.path.join(bundle, "claim.json")
            with open(path, encoding="utf-8") as file:
                claim = json.load(file)
            edit(claim)
            with open(path, "w", encoding="utf-8") as file:
                json.dump(claim, file)
        self.reseal(change)

    def test_a_broken_promise_is_shown_from_the_proposal_and_its_blob(self):
        claim = self.export()
        kinds = {ref["kind"] for ref in claim["records"]}
        self.assertTrue({"l1_deployment_recorded", "l1_block_observed", "blob_received",
                         "commitment_received"} <= kinds, kinds)
        self.assertTrue(claim["l1"]["schedule_facts"])
        ours, theirs = self.verify()
        self.assertEqual(ours["verdict"], "shown")
        self.assertIn("transactions_without_anchor", ours["predicate"])
        self.assertIn("transactions_without_anchor", theirs)
        said = " ".join(ours["not_shown"])
        for what in ("KZG", "L1 endpoint stands for it"):
            self.assertIn(what, said)
        self.assertNotIn("configured", said)
        with open(os.path.join(self.bundle, "README.txt"), encoding="utf-8") as file:
            text = file.read()
        self.assertNotIn("configured with", text)
        self.assertIn("follows from what the\nnode read from L1", text)
        for name in claim["missing"]:
            self.assertNotIn("configured", name)
            self.assertNotIn("a schedule that covers", name)

    def test_ids_are_full_in_json_and_short_in_text_and_export_takes_both(self):
        report = json.loads(run("audit", CAPTURE, "--format", "json", code=2))
        listed = [json.loads(line) for line in
                  run("evidence", "ls", CAPTURE, "--json", code=2).splitlines()]
        self.assertEqual([one["id"] for one in listed], [one["id"] for one in report["findings"]])
        self.assertEqual(self.id, "l1_contradiction:" + PROMISE)
        short = hashlib.sha256(self.id.encode()).hexdigest()[:12]
        self.assertIn(short + "  fault  l1_contradiction", run("evidence", "ls", CAPTURE, code=2))
        self.export()
        run("evidence", "export", CAPTURE, short, "--out", self.bundle + "-short")
        self.assertEqual(load("evidence", "verify", self.bundle),
                         load("evidence", "verify", self.bundle + "-short"))

    def test_no_file_comes_into_the_bundle_when_it_is_verified(self):
        self.export()
        before = sorted(os.listdir(self.bundle))
        self.verify()
        self.verify()
        self.assertEqual(sorted(os.listdir(self.bundle)), before)

    def test_without_its_blobs_the_record_of_the_sources_stands_for_them(self):
        self.export()
        self.edit_claim(lambda claim: claim["l1"]["landing"].update(blobs=[]))
        ours, _ = self.verify()
        self.assertIn("that the proposal's blobs say so: they are not here", ours["not_shown"])

    def test_another_block_of_the_source_shows_nothing(self):
        self.export()
        self.edit_claim(lambda claim: claim["l1"]["landing"].update(block=0))
        done = subprocess.run([PRECONF, "evidence", "verify", self.bundle, "--json"],
                              capture_output=True, text=True, check=False)
        theirs = subprocess.run([sys.executable, os.path.join(self.bundle, "verify.py"),
                                 self.bundle], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, theirs.returncode, done.stdout + theirs.stdout)

    def test_claims_about_other_records_are_refused_by_both(self):
        whole = self.bundle
        self.export()
        edits = {
            "another proposal": lambda l1: l1["landing"].update(proposal=4),
            "no L1 block": lambda l1: l1["landing"].update(l1_block=COMMITMENT),
            "a source too far": lambda l1: l1["landing"].update(source=1),
            "no deployment": lambda l1: l1.update(deployment=None),
            "no L1 block of the schedule": lambda l1: l1.update(schedule_facts=[COMMITMENT]),
        }
        for name, edit in edits.items():
            with self.subTest(name):
                self.bundle = os.path.join(self.folder.name, name.replace(" ", "_"))
                shutil.copytree(whole, self.bundle)
                self.edit_claim(lambda claim, edit=edit: edit(claim["l1"]))
                codes = []
                for command in ([PRECONF, "evidence", "verify"],
                                [sys.executable, os.path.join(self.bundle, "verify.py")]):
                    codes.append(subprocess.run([*command, self.bundle], capture_output=True,
                                                check=False).returncode)
                self.assertEqual(codes[0], codes[1], name)
                self.assertIn(codes[0], (3, 4), name)

    def test_a_capture_without_content_shows_it_by_the_nodes_word(self):
        redacted = os.path.join(self.folder.name, "redacted.pccap")
        run("log", "export", CAPTURE, redacted, "--redact")
        done = subprocess.run([PRECONF, "evidence", "export", redacted, self.id, "--out",
                               self.bundle], capture_output=True, text=True, check=False)
        self.assertIn(done.returncode, (0, 3), done.stderr)
        self.verify(code=done.returncode)


class WhatIf(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def whatif(self, *arguments, code):
        done = subprocess.run([PRECONF, "whatif", CAPTURE, "--json", *arguments],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout[-2000:] + done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else done.stderr

    def test_an_inserted_l1_block_is_folded(self):
        block = {"after": 230, "l1_block": {"facts": [{"proposed": {
            "id": 5, "proposer": "0x" + "99" * 20,
            "sources": [{"blob_hashes": ["0x01" + "ab" * 31]}]}}]}}
        report = self.whatif("--insert", self.file("in.jsonl", json.dumps(block) + "\n"), code=3)
        self.assertEqual(report["inserted"], 1)
        self.assertTrue(any("proposal_observed" in line for line in report["first"]["changed"]),
                        report["first"])

    def test_a_block_whose_list_never_came_comes_from_l1_as_it_would_have(self):
        lists = [json.loads(line)["seq"] for line in
                 run("log", "ls", CAPTURE, "--kind", "txlist_received", "--json").splitlines()]
        report = self.whatif("--drop", f"event.seq == {lists[6]}", code=3)  # of block 7
        self.assertIn("model from there on", report["statement"])
        self.assertIn("L1 answers a question as it did in history", report["statement"])
        self.assertEqual((report["l1_answers"], report["l1_unanswered"]), (15, 0))
        # Blocks 7 to 9 are those of its proposal, what is built on them is preconfirmed again.
        self.assertEqual(report["decisions"]["derived_built"], {"recorded": 1, "changed": 4})
        self.assertEqual(report["decisions"]["applied"], {"recorded": 14, "changed": 11})
        self.assertEqual(report["changed_head"]["hash"], report["recorded_head"]["hash"])

    def test_a_tag_that_stays_behind_is_folded(self):
        tags = {"after": 230, "l1_tags": {"is_live": False}}
        report = self.whatif("--insert", self.file("in.jsonl", json.dumps(tags) + "\n"), code=3)
        self.assertTrue(any("gate_closed" in line for line in report["first"]["changed"]), report)

    def test_what_the_operator_says_of_l1_is_refused_where_l1_decides(self):
        line = {"after": 230, "l1": {"scanner_live": True, "target_proposal": 9}}
        said = self.whatif("--insert", self.file("in.jsonl", json.dumps(line) + "\n"), code=1)
        self.assertIn("this log follows L1, which decides", said)

    def test_a_schedule_is_refused_unless_it_overrides_l1(self):
        table = ("[schedule]\nversion = 9\nwindows = [ { start = 1, end = 4000000000, committer = "
                 "\"0x0909090909090909090909090909090909090909\" } ]\n")
        said = self.whatif("--config", self.file("a.toml", table), code=1)
        self.assertIn("L1 decides who may sign in this log; override_l1 = true", said)
        report = self.whatif("--config", self.file("b.toml", table + "override_l1 = true\n"),
                             code=3)
        refused = {name: counts["changed"] for name, counts in report["decisions"].items()
                   if name.startswith("rejected/")}
        self.assertGreater(sum(refused.values()), 0, report["decisions"])
        self.assertEqual(report["decisions"]["schedule_accepted"]["changed"], 1)
        self.assertEqual(report["decisions"]["schedule_derived"]["changed"], 0)
        # From the middle on, the state has the table.
        late = self.whatif("--config", self.file("c.toml", table + "override_l1 = true\n"),
                           "--from", "150", code=3)
        self.assertGreater(late["rewritten"], 0)

    def test_without_blobs_the_recorded_answers_about_them_are_named(self):
        report = self.whatif("--drop", 'event.kind == "blob_received"', code=0)
        self.assertGreater(report["dropped"], 0)
        self.assertIn("were made from the blobs that are dropped", report["statement"])
        other = self.whatif("--drop", 'event.kind == "shutdown_requested"', code=3)
        self.assertNotIn("blobs", other["statement"])

    def test_a_bad_fact_is_named(self):
        for fact, name in (({"lookahead": {}}, "epoch"), ({"other": {}}, "facts"),
                           ({"proposed": {"id": "x"}}, "id")):
            line = json.dumps({"after": 230, "l1_block": {"facts": [fact]}})
            said = self.whatif("--insert", self.file("in.jsonl", line + "\n"), code=1)
            self.assertIn("l1_block: " + name, said)


class Keeping(unittest.TestCase):
    """What a copy or a shortened log must still be able to show."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="preconf-keeping-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def test_a_capture_brings_the_blobs_that_its_first_answers_were_made_from(self):
        # Event 245 says what the blob of event 244 means.
        run("log", "export", CAPTURE, self.path("c"), "--from", "245")
        self.assertEqual(load("log", "verify", self.path("c"))["missing_total"], 0)
        run("replay", self.path("c"), "--verify")
        reader = os.path.join(os.path.dirname(CAPTURE), "..", "..", "tools", "preconf_log.py")
        subprocess.run([sys.executable, reader, "verify", self.path("c")], check=True,
                       capture_output=True, timeout=120)
        run("log", "import", self.path("c"), self.path("d"))
        run("replay", self.path("d"), "--verify")
        run("log", "export", CAPTURE, self.path("r"), "--from", "245", "--redact")
        run("replay", self.path("r"), "--verify")

    def test_the_time_of_an_imported_redaction_is_unknown_and_not_1970(self):
        run("log", "export", CAPTURE, self.path("r"), "--redact")
        run("log", "import", self.path("r"), self.path("d"))
        removed = load("log", "verify", self.path("d"))["coverage"]["removed_list"]
        self.assertGreater(len(removed), 0)
        self.assertEqual({(one["cause"], one["removed_at"]) for one in removed},
                         {("redacted", None)})
        for log in (self.path("r"), self.path("d")):
            shown = load("log", "show", log, "16")["contents"]
            self.assertEqual([(one["status"], one["removed_at"]) for one in shown],
                             [("redacted", None)])
            text = run("log", "show", log, "16") + run("log", "verify", log)
            self.assertIn("bytes  redacted at an unknown time: \"", text)
            self.assertNotIn("1970", text)
        self.assertIn("bytes, time unknown: \"", run("log", "verify", self.path("d")))

    def test_young_evidence_keeps_the_blob_and_both_payloads(self):
        run("log", "import", CAPTURE, self.path("d"))
        listed = run("evidence", "ls", CAPTURE, "--json", code=2).splitlines()
        evidence = json.loads(listed[0])["id"]  # the contradiction
        run("evidence", "export", self.path("d"), evidence, "--out", self.path("before"))
        pruned = load("log", "prune", self.path("d"), "--contents-older-than", "0s",
                      "--keep-events", "1", "--apply")
        self.assertGreater(pruned["contents"], 0)
        run("evidence", "export", self.path("d"), evidence, "--out", self.path("after"))
        for name in ("before", "after"):
            run("evidence", "verify", self.path(name))
        self.assertEqual(self.claim("before")["missing"], self.claim("after")["missing"])

    def claim(self, name):
        with open(os.path.join(self.path(name), "claim.json"), encoding="utf-8") as file:
            return json.load(file)

    def test_a_capture_is_nothing_to_prune_and_other_files_are_no_capture(self):
        for extra in ([], ["--apply"]):
            run("log", "prune", CAPTURE, *extra, code=1)
        for other in (PRECONF, self.folder, os.devnull):
            run("log", "import", other, self.path("d"), code=1)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + sys.argv[3:], verbosity=1)
