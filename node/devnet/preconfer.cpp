#include "node/devnet/preconfer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.hpp"
#include "core/codec/ssz.hpp"
#include "core/crypto/hash.hpp"
#include "io/json/json_writer.hpp"

namespace preconf::node::devnet {
namespace {

using core::U256;
using core::Unexpected;
using core::UnixSeconds;
using Produced = core::Result<std::shared_ptr<const PublishedBlock>, std::string>;

constexpr std::size_t kUsers = 4;
/// Of the made-up L1.
constexpr std::uint64_t kL1SlotSeconds = 12;
constexpr std::uint64_t kFirstAnchor = 1'000;

UnixSeconds system_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  return UnixSeconds{static_cast<std::uint64_t>(seconds)};
}

std::string publish_request(const core::codec::SignedCommitmentSsz& commitment,
                            const MadeBlock& made) {
  io::JsonWriter out(2 * (core::protocol::kSignedCommitmentBytes + made.tx_list.size()) + 256);
  out.begin_object().key("jsonrpc").text("2.0").key("id").number(made.block->number());
  out.key("method").text("preconf_publishBlock").key("params").begin_array().begin_object();
  out.key("commitment").data(commitment.view());
  out.key("txListHash").data(made.tx_list_hash.view());
  out.key("txList").data(made.tx_list);
  out.end_object().end_array().end_object();
  return out.take();
}

}  // namespace

core::Result<std::unique_ptr<Preconfer>, std::string> Preconfer::create(io::EventLoop& loop,
                                                                        EngineChain& chain,
                                                                        PreconferOptions options) {
  const auto address = core::crypto::address_of(options.key);
  if (!address) return Unexpected<std::string>{"the preconfer's key is not valid"};
  auto guard = SignGuard::open(options.sign_guard_file);
  if (!guard) return Unexpected<std::string>{guard.error()};
  std::vector<SimWallet> users;
  for (std::size_t i = 0; i < kUsers; ++i) {
    auto user = SimWallet::create(chain.profile().chain_id, fmt::format("preconf user {}", i));
    if (!user) return Unexpected<std::string>{"a user's key is not valid"};
    users.push_back(*user);
  }
  if (!options.now) options.now = system_now;
  return std::unique_ptr<Preconfer>(new Preconfer(loop, chain, std::move(options),
                                                  std::move(*guard), *address, std::move(users)));
}

Preconfer::Preconfer(io::EventLoop& loop, EngineChain& chain, PreconferOptions options,
                     SignGuard guard, const core::Address& address, std::vector<SimWallet> users)
    : loop_(loop),
      chain_(chain),
      options_(std::move(options)),
      guard_(std::move(guard)),
      address_(address),
      users_(std::move(users)) {}

Preconfer::~Preconfer() { stop(); }

void Preconfer::start() {
  stop();
  next_tick_ = std::chrono::steady_clock::now();
  timer_ = loop_.arm(std::chrono::nanoseconds(0), [this] { tick(); });
}

void Preconfer::stop() { loop_.cancel(timer_); }

void Preconfer::tick() {
  // The next tick is set first: a callback may stop the preconfer.
  next_tick_ += options_.block_time;
  const auto wait = next_tick_ - std::chrono::steady_clock::now();
  timer_ = loop_.arm(std::max(std::chrono::nanoseconds(wait), std::chrono::nanoseconds(0)),
                     [this] { tick(); });
  auto produced = produce();
  if (produced && on_block_) on_block_(*produced);
  if (!produced && on_failure_) on_failure_(produced.error());
}

core::Result<Preconfer::Slot, std::string> Preconfer::next_slot() const {
  const std::uint64_t parent = chain_.head().header.timestamp;
  std::uint64_t timestamp = std::max(options_.now().value, parent + 1);
  if (timestamp <= closed_window_.value) timestamp = closed_window_.value + 1;
  const auto index = core::protocol::find_window(options_.schedule, UnixSeconds{timestamp});
  if (!index) return Unexpected<std::string>{fmt::format("no window covers {}", timestamp)};
  const core::protocol::Window& window = options_.schedule.windows[*index];
  if (window.committer != address_) return Unexpected<std::string>{"the window is another's"};
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.block_time).count();
  Slot slot;
  slot.timestamp = UnixSeconds{timestamp};
  slot.window_end = window.end;
  slot.eop = timestamp + static_cast<std::uint64_t>(seconds) > window.end.value;
  return slot;
}

