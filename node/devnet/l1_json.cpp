#include "node/devnet/l1_json.hpp"

#include "node/devnet/header_json.hpp"

namespace preconf::node::devnet {
namespace {

constexpr std::uint64_t kBlockBytes = 1'024;  ///< "size" of a block: nobody measures it

void write_l1_header(io::JsonWriter& out, const L1Block& block) {
  const core::codec::Header& header = block.header;
  write_header(out, header, block.hash);
  out.key("withdrawalsRoot").data(header.withdrawals_root.value_or(core::Hash32{}).view());
  out.key("blobGasUsed").quantity(header.blob_gas_used.value_or(0));
  out.key("excessBlobGas").quantity(header.excess_blob_gas.value_or(0));
  out.key("parentBeaconBlockRoot")
      .data(header.parent_beacon_block_root.value_or(core::Hash32{}).view());
  out.key("requestsHash").data(header.requests_hash.value_or(core::Hash32{}).view());
}

}  // namespace

std::string l1_header_json(const L1Block& block) {
  io::JsonWriter out(2'048);
  out.begin_object();
  write_l1_header(out, block);
  out.end_object();
  return out.take();
}

std::string l1_block_json(const L1Block& block) {
  io::JsonWriter out(2'048 + 70 * block.transactions.size());
  out.begin_object();
  write_l1_header(out, block);
  out.key("size").quantity(kBlockBytes);
  out.key("uncles").begin_array().end_array();
  out.key("withdrawals").begin_array().end_array();
  out.key("transactions").begin_array();
  for (const L1Transaction& transaction : block.transactions) out.data(transaction.hash().view());
  out.end_array().end_object();
  return out.take();
}

void write_l1_log(io::JsonWriter& out, const L1Block& block, std::size_t index) {
  const L1Log& log = block.logs[index];
  const std::size_t transaction = block.log_transaction[index];
  out.begin_object();
  out.key("address").data(log.address.view());
  out.key("topics").begin_array();
  for (const core::Hash32& topic : log.log.topics) out.data(topic.view());
  out.end_array();
  out.key("data").data(log.log.data);
  out.key("blockNumber").quantity(block.header.number);
  out.key("blockHash").data(block.hash.view());
  out.key("blockTimestamp").quantity(block.header.timestamp);
  out.key("transactionHash").data(block.transactions[transaction].hash().view());
  out.key("transactionIndex").quantity(transaction);
  out.key("logIndex").quantity(index);
  out.key("removed").boolean(false);
  out.end_object();
}

}  // namespace preconf::node::devnet
