#include "replay/field.hpp"

#include "core/state.hpp"
#include "replay/field_types.hpp"

namespace preconf::replay {

Scalar FieldType::scalar(const void* /*value*/) const { return {}; }
std::optional<std::size_t> FieldType::size(const void* /*value*/) const { return std::nullopt; }
std::vector<std::string> FieldType::names() const { return {}; }
std::optional<Field> FieldType::member(const void* /*value*/, std::string_view /*name*/) const {
  return std::nullopt;
}
FieldOrError FieldType::element(const void* /*value*/, std::string_view key) const {
  return key_error(key, "does not fit: there are no elements here");
}
void FieldType::each(const void* /*value*/, const ChildVisitor& /*visit*/) const {}
std::string_view FieldType::alternative(const void* /*value*/) const { return {}; }

Field field_of(const core::State& state) { return make_field(&state); }
Field field_of(const core::Event& event) { return make_field(&event); }
Field field_of(const core::Outcome& outcome) { return make_field(&outcome); }

std::string join_path(const std::string& path, const std::string& step) {
  if (path.empty() || step.starts_with("[")) return path + step;
  return path + "." + step;
}

std::string json_of(const Field& field) {
  if (field.is_absent()) return "null";
  std::string out;
  field.type->print(field.value, out);
  return out;
}

}  // namespace preconf::replay
