// Text from a log inside a page: it stays text.
#pragma once

#include <string>
#include <string_view>

namespace preconf::replay::audit {

/// Appends `text` for element content and quoted attributes. Control characters and bytes that are
/// no UTF-8 become visible escapes.
void append_html(std::string& out, std::string_view text);

/// Appends JSON for the inside of a <script type="application/json">: nothing in it can end the
/// element or begin a comment. The JSON means the same.
void append_script_json(std::string& out, std::string_view json);

/// One pass over `page`: every {{name}} becomes the value that `lookup(name)` appends. What is
/// inserted is not looked at again.
template <class Lookup>
void fill_template(std::string& out, std::string_view page, Lookup&& lookup) {
  while (true) {
    const std::size_t open = page.find("{{");
    const std::size_t close = open == page.npos ? page.npos : page.find("}}", open);
    if (close == page.npos) break;
    out += page.substr(0, open);
    lookup(out, page.substr(open + 2, close - open - 2));
    page.remove_prefix(close + 2);
  }
  out += page;
}

}  // namespace preconf::replay::audit