MakeInputs Preconfer::inputs_for(const Slot& slot) {
  if (chain_.head().number() == 0) first_timestamp_ = slot.timestamp;
  MakeInputs inputs;
  inputs.timestamp = slot.timestamp;
  inputs.coinbase = address_;
  const std::uint64_t age = core::distance(first_timestamp_, slot.timestamp);
  inputs.anchor =
      options_.anchor
          ? options_.anchor(slot.timestamp)
          : simulated_l1_block(core::L1BlockNumber{kFirstAnchor + age / kL1SlotSeconds});
  inputs.proposal = options_.proposal ? options_.proposal() : core::ProposalId{1};
  const std::uint64_t max_fee = 2 * next_base_fee(chain_) + 1'000'000;
  const std::uint64_t number = chain_.head().number() + 1;
  for (std::size_t i = 0; i < options_.transfers_per_block; ++i) {
    SimWallet& from = users_[(number + i) % users_.size()];
    const SimWallet& to = users_[(number + i + 1) % users_.size()];
    inputs.user_transactions.push_back(
        from.transfer(to.address(), 1'000'000'000 * (i + 1) + number, max_fee, 1'000'000));
  }
  return inputs;
}

Produced Preconfer::produce() {
  const auto slot = next_slot();
  if (!slot) return Unexpected<std::string>{slot.error()};
  const MakeInputs inputs = inputs_for(*slot);
  // Execute first, then sign: what can not be executed is never promised.
  const auto made = make_block(chain_, inputs);
  if (!made) return Unexpected<std::string>{made.error()};
  auto block = sign(*made, inputs, *slot);
  if (!block) {
    // Nobody was promised this block: the next one starts from its parent again.
    chain_.step_back();
  }
  return block;
}

core::Result<core::Ok, std::string> Preconfer::replace_head(const MakeInputs& inputs) {
  if (chain_.head().number() == 0) return Unexpected<std::string>{"genesis is not replaced"};
  chain_.step_back();
  const auto made = make_block(chain_, inputs);
  if (!made) return Unexpected<std::string>{made.error()};
  // Nobody signed this block: the next commitment links to none.
  parent_preconf_hash_ = {};
  return core::Ok{};
}

Produced Preconfer::sign(const MadeBlock& made, const MakeInputs& inputs, const Slot& slot) {
  const core::codec::Header& header = made.block->header;
  core::protocol::SignedCommitment commitment;
  core::protocol::Preconfirmation& preconf = commitment.preconf;
  preconf.eop = slot.eop;
  preconf.block_number = U256::from_u64(header.number);
  preconf.timestamp = U256::from_u64(header.timestamp);
  preconf.gas_limit = U256::from_u64(header.gas_limit);
  preconf.coinbase = header.beneficiary;
  preconf.anchor_block_number = U256::from_u64(inputs.anchor.block_number.value);
  preconf.raw_tx_list_hash = made.tx_list_hash;
  preconf.parent_preconfirmation_hash = parent_preconf_hash_;
  preconf.submission_window_end = U256::from_u64(slot.window_end.value);
  preconf.proposal_id = U256::from_u64(inputs.proposal.value);
  commitment.slasher_address = options_.network.slasher_address;

  const core::Hash32 content =
      core::crypto::keccak256(core::codec::encode_preconf_commitment(commitment).view());
  const SignPermit permit =
      guard_.permit(slot.window_end, core::BlockNumber{header.number}, content);
  if (permit == SignPermit::kConflict || permit == SignPermit::kStorage) {
    return Unexpected<std::string>{fmt::format("block {} is not signed: {}", header.number,
                                               permit == SignPermit::kConflict
                                                   ? "another one was signed at this height"
                                                   : "the sign-once file can not be written")};
  }
  const auto signature = core::crypto::sign(
      core::protocol::signing_hash(commitment, options_.network.preconf_domain), options_.key);
  PRECONF_ASSERT(signature.has_value());  // create() checked the key
  commitment.signature = *signature;

  const auto bytes = core::codec::encode_signed_commitment(commitment);
  const auto facts =
      core::protocol::verify_commitment(bytes.view(), options_.network.preconf_domain);
  PRECONF_ASSERT(facts.defect == core::protocol::CommitmentDefect::kNone &&
                 facts.signer == address_);
  parent_preconf_hash_ = facts.preconf_hash;
  if (slot.eop) closed_window_ = slot.window_end;

  auto block = std::make_shared<PublishedBlock>();
  block->number = facts.block_number;
  block->hash = made.block->hash;
  block->timestamp = facts.timestamp;
  block->transactions = made.block->transactions.size();
  block->eop = slot.eop;
  block->commitment_hash = facts.commitment_hash;
  block->tx_list_hash = made.tx_list_hash;
  block->window_end = slot.window_end;
  block->commitment.assign(bytes.bytes.begin(), bytes.bytes.end());
  block->tx_list = std::make_shared<const core::Bytes>(made.tx_list);
  block->request = publish_request(bytes, made);
  return Produced(std::shared_ptr<const PublishedBlock>(std::move(block)));
}

}  // namespace preconf::node::devnet
