// What every fuzz target defines and its main calls.
#pragma once

#include <cstddef>
#include <cstdint>

/// One input. Returns 0; a defect is an abort, a sanitizer report or an endless run.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
