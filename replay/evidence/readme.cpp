#include "replay/evidence/readme.hpp"

#include <algorithm>

#include "replay/leaf.hpp"

namespace preconf::replay::evidence {
namespace {

std::string quoted(const std::string& text) {
  std::string out;
  append_quoted(out, text);
  return out.substr(1, out.size() - 2);
}

constexpr const char* kHowTo = R"(
HOW TO CHECK IT

1. That no file was changed since the bundle was made (compare the last line with what the maker
   published):
       sha256sum -c SHA256SUMS && sha256sum SHA256SUMS
2. Everything else, with Python 3 and no package: hashes, signatures (keccak256, secp256k1), the
   chain of the log, the schedule, and the definition of the finding. verify*.py are short
   files; read them, or use your own copies:
       python3 verify.py .
3. With the program, which shares no code with verify.py:
       preconf evidence verify .
4. By hand: commitments/*.bin are the 382 signed bytes (SSZ SignedCommitment: 297 bytes
   Preconfirmation, 20 bytes slasher, 65 bytes r|s|v with v = 0 or 1). The signed digest is
   keccak256(signing domain || the first 317 bytes):
       cast keccak 0x<domain in hex><first 317 bytes in hex>
       ecrecover of that digest with v + 27 gives the signer.

FILES

claim.json      what is claimed, and which file shows it. Nothing in it needs to be believed
commitments/    signed bytes, and the same decoded
records/        the events as the log stores them (docs/log_format.md of the project, section 3)
chain/*.stubs   per record: 64 bytes header, its content references (36 each, count in the header's
                last byte), SHA-256 of its payload. chain = SHA-256("preconf/log/1" + 3 zeros ||
                header || references || payload hash || chain before). From prev_chain in claim.json
                they lead to the chain hash at the end of the path
content/        transaction lists, payloads and blobs; the file name is their keccak256
manifest.json, SHA256SUMS   sizes and digests of all files

WHAT IT RESTS ON

First-seen times are those of one node, as exact as its clock. A chain hash proves that the log was
not changed after that hash became known to somebody else; before that, its owner could have written
anything but the signatures. That something is not in this log does not prove that it was not
published. )";

std::string schedule_text(const Claim& claim) {
  if (claim.schedule) return "The schedule is what the node was configured with.\n";
  if (claim.l1 && !claim.l1->schedule_facts.empty()) {
    return "The schedule follows from what the\nnode read from L1 (the L1 blocks among the "
           "records); its L1 endpoint stands for that.\n";
  }
  return "No schedule is in this bundle.\n";
}

/// Whoever checks by hand takes the signing domain from there.
std::string genesis_text(const Claim& claim) {
  const bool is_here = std::ranges::any_of(
      claim.records, [](const RecordRef& record) { return record.seq == core::Seq{1}; });
  if (is_here) return {};
  return R"(
Event 1 of the log (genesis: the rules and the signing domain) is NOT in this bundle. What is said
of both here is taken from a snapshot, which no chain hash covers. So nothing that rests on a
signature is shown: the record of event 1 has to come from a log that begins with it.
)";
}

std::string landing_text(const Claim& claim) {
  if (!claim.l1 || !claim.l1->landing) return {};
  const L1Landing& landing = *claim.l1->landing;
  std::string out = "\nWhat landed is block " + std::to_string(landing.block) + " of source " +
                    std::to_string(landing.source) + " of proposal " +
                    std::to_string(landing.proposal.value) + ": records/" +
                    std::to_string(landing.l1_block.value) + ".bin is the L1 block\n";
  return landing.blobs.empty()
             ? out + "with its Proposed log. Its blobs are not here.\n"
             : out +
                   "with its Proposed log, and the blobs that it names are in content/. Both "
                   "verifiers decode them again.\n";
}

}  // namespace

std::string readme_of(const Claim& claim) {
  std::string out = "EVIDENCE: " + std::string(audit::name_of(claim.finding.kind)) + "\n\n";
  out += quoted(claim.finding.text) + "\n\n";
  out += "id           " + quoted(claim.finding.id) + "\n";
  out += "verdict      " + std::string(audit::name_of(claim.finding.verdict)) + " (class " +
         audit::name_of(claim.finding.fault_class) + ", taxonomy " + quoted(claim.taxonomy) + ")\n";
  if (claim.finding.signer) out += "signer       " + leaf_text(*claim.finding.signer) + "\n";
  out += "log          " + leaf_text(claim.log.id) + "\n";
  out += "head of log  " + leaf_text(claim.log.chain) + " at event " +
         std::to_string(claim.log.last.value) + "\n";
  out += genesis_text(claim);
  out += "\nCHAIN INCLUSION\n\n";
  for (const PathRef& path : claim.paths) {
    out += "events " + std::to_string(path.from.value) + " to " + std::to_string(path.to.value) +
           " (" + std::to_string(path.records) + " records), anchor: " + path.anchor;
    if (path.anchor == "none") {
      out += "; no position that others may know is near enough";
    }
    if (path.seqs_to_log_end > 0) {
      out += "; " + std::to_string(path.seqs_to_log_end) +
             " events before the end of the log, not in this bundle";
    }
    out += "\n";
  }
  out += "\nSTILL MISSING\n\n";
  for (const std::string& name : claim.missing) out += "- " + quoted(name) + "\n";
  if (claim.missing.empty()) out += "nothing\n";
  out += "\nON CHAIN\n\ncalldata for slashing: none, " + claim.on_chain.why_none + "\n";
  for (const OnChainCall& call : claim.on_chain.questions) {
    out += quoted(call.what) + " (" + call.layer + "):\n    cast call --rpc-url $" + call.layer +
           "_RPC " + leaf_text(call.to) + " --data " + leaf_text(call.data) + "\n";
  }
  return out + kHowTo + schedule_text(claim) + landing_text(claim);
}

}  // namespace preconf::replay::evidence
