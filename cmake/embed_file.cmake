# Script of preconf_embed(): IN -> OUT, a C++ source with the bytes as SYMBOL.
file(READ "${IN}" digits HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f])" "\\1\n"
  lines "${digits}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," characters "${lines}")
file(WRITE "${OUT}" "#include <string_view>
namespace preconf::assets {
extern const std::string_view ${SYMBOL};
namespace {
constexpr char kBytes[] = {
${characters}};
}  // namespace
const std::string_view ${SYMBOL}(kBytes, sizeof(kBytes));
}  // namespace preconf::assets
")
