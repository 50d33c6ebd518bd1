"""The payloads of every kind: schemas/*.fbs as tables of (name, field id, reader)."""
from .flatbuffers import (ADDRESS, HASH, I32, U8, U16, U32, U64, boolean, data, fixed, holding,
                          named, optional, quantity, regrouped, structure, structures, table,
                          tables, text, union)

BLOCK_REF = structure(40, number=(0, U64), hash=(8, HASH))
COMMAND_ID = structure(16, cause=(0, U64), ordinal=(8, U32))
CONTENT_REF = structure(36, hash=(0, HASH), size_bytes=(32, U32))
WINDOW = structure(40, start=(0, U64), end=(8, U64), committer=(16, ADDRESS))
CONDUCT = structure(16, conduct=(8, named("served", "gossip_undecodable", "gossip_invalid",
                                           "gossip_mismatch", "gossip_unwanted",
                                           "request_malformed", "request_too_many",
                                           "rule_broken")), count=(0, U64))
LANES = ("control", "engine", "timer", "commitment", "txlist", "l1", "maintenance", "peer")
SOURCES = ("local", "rpc", "gossip", "response", "engine", "timer", "l1")
STATUS = named("valid", "invalid", "syncing", "accepted")
HEADER_FACTS = table(
    ("number", 0, U64), ("hash", 1, HASH), ("parent_hash", 2, HASH), ("timestamp", 3, U64),
    ("beneficiary", 4, ADDRESS), ("mix_hash", 5, HASH), ("difficulty", 6, quantity),
    ("gas_limit", 7, U64), ("gas_used", 8, U64), ("base_fee_wei", 9, U64), ("extra_data", 10, data))
ORIGIN = table(
    ("block_number", 0, U64), ("l2_block_hash", 1, HASH), ("l1_block_height", 2, U64),
    ("l1_block_hash", 3, HASH), ("build_payload_args_id", 4, fixed(8)),
    ("is_forced_inclusion", 5, boolean))
CANONICAL_BLOCK = table(
    ("header", 0, HEADER_FACTS), ("origin", 1, optional(ORIGIN)),
    ("first_tx_hash", 2, optional(HASH)), ("ommers", 3, U32), ("withdrawals", 4, U32),
    ("blob_gas_used", 5, optional(U64)), ("excess_blob_gas", 6, optional(U64)),
    ("parent_beacon_block_root", 7, optional(HASH)), ("requests_hash", 8, optional(HASH)))
RESULT = union(
    ("heads_read", table(
        ("chain_id", 0, U64), ("latest", 1, optional(HEADER_FACTS)),
        ("safe", 2, optional(BLOCK_REF)), ("finalized", 3, optional(BLOCK_REF)),
        ("head_l1_origin", 4, optional(U64)))),
    ("block_read", table(
        ("number", 0, U64), ("block", 1, optional(HEADER_FACTS)), ("origin", 2, optional(ORIGIN)),
        ("head_l1_origin", 3, optional(U64)))),
    ("forkchoice_answered", table(
        ("status", 0, STATUS), ("latest_valid_hash", 1, optional(HASH)),
        ("payload_id", 2, optional(fixed(8))), ("validation_error", 3, text))),
    ("payload_taken", table(
        ("header", 0, HEADER_FACTS), ("payload", 1, CONTENT_REF), ("transactions", 2, U32))),
    ("payload_judged", table(
        ("status", 0, STATUS), ("latest_valid_hash", 1, optional(HASH)),
        ("validation_error", 2, text))),
    ("engine_failed", table(
        ("kind", 0, named("timeout", "connect", "connection_lost", "unauthorized", "http_status",
                          "too_large", "malformed", "rpc_error", "content_missing",
                          "not_executed")),
        ("certainty", 1, named("answered", "not_sent", "unknown")), ("code", 2, I32),
        ("detail", 3, text))),
    ("canonical_read", table(
        ("number", 0, U64), ("block", 1, optional(CANONICAL_BLOCK)),
        ("signature", 2, optional(fixed(65))), ("head_l1_origin", 3, optional(U64)))),
    ("nonce_read", table(("nonce", 0, U64))),
    ("anchor_state_read", table(("anchor", 0, optional(U64)))),
    ("batch_found", table(("last_block", 0, optional(U64)))),
    ("table_written", table()))
