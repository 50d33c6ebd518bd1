#include "replay/cli/options.hpp"

#include <CLI/CLI.hpp>
#include <utility>

namespace preconf::replay {

OptionRef OptionRef::required() const { return OptionRef(option_->required()); }
OptionRef OptionRef::needs(OptionRef other) const {
  return OptionRef(option_->needs(other.option_));
}
OptionRef OptionRef::excludes(OptionRef other) const {
  return OptionRef(option_->excludes(other.option_));
}
OptionRef OptionRef::type_name(const std::string& name) const {
  return OptionRef(option_->type_name(name));
}
OptionRef OptionRef::one_of(const std::vector<std::string>& values) const {
  return OptionRef(option_->check(CLI::IsMember(values)));
}

OptionRef add_option(CLI::App& app, const std::string& name, std::string& target,
                     const std::string& help) {
  return OptionRef(app.add_option(name, target, help));
}
OptionRef add_option(CLI::App& app, const std::string& name, std::optional<std::string>& target,
                     const std::string& help) {
  return OptionRef(app.add_option(name, target, help));
}
OptionRef add_option(CLI::App& app, const std::string& name, std::vector<std::string>& target,
                     const std::string& help) {
  return OptionRef(app.add_option(name, target, help));
}
OptionRef add_option(CLI::App& app, const std::string& name, std::uint64_t& target,
                     const std::string& help) {
  return OptionRef(app.add_option(name, target, help));
}

OptionRef add_option_function(CLI::App& app, const std::string& name,
                              std::function<void(const std::string&)> take,
                              const std::string& help) {
  return OptionRef(app.add_option_function<std::string>(name, take, help));
}
OptionRef add_option_function(CLI::App& app, const std::string& name,
                              std::function<void(const std::vector<std::string>&)> take,
                              const std::string& help) {
  return OptionRef(app.add_option_function<std::vector<std::string>>(name, take, help));
}
OptionRef add_option_function(CLI::App& app, const std::string& name,
                              std::function<void(const std::uint64_t&)> take,
                              const std::string& help) {
  return OptionRef(app.add_option_function<std::uint64_t>(name, take, help));
}

OptionRef add_flag(CLI::App& app, const std::string& name, bool& target, const std::string& help) {
  return OptionRef(app.add_flag(name, target, help));
}
OptionRef add_flag_callback(CLI::App& app, const std::string& name, std::function<void()> take,
                            const std::string& help) {
  return OptionRef(app.add_flag_callback(name, std::move(take), help));
}

void refuse_value(const std::string& option, const std::string& reason) {
  throw CLI::ValidationError(option, reason);
}

void require_subcommand(CLI::App& app) { app.require_subcommand(1); }
CLI::App* add_subcommand(CLI::App& app, const std::string& name, const std::string& help) {
  return app.add_subcommand(name, help);
}
bool is_parsed(const CLI::App& app) { return app.parsed(); }
void prepend_footer(CLI::App& app, const std::string& text) {
  app.footer(text + "\n\n" + app.get_footer());
}

}  // namespace preconf::replay
