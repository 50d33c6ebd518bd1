# Sources of the simulated network, by hand; relative to node/.
set(DEVNET_SOURCES
  devnet/block_json.cpp
  devnet/block_rules.cpp
  devnet/engine_chain.cpp
  devnet/engine_json.cpp
  devnet/engine_methods.cpp
  devnet/engine_server.cpp
  devnet/execution.cpp
  devnet/faults.cpp
  devnet/sign_guard.cpp
  devnet/sim_block.cpp
  devnet/sim_methods.cpp
  devnet/sim_schedule.cpp
  devnet/taiko_tables.cpp
)