PEER_RESULT = union(
    ("head_reported", table(("number", 0, U64), ("window_end", 1, U64))),
    ("commitments_delivered", table(("count", 0, U32), ("first", 1, U64), ("last", 2, U64))),
    ("txlist_delivered", table(("hash", 0, HASH))),
    ("txlist_missing", table()),
    ("peer_failed", table(
        ("kind", 0, named("timeout", "not_connected", "connection_lost", "unsupported",
                          "stream_reset", "malformed", "invalid", "not_sent")),
        ("detail", 1, text))))
COMMITMENT_FACTS = table(
    ("defect", 0, named("none", "wrong_size", "non_canonical_bool", "signature_format",
                        "signature_unrecoverable", "eop_txlist_mismatch", "block_number_range",
                        "timestamp_range", "gas_limit_range", "anchor_block_number_range",
                        "window_end_range", "proposal_id_range")),
    ("preconf_hash", 1, HASH), ("content_hash", 2, HASH), ("commitment_hash", 3, HASH),
    ("signer", 4, ADDRESS), ("eop", 5, boolean), ("block_number", 6, U64), ("timestamp", 7, U64),
    ("gas_limit", 8, U64), ("coinbase", 9, ADDRESS), ("anchor_block_number", 10, U64),
    ("raw_tx_list_hash", 11, HASH), ("parent_preconf_hash", 12, HASH), ("window_end", 13, U64),
    ("proposal_id", 14, U64), ("slasher", 15, ADDRESS))
ANCHOR = table(
    ("defect", 0, named("none", "missing", "not_dynamic_fee", "malformed", "not_anchor_v4",
                        "unrecoverable")),
    ("sender", 1, ADDRESS), ("to", 2, ADDRESS), ("chain_id", 3, U64), ("nonce", 4, U64),
    ("gas_limit", 5, U64), ("max_fee_per_gas", 6, quantity),
    ("max_priority_fee_per_gas", 7, quantity), ("value_is_zero", 8, boolean),
    ("anchor_block_number", 9, U64), ("anchor_block_hash", 10, HASH),
    ("anchor_state_root", 11, HASH))
TX_LIST_FACTS = table(
    ("hash", 0, HASH), ("compressed_bytes", 1, U32),
    ("defect", 2, named("none", "compressed_too_large", "zlib_decode", "decompressed_too_large",
                        "rlp_not_a_list", "rlp_truncated", "rlp_element_overrun",
                        "too_many_transactions")),
    ("inflated_bytes", 3, U32), ("transactions", 4, U32), ("rlp_hash", 5, HASH),
    ("anchor", 6, ANCHOR))
CHAIN_PROFILE = table(
    ("chain_id", 0, U64), ("genesis_hash", 1, HASH), ("shasta_time", 2, U64),
    ("unzen_time", 3, U64), ("min_base_fee_wei", 4, U64), ("anchor_lag_max", 5, U64),
    ("timestamp_lag_max", 6, U64), ("base_fee_sharing_pctg", 7, U8), ("anchor_address", 8, ADDRESS))
NETWORK = table(("preconf_domain", 0, HASH), ("slasher_address", 1, ADDRESS))
CLOCK = table(("clock_error_ns", 0, optional(U64)))

EPOCH_CLOCK = structure(24, genesis=(0, U64), slot_seconds=(8, U64), slots_per_epoch=(16, U64))
DEPLOYMENT = table(
    ("l1_chain_id", 0, U64), ("clock", 1, EPOCH_CLOCK), ("inbox", 2, ADDRESS),
    ("preconf_whitelist", 3, ADDRESS), ("lookahead_store", 4, ADDRESS))
DERIVATION_SOURCE = regrouped(
    table(("is_forced_inclusion", 0, boolean), ("blob_hashes", 1, structures(32, HASH)),
          ("offset", 2, U32), ("timestamp", 3, U64)),
    blobs=("blob_hashes", "offset", "timestamp"))
