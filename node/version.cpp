#include "node/version.hpp"

#include "core/reducer.hpp"
#include "generated/build_version.hpp"
#include "schemas/codec/event_codec.hpp"

namespace preconf::node {

std::string version_line() {
  return std::string("preconf ") + kBuildVersion + " (" + kBuildCommit + "), schema " +
         std::to_string(schemas::kSchemaVersion) + ", reducer " +
         std::to_string(core::kReducerVersion);
}

std::string program_version() { return std::string(kBuildVersion) + "+" + kBuildCommit; }

}  // namespace preconf::node
