// Files of the source tree that are part of the program (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace preconf::assets {

extern const std::string_view audit_page_html;            ///< replay/audit/page/page.html
extern const std::string_view audit_page_css;             ///< replay/audit/page/page.css
extern const std::string_view audit_page_list_js;         ///< replay/audit/page/list.js
extern const std::string_view audit_page_js;              ///< replay/audit/page/page.js
extern const std::string_view evidence_verifier;          ///< tools/evidence_verify.py
extern const std::string_view evidence_verifier_l1;       ///< tools/verify_l1.py
extern const std::string_view evidence_verifier_records;  ///< tools/verify_records.py

}  // namespace preconf::assets