OPERATOR = structure(40, proposer=(0, ADDRESS), sequencer=(20, ADDRESS))
LOOKAHEAD_SLOT = structure(96, timestamp=(0, U64), committer=(8, ADDRESS),
                           registration_root=(28, HASH), validator_leaf_index=(60, quantity))
L1_FACT = holding("body", 1, 2, (("log_index", 0, U32),), union(
    ("proposed", table(
        ("id", 0, U64), ("proposer", 1, ADDRESS), ("parent_proposal_hash", 2, HASH),
        ("submission_window_end", 3, U64), ("base_fee_sharing_pctg", 4, U8),
        ("sources", 5, tables(DERIVATION_SOURCE)))),
    ("proved", table(
        ("first", 0, U64), ("first_new", 1, U64), ("last", 2, U64), ("prover", 3, ADDRESS))),
    ("state_recovered", table(
        ("next", 0, U64), ("last_finalized", 1, U64), ("last_finalized_block_hash", 2, HASH))),
    ("lookahead", regrouped(
        table(("epoch", 0, U64), ("lookahead_hash", 1, HASH),
              ("slots", 2, structures(96, LOOKAHEAD_SLOT)), ("fallback", 3, OPERATOR)),
        posted=("epoch", "lookahead_hash", "slots"))),
    ("blacklist_changed", table(
        ("registration_root", 0, HASH), ("since", 1, U64), ("is_listed", 2, boolean))),
    ("selection", table(("current", 0, OPERATOR), ("next", 1, OPERATOR))),
    ("epoch", table(("epoch", 0, U64), ("fallback", 1, OPERATOR))),
    ("log_refused", table(
        ("topic", 0, HASH),
        ("defect", 1, named("none", "topics", "truncated", "dirty_padding", "too_many",
                            "not_canonical", "empty_sources", "slot_order",
                            "epoch_misplaced"))))))
L1_REF = structure(40, number=(0, U64), hash=(8, HASH))
BLOCK_MANIFEST = structure(
    56, timestamp=(0, U64), anchor_block_number=(8, U64), gas_limit=(16, U64),
    coinbase=(24, ADDRESS), transactions=(44, U32), transactions_offset=(48, U32),
    transactions_bytes=(52, U32))
SOURCE_FACTS = table(
    ("is_forced_inclusion", 0, boolean),
    ("defect", 1, named("none", "too_short", "version", "size_beyond_end", "zlib", "rlp",
                        "rlp_truncated", "trailing_bytes", "transaction", "too_many_blocks",
                        "no_blobs", "offset", "blob", "forced_block_count", "too_large")),
    ("blob_defect", 2, named("none", "wrong_size", "version", "length", "high_bits",
                             "stray_payload", "stray_elements")),
    ("manifest_hash", 3, HASH), ("blobs", 4, structures(36, CONTENT_REF)), ("offset", 5, U32),
    ("blocks", 6, structures(56, BLOCK_MANIFEST)))
L1_RESULT = union(
    ("sources_resolved", table(
        ("id", 0, U64), ("decoder_version", 1, U16), ("sources", 2, tables(SOURCE_FACTS)))),
    ("l1_block_read", table(
        ("number", 0, U64), ("hash", 1, optional(HASH)), ("state_root", 2, HASH))),
    ("txlist_assembled", table(
        ("rlp_hash", 0, HASH), ("anchor_tx_hash", 1, HASH), ("bytes", 2, U32))),
    ("l1_failed", table(
        ("kind", 0, named("unavailable", "blob_missing", "blob_mismatch", "malformed",
                          "undecided", "too_many_blobs", "content_missing", "not_executed")),
        ("hash", 1, HASH), ("detail", 2, text))))

