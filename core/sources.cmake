# One line per source, by folder; edited by hand.
set(CORE_SOURCES
  base/assert.cpp
  base/hex.cpp
)
