#include "replay/why/answer.hpp"

#include <fmt/format.h>

#include <set>

#include "replay/leaf.hpp"

namespace preconf::replay {
namespace {

std::string label_of(const CauseNode& node) {
  if (!node.seq) return node.unknown.empty() ? node.summary : "unknown: " + node.unknown;
  std::string out = fmt::format("event {}  {}  {}", node.seq->value,
                                node.time ? utc_time(*node.time) : "", node.kind);
  if (!node.source.empty()) out += " from " + node.source;
  return out;
}

class TreeText {
 public:
  TreeText(const WhyAnswer& answer, std::string& out) : answer_(answer), out_(out) {}

  void print() {
    if (!answer_.nodes.empty()) put(0, "", "", "");
  }

 private:
  void put(std::uint32_t id, const std::string& lead, const std::string& follow,
           const std::string& role) {
    const CauseNode& node = answer_.nodes[id];
    out_ += lead + (role.empty() ? "" : role + ": ");
    if (!shown_.insert(id).second) {
      out_ +=
          node.seq ? fmt::format("event {} (see above)\n", node.seq->value) : label_of(node) + "\n";
      return;
    }
    out_ += label_of(node) + "\n";
    std::vector<const CauseEdge*> edges;
    for (const CauseEdge& edge : answer_.edges) {
      if (edge.from == id) edges.push_back(&edge);
    }
    const std::string inner = follow + (edges.empty() ? "    " : "│   ");
    if (node.seq && !node.summary.empty()) out_ += inner + node.summary + "\n";
    for (const std::string& decision : node.decisions) out_ += inner + "=> " + decision + "\n";
    for (std::size_t i = 0; i < edges.size(); ++i) {
      const bool is_last = i + 1 == edges.size();
      put(edges[i]->to, follow + (is_last ? "└── " : "├── "), follow + (is_last ? "    " : "│   "),
          edges[i]->role);
    }
  }

  const WhyAnswer& answer_;
  std::string& out_;
  std::set<std::uint32_t> shown_;
};

std::string text_of(const Finding& finding) {
  std::string out = fmt::format("  {} {}", finding.holds ? "ok  " : "FAIL", finding.name);
  if (finding.since.value != 0) {
    out += fmt::format("  since event {} {} ({}.{:03} s)", finding.since.value,
                       utc_time(finding.since_time), finding.age_ms / 1000, finding.age_ms % 1000);
  }
  out += '\n';
  if (!finding.detail.empty()) out += "       " + finding.detail + "\n";
  if (!finding.unblocked_by.empty()) out += "       unblocked by: " + finding.unblocked_by + "\n";
  return out;
}

}  // namespace

std::string to_text(const WhyAnswer& answer) {
  std::string out = fmt::format("why {}  (at event {})\nverdict  {}", answer.subject,
                                answer.at.value, answer.verdict);
  if (answer.decided_at) {
    out += fmt::format("  at event {}  {}", answer.decided_at->value,
                       answer.decided_time ? utc_time(*answer.decided_time) : "");
  }
  out += '\n';
  if (!answer.explanation.empty()) out += answer.explanation + "\n";
  if (answer.rule) {
    out += fmt::format("rule     {}: {}\n         ({})\n", answer.rule->name, answer.rule->text,
                       answer.rule->source);
  }
  for (const Operand& operand : answer.operands) {
    out += fmt::format("         {} = {}\n", operand.name, operand.value);
  }
  for (const std::string& change : answer.admitted_if) {
    out += "would have been admitted if: " + change + "\n";
  }
  for (const Finding& finding : answer.findings) out += text_of(finding);
  if (!answer.nodes.empty()) out += '\n';
  TreeText(answer, out).print();
  if (answer.is_cut) out += "(the tree goes on: --depth)\n";
  return out;
}

std::string to_dot(const WhyAnswer& answer) {
  std::string out = "digraph why {\n  rankdir=TB;\n  node [shape=box,fontname=\"monospace\"];\n";
  for (const CauseNode& node : answer.nodes) {
    std::string label = label_of(node);
    if (node.seq && !node.summary.empty()) label += "\n" + node.summary;
    for (const std::string& decision : node.decisions) label += "\n=> " + decision;
    out += fmt::format("  n{} [label=", node.id);
    std::string quoted;
    append_quoted(quoted, label);
    // JSON's escapes are Graphviz', but for the line break, which arrives as an escaped control.
    for (std::size_t at = 0; (at = quoted.find("\\u000a", at)) != std::string::npos;) {
      quoted.replace(at, 6, "\\l");
    }
    out += quoted + (node.seq ? "" : ",style=dashed") + "];\n";
  }
  for (const CauseEdge& edge : answer.edges) {
    out += fmt::format("  n{} -> n{} [label=", edge.from, edge.to);
    append_quoted(out, edge.role);
    out += "];\n";
  }
  return out + "}\n";
}

}  // namespace preconf::replay