# Kind -> (name, members of the payload's root table).
KINDS = {
    1: ("genesis_recorded", (("chain", 0, CHAIN_PROFILE), ("network", 1, NETWORK),
                             ("reducer_version", 2, U32))),
    2: ("boot_started", (("boot_id", 0, fixed(16)), ("program_version", 1, text))),
    3: ("shutdown_requested", (("signal", 0, U8),)),
    4: ("schedule_configured", (("version", 0, U64), ("windows", 1, structures(40, WINDOW)))),
    5: ("ingress_rejected", (("source", 0, named(*SOURCES)), ("reason", 1, text),
                             ("count", 2, U64), ("sample_hash", 3, HASH))),
    6: ("l1_sync_observed", (("scanner_live", 0, boolean), ("target_proposal", 1, U64),
                             ("target_block", 2, optional(U64)))),
    7: ("commitment_received", (("raw", 0, data), ("facts", 1, COMMITMENT_FACTS),
                                ("verifier_version", 2, U16))),
    8: ("txlist_received", (("facts", 0, TX_LIST_FACTS), ("verifier_version", 1, U16))),
    9: ("timer_fired", (("timer", 0, named("engine_poll", "apply_retry", "read_retry",
                                              "peer_poll", "backfill_retry", "txlist_retry",
                                              "publish_retry", "derive_retry",
                                              "resolve_retry")),
                        ("generation", 1, U32))),
    10: ("engine_answered", (("command", 0, COMMAND_ID), ("elapsed_us", 1, U32))),
    11: ("log_gap_recorded", (("from", 0, U64), ("to", 1, U64),
                              ("chain_at_mark", 2, optional(HASH)), ("reason", 3, text),
                              ("lost_known", 4, boolean))),
    12: ("reducer_activated", (("from_version", 0, U32), ("to_version", 1, U32),
                               ("state_hash", 2, HASH))),
    13: ("peer_connected", (("peer", 0, U64), ("peer_id", 1, data), ("address", 2, text),
                            ("direction", 3, named("inbound", "outbound")),
                            ("is_static", 4, boolean))),
    14: ("peer_disconnected", (("peer", 0, U64),
                               ("reason", 1, named("remote_closed", "local_closed", "banned",
                                                   "protocol_error", "timeout", "transport")))),
    15: ("dial_failed", (("address", 0, text),
                         ("kind", 1, named("resolve", "connect", "timeout", "negotiation",
                                           "handshake", "wrong_peer_id", "refused")),
                         ("attempts", 2, U32))),
    16: ("peer_reported", (("peer", 0, U64), ("counts", 1, structures(16, CONDUCT)))),
    17: ("peer_answered", (("command", 0, COMMAND_ID), ("elapsed_us", 1, U32))),
    18: ("published", (("command", 0, COMMAND_ID), ("elapsed_us", 1, U32),
                       ("result", 2, named("sent", "no_peers", "duplicate", "content_missing",
                                           "not_sent")), ("peers_reached", 3, U32))),
    19: ("network_started", (("peer_id", 0, data), ("address", 1, text))),
    20: ("l1_deployment_recorded", (("deployment", 0, DEPLOYMENT),
                                    ("fallback_signer", 1, named("proposer", "sequencer")))),
    21: ("l1_block_observed", (("number", 0, U64), ("hash", 1, HASH), ("parent_hash", 2, HASH),
                               ("state_root", 3, HASH), ("timestamp", 4, U64),
                               ("previous", 5, HASH), ("facts", 6, tables(L1_FACT)))),
    22: ("l1_tags_observed", (("safe", 0, optional(L1_REF)), ("finalized", 1, optional(L1_REF)),
                              ("is_live", 2, boolean))),
    23: ("blob_received", (("versioned_hash", 0, HASH), ("commitment", 1, fixed(48)),
                           ("content", 2, CONTENT_REF))),
    24: ("l1_answered", (("command", 0, COMMAND_ID), ("elapsed_us", 1, U32))),
    25: ("checkpoint_reached", (("proposal", 0, U64), ("block", 1, BLOCK_REF), ("anchor", 2, U64),
                                ("proven", 3, L1_REF))),
}
VERSIONS = {2: 2}  # newest schema version of a kind; 1 where nothing is said
IS_OUTCOME, IS_IGNORABLE = 1, 2
