#include "replay/audit/html_text.hpp"

#include "replay/leaf.hpp"

namespace preconf::replay::audit {

void append_html(std::string& out, std::string_view text) {
  std::string quoted;
  append_quoted(quoted, text);
  std::string_view inner(quoted);
  inner = inner.substr(1, inner.size() - 2);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    // Escapes that are no help to a reader.
    const bool is_escape = inner[i] == '\\' && i + 1 < inner.size();
    if (is_escape && (inner[i + 1] == '"' || inner[i + 1] == '\\')) ++i;
    switch (inner[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += inner[i];
    }
  }
}

void append_script_json(std::string& out, std::string_view json) {
  for (const char character : json) {
    switch (character) {
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      default:
        out += character;
    }
  }
}

}  // namespace preconf::replay::audit
