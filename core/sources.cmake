# One line per source, by folder; edited by hand.
set(CORE_SOURCES
  base/assert.cpp
  base/hex.cpp
  commands/commands.cpp
  crypto/hash.cpp
  decision.cpp
  event.cpp
  events/engine.cpp
  events/timer.cpp
)
