#include "tiercel/config/yaml.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/node/node.h>  // which parser.h declares
#include <yaml-cpp/parser.h>

namespace tiercel::config {

namespace {

// Ends a parse from inside the library's callbacks; caught in parse_yaml.
struct Stop {
  Code code;
  Place place;
  std::string message;
};

struct Size {
  std::size_t nodes = 1;
  std::size_t depth = 1;
};

// Copies hold at most kMaxDepth levels: each node was measured when it was made.
Size measure(const Node& node) {  // NOLINT(misc-no-recursion): depth is bounded by kMaxDepth
  Size size;
  const auto add = [&size](const Size& child) {
    size.nodes += child.nodes;
    size.depth = std::max(size.depth, child.depth + 1);
  };
  for (const Node& item : node.items) {
    add(measure(item));
  }
  for (const Member& member : node.members) {
    add(measure(member.value));
  }
  return size;
}

// As deep as it was measured.
Node copy_of(const Node& node) {  // NOLINT(misc-no-recursion): depth is bounded by kMaxDepth
  Node copy{node.kind, node.place, node.text, {}, {}};
  copy.items.reserve(node.items.size());
  for (const Node& item : node.items) {
    copy.items.push_back(copy_of(item));
  }
  copy.members.reserve(node.members.size());
  for (const Member& member : node.members) {
    copy.members.push_back({member.key, member.place, copy_of(member.value)});
  }
  return copy;
}

// Builds the tree from the parser's events, with a stack of the open nodes.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const YamlOptions& options, Reporter& reporter)
      : options_(options), reporter_(reporter) {}

  [[nodiscard]] Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_key()) {
      throw Stop{Code::kBadYaml, place_of(mark), "a key must be a text, not nothing"};
    }
    Node node;
    node.place = place_of(mark);
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) {
      throw Stop{Code::kBadYaml, place_of(mark), "an alias inside the node that it repeats"};
    }
    if (expects_key()) {
      throw Stop{Code::kBadYaml, place_of(mark), "a key must be a text, not an alias"};
    }
    const Size& size = known->second.size;
    count(size.nodes, place_of(mark));
    check_depth(open_.size() + size.depth, place_of(mark));
    Node copy = copy_of(known->second.node);
    copy.place = place_of(mark);
    attach(std::move(copy));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& value) override {
    if (expects_key()) {
      take_key(mark, value);
      return;
    }
    Node node;
    node.kind = Node::Kind::kScalar;
    node.place = place_of(mark);
    node.text = expanded(value, node.place);
    finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::kSequence, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    bool drop_value = false;  // of a key that was there before
    std::string key;
    Place key_place;
    std::unordered_map<std::string, std::uint32_t> keys;  // and the line of each
  };
  struct Anchored {
    Node node;
    Size size;
  };

  [[nodiscard]] Place place_of(const YAML::Mark& mark) const {
    return {options_.source, static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1,
            static_cast<std::uint32_t>(std::max(mark.column, 0)) + 1};
  }
  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node.is_map() && !open_.back().has_key;
  }
  void check_depth(std::size_t depth, Place place) const {
    if (depth > kMaxDepth) {
      throw Stop{Code::kTooDeep, place,
                 "nested deeper than " + std::to_string(kMaxDepth) + " levels"};
    }
  }
  void count(std::size_t nodes, Place place) {
    *options_.nodes += nodes;
    if (*options_.nodes > kMaxNodes) {
      throw Stop{Code::kTooManyNodes, place,
                 "more than " + std::to_string(kMaxNodes) + " values, repeated ones included"};
    }
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    Open& map = open_.back();
    map.has_key = true;
    map.key = key;
    map.key_place = place_of(mark);
    const auto [first, is_new] = map.keys.emplace(key, map.key_place.line);
    map.drop_value = !is_new;
    if (map.drop_value) {
      reporter_.error(Code::kDuplicateKey, map.key_place, "'" + key + "' is here a second time",
                      {"first in line " + std::to_string(first->second)});
    }
  }

  std::string expanded(const std::string& value, Place place) {
    if (options_.environment == nullptr || value.find('$') == std::string::npos) {
      return value;
    }
    Expansion expansion = expand_environment(value, *options_.environment);
    if (expansion.suspicious) {
      reporter_.warning(Code::kBadEnvironment, place, "${{NAME}} expands to '}'",
                        {"write ${NAME} for the variable's value, $${NAME} for the text ${NAME}"});
    }
    return std::move(expansion.text);
  }

  void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    const Place place = place_of(mark);
    if (expects_key()) {
      throw Stop{Code::kBadYaml, place, "a key must be a text, not a list or a map"};
    }
    check_depth(open_.size() + 1, place);
    Open next;
    next.node.kind = kind;
    next.node.place = place;
    next.anchor = anchor;
    open_.push_back(std::move(next));
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    finish(std::move(done.node), done.anchor);
  }

  void finish(Node node, YAML::anchor_t anchor) {
    count(1, node.place);
    check_depth(open_.size() + 1, node.place);
    if (anchor != 0) {
      const Size size = measure(node);
      count(size.nodes, node.place);  // the copy that is kept for its aliases
      anchors_.insert_or_assign(anchor, Anchored{copy_of(node), size});
    }
    attach(std::move(node));
  }

  void attach(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_sequence()) {
      parent.node.items.push_back(std::move(node));
      return;
    }
    parent.has_key = false;
    if (node.is_null()) {
      node.place = parent.key_place;  // the library's mark of nothing is unreliable
    }
    if (!parent.drop_value) {
      parent.node.members.push_back({std::move(parent.key), parent.key_place, std::move(node)});
    }
  }

  const YamlOptions& options_;
  Reporter& reporter_;
  Node root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
};

// Notices that another document begins; reads nothing of it.
class LaterDocument final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { throw mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}
};

void look_for_later_document(YAML::Parser& parser, const YamlOptions& options, Reporter& reporter) {
  try {
    LaterDocument handler;
    (void)parser.HandleNextDocument(handler);
  } catch (const YAML::Mark& mark) {
    reporter.warning(Code::kLaterDocument,
                     {options.source, static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1, 1},
                     "another YAML document begins here; only the first of a file is read");
  } catch (const YAML::Exception&) {
    // What follows the first document is not read, so its mistakes do not matter.
    return;
  }
}

}  // namespace

Node parse_yaml(const Sources& sources, const YamlOptions& options, Reporter& reporter) {
  TreeBuilder builder(options, reporter);
  try {
    std::istringstream in(sources.text(options.source).content);
    YAML::Parser parser(in);
    if (parser.HandleNextDocument(builder)) {
      look_for_later_document(parser, options, reporter);
    }
    return builder.take_root();
  } catch (const Stop& stop) {
    reporter.error(stop.code, stop.place, stop.message);
  } catch (const YAML::Exception& exception) {
    const Place place{options.source,
                      static_cast<std::uint32_t>(std::max(exception.mark.line, -1) + 1),
                      static_cast<std::uint32_t>(std::max(exception.mark.column, -1) + 1)};
    reporter.error(Code::kBadYaml, place, "not well-formed YAML: " + exception.msg);
  }
  return {};
}

}  // namespace tiercel::config
