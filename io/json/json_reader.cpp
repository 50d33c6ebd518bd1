#include "io/json/json_reader.hpp"

#include <simdjson.h>

#include <bit>
#include <utility>

namespace preconf::io {

namespace dom = simdjson::dom;

static_assert(sizeof(dom::element) == 16 && std::is_trivially_copyable_v<dom::element>,
              "JsonValue stores an element in its bytes");

/// The only place where a JsonValue and an element are the same thing.
struct JsonValueAccess {
  static JsonValue wrap(dom::element element) {
    JsonValue value;
    value.element_ = std::bit_cast<std::array<std::byte, 16>>(element);
    value.present_ = true;
    return value;
  }
  static JsonValue wrap(simdjson::simdjson_result<dom::element> result) {
    dom::element element;
    return result.get(element) == simdjson::SUCCESS ? wrap(element) : JsonValue{};
  }
  static dom::element unwrap(const JsonValue& value) {
    return std::bit_cast<dom::element>(value.element_);
  }
};

namespace {

JsonError error_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::CAPACITY:
      return JsonError::kTooLarge;
    case simdjson::DEPTH_ERROR:
      return JsonError::kTooDeep;
    case simdjson::NUMBER_ERROR:
      return JsonError::kNumber;
    case simdjson::UTF8_ERROR:
      return JsonError::kUtf8;
    default:
      return JsonError::kSyntax;
  }
}

}  // namespace

struct JsonDocument::Impl {
  explicit Impl(std::size_t bytes_max) : parser(bytes_max) {}

  dom::parser parser;
  dom::element root;
};

JsonDocument::JsonDocument(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

core::Result<JsonDocument, JsonError> JsonDocument::parse(std::string_view text,
                                                          const JsonLimits& limits) {
  if (text.size() > limits.bytes_max) return core::Unexpected{JsonError::kTooLarge};
  if (text.empty()) return core::Unexpected{JsonError::kSyntax};  // data() may be null
  auto impl = std::make_unique<Impl>(limits.bytes_max);
  // The parser copies the text into a padded buffer of its own: any text may be passed.
  // Its bound is the first depth that it refuses.
  if (impl->parser.allocate(text.size(), limits.depth_max + 1) != simdjson::SUCCESS) {
    return core::Unexpected{JsonError::kTooLarge};
  }
  if (const auto error = impl->parser.parse(text.data(), text.size()).get(impl->root)) {
    return core::Unexpected{error_of(error)};
  }
  return JsonDocument(std::move(impl));
}

JsonValue JsonDocument::root() const { return JsonValueAccess::wrap(impl_->root); }

JsonKind JsonValue::kind() const {
  if (!present_) return JsonKind::kMissing;
  switch (JsonValueAccess::unwrap(*this).type()) {
    case dom::element_type::ARRAY:
      return JsonKind::kArray;
    case dom::element_type::OBJECT:
      return JsonKind::kObject;
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      return JsonKind::kNumber;
    case dom::element_type::STRING:
      return JsonKind::kString;
    case dom::element_type::BOOL:
      return JsonKind::kBool;
    case dom::element_type::NULL_VALUE:
      return JsonKind::kNull;
  }
  return JsonKind::kMissing;
}

JsonValue JsonValue::get(std::string_view key) const {
  if (kind() != JsonKind::kObject) return {};
  return JsonValueAccess::wrap(JsonValueAccess::unwrap(*this).at_key(key));
}

JsonValue JsonValue::at(std::size_t index) const {
  if (kind() != JsonKind::kArray) return {};
  return JsonValueAccess::wrap(JsonValueAccess::unwrap(*this).at(index));
}

std::size_t JsonValue::size() const {
  switch (kind()) {
    case JsonKind::kArray: {
      std::size_t count = 0;  // array::size() saturates at 2^24 - 1
      each_element([&count](JsonValue) {
        ++count;
        return true;
      });
      return count;
    }
    case JsonKind::kObject: {
      dom::object object;
      if (JsonValueAccess::unwrap(*this).get(object) != simdjson::SUCCESS) return 0;
      return object.size();
    }
    default:
      return 0;
  }
}

void JsonValue::each_element(const std::function<bool(JsonValue)>& visit) const {
  if (kind() != JsonKind::kArray) return;
  dom::array array;
  if (JsonValueAccess::unwrap(*this).get(array) != simdjson::SUCCESS) return;
  for (const dom::element element : array) {
    if (!visit(JsonValueAccess::wrap(element))) return;
  }
}

void JsonValue::each_member(const std::function<bool(std::string_view, JsonValue)>& visit) const {
  if (kind() != JsonKind::kObject) return;
  dom::object object;
  if (JsonValueAccess::unwrap(*this).get(object) != simdjson::SUCCESS) return;
  for (const dom::key_value_pair member : object) {
    if (!visit(member.key, JsonValueAccess::wrap(member.value))) return;
  }
}

std::optional<bool> JsonValue::as_bool() const {
  bool value = false;
  if (!present_ || JsonValueAccess::unwrap(*this).get(value) != simdjson::SUCCESS) return {};
  return value;
}

std::optional<std::uint64_t> JsonValue::as_u64() const {
  std::uint64_t value = 0;
  if (!present_ || JsonValueAccess::unwrap(*this).get(value) != simdjson::SUCCESS) return {};
  return value;
}

std::optional<std::string_view> JsonValue::as_string() const {
  std::string_view value;
  if (!present_ || JsonValueAccess::unwrap(*this).get(value) != simdjson::SUCCESS) return {};
  return value;
}

std::string JsonValue::to_text() const {
  if (!present_) return "null";
  return simdjson::minify(JsonValueAccess::unwrap(*this));
}

const char* name_of(JsonError error) {
  switch (error) {
    case JsonError::kTooLarge:
      return "too_large";
    case JsonError::kTooDeep:
      return "too_deep";
    case JsonError::kNumber:
      return "number_out_of_range";
    case JsonError::kUtf8:
      return "not_utf8";
    case JsonError::kSyntax:
      return "syntax";
  }
  return "unknown";
}

}  // namespace preconf::io
