// make_audit_page FILE BLOCKS: a page for tests/audit/page_test.py.
#include <cstdlib>
#include <fstream>

#include "replay/audit/html_report.hpp"
#include "tests/audit/sample_report.hpp"

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  preconf::replay::audit::HtmlCollector collected;
  const auto report = preconf::tests::sample_report(std::strtoull(argv[2], nullptr, 10), collected);
  std::ofstream file(argv[1], std::ios::binary);
  file << preconf::replay::audit::to_html(report, collected, nullptr);
  file.close();
  return file ? 0 : 1;
}
