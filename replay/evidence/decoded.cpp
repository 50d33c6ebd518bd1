#include "replay/evidence/decoded.hpp"

#include "core/codec/ssz.hpp"
#include "core/protocol/commitment.hpp"
#include "replay/audit/canonical_json.hpp"

namespace preconf::replay::evidence {
namespace {

struct Decoded {
  core::protocol::SignedCommitment commitment;
  core::Hash32 signing_domain;
  core::Hash32 signing_digest;
  core::Hash32 preconf_hash;
  core::Hash32 content_hash;
  core::Hash32 commitment_hash;
  core::Address signer;
  std::string defect;
  PRECONF_FIELDS(Decoded, commitment, signing_domain, signing_digest, preconf_hash, content_hash,
                 commitment_hash, signer, defect);
};

}  // namespace

std::string decoded_json(core::BytesView raw, const core::Hash32& domain) {
  const auto facts = core::protocol::verify_commitment(raw, domain);
  Decoded decoded;
  decoded.defect = core::protocol::name_of(facts.defect);
  if (const auto commitment = core::codec::decode_signed_commitment(raw)) {
    decoded.commitment = *commitment;
    decoded.signing_digest = core::protocol::signing_hash(*commitment, domain);
  }
  decoded.signing_domain = domain;
  decoded.preconf_hash = facts.preconf_hash;
  decoded.content_hash = facts.content_hash;
  decoded.commitment_hash = facts.commitment_hash;
  decoded.signer = facts.signer;
  return audit::canonical_json(decoded) + "\n";
}

}  // namespace preconf::replay::evidence
