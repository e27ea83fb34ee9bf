#include "read_documents.h"

#include <algorithm>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <unordered_set>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/node/node.h>  // which parser.h declares
#include <yaml-cpp/parser.h>

namespace tiercel::rules {

namespace {

constexpr std::size_t kMaxNodes = 1'000'000;
constexpr std::size_t kMaxDepth = 64;  // the deepest value that means anything has 6 levels

// Ends a parse from inside the library's callbacks; caught in read_documents.
struct Stop {
  Code code;
  Origin origin;
  std::string message;
};

// Builds trees from the parser's events, with a stack of the open nodes.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceFiles& files, std::uint32_t file)
      : content_size_(files.content(file).size()), file_(file) {}

  // The document's value; null when there is none.
  [[nodiscard]] NodePtr take_root() { return std::move(root_); }
  // Keys of the document that are no texts. Reported only once the whole document
  // has been read: an unclosed bracket looks like one first.
  [[nodiscard]] std::vector<Origin> take_bad_keys() { return std::move(bad_keys_); }
  // The finished items of a document that broke off.
  [[nodiscard]] std::vector<NodePtr> finished_items() {
    if (open_.empty() || !open_.front().node->is_sequence()) {
      return {};
    }
    return std::move(open_.front().node->items);
  }
  [[nodiscard]] Origin origin_of(const YAML::Mark& mark) const {
    const std::size_t offset = mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
    return {file_, static_cast<std::uint32_t>(std::min(offset, content_size_))};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    // The library does not pass over a comma outside of brackets: it would begin empty
    // documents there without end.
    if (mark.pos == document_start_) {
      throw Stop{Code::kBadYaml, origin_of(mark), "not well-formed YAML: no value can begin here"};
    }
    document_start_ = mark.pos;
    anchors_.clear();
    bad_keys_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_key()) {
      take_key("null", mark);
      return;
    }
    auto node = std::make_shared<Node>();
    node->origin = origin_of(mark);
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) {
      throw Stop{Code::kBadYaml, origin_of(mark), "an alias inside the value that it repeats"};
    }
    if (expects_key()) {
      if (known->second->is_scalar()) {
        take_key(known->second->text, mark);
      } else {
        take_bad_key(open_.back(), origin_of(mark));
      }
      return;
    }
    count(known->second->size, mark);
    attach(known->second, mark);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& value) override {
    if (expects_key()) {
      take_key(value, mark);
      return;
    }
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kScalar;
    node->origin = origin_of(mark);
    node->text = value;
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
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor = 0;
    bool is_key = false;  // of the map below it
    bool has_key = false;
    bool drop_value = false;  // of a key that was there before
    Member member;
    std::unordered_set<std::string> keys;
  };

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node->is_map() && !open_.back().has_key;
  }

  void count(std::size_t nodes, const YAML::Mark& mark) {
    nodes_ += nodes;
    if (nodes_ > kMaxNodes) {
      throw Stop{Code::kYamlTooLarge, origin_of(mark),
                 "more than " + std::to_string(kMaxNodes) + " values, repeated ones included"};
    }
  }

  void take_key(const std::string& key, const YAML::Mark& mark) {
    count(1, mark);
    Open& map = open_.back();
    map.has_key = true;
    map.member = {key, origin_of(mark), nullptr};
    map.drop_value = !map.keys.insert(key).second;
  }

  void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= kMaxDepth) {
      throw_too_deep(mark);
    }
    Open next;
    next.is_key = expects_key();
    next.node = std::make_shared<Node>();
    next.node->kind = kind;
    next.node->origin = origin_of(mark);
    next.anchor = anchor;
    open_.push_back(std::move(next));
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.is_key) {
      take_bad_key(open_.back(), done.node->origin);
    } else {
      finish(std::move(done.node), done.anchor);
    }
  }

  void take_bad_key(Open& map, Origin origin) {
    bad_keys_.push_back(origin);
    map.has_key = true;
    map.drop_value = true;
    map.node->sound = false;
  }

  [[noreturn]] void throw_too_deep(const YAML::Mark& mark) const {
    throw Stop{Code::kYamlTooLarge, origin_of(mark),
               "nested deeper than " + std::to_string(kMaxDepth) + " levels"};
  }

  void finish(NodePtr node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      anchors_.insert_or_assign(anchor, node);
    }
    YAML::Mark mark;
    mark.pos = static_cast<int>(node->origin.offset);
    count(1, mark);
    attach(std::move(node), mark);
  }

  void attach(NodePtr node, const YAML::Mark& mark) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.node->depth = std::max(parent.node->depth, node->depth + 1);
    if (open_.size() + node->depth > kMaxDepth) {
      throw_too_deep(mark);
    }
    parent.node->size += node->size;
    parent.node->sound = parent.node->sound && node->sound;
    if (parent.node->is_sequence()) {
      parent.node->items.push_back(std::move(node));
      return;
    }
    parent.has_key = false;
    if (!parent.drop_value) {
      parent.member.value = std::move(node);
      parent.node->members.push_back(std::move(parent.member));
    }
  }

  std::size_t content_size_;
  std::uint32_t file_;
  std::size_t nodes_ = 0;
  int document_start_ = -1;
  NodePtr root_;
  std::vector<Origin> bad_keys_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, NodePtr> anchors_;
};

void take_document(const NodePtr& root, Documents& documents, Reporter& reporter) {
  if (root == nullptr || root->is_null()) {
    return;
  }
  if (!root->is_sequence()) {
    reporter.report(Code::kBadDocument, root->origin,
                    "a rules file is a sequence of items, each beginning with '- '");
    documents.complete = false;
    return;
  }
  for (const NodePtr& item : root->items) {
    documents.complete = documents.complete && item->sound;
    if (!item->is_null() && item->sound) {
      documents.items.push_back(item);
    }
  }
}

// The library takes the byte 4 for the end of the text and would silently drop the rest.
bool holds_end_byte(const SourceFiles& files, std::uint32_t file, Reporter& reporter) {
  const std::size_t at = files.content(file).find('\x04');
  if (at == std::string::npos) {
    return false;
  }
  reporter.report(Code::kBadYaml, {file, static_cast<std::uint32_t>(at)},
                  "not well-formed YAML: a control character (04)");
  return true;
}

void keep_finished_items(TreeBuilder& builder, Documents& documents) {
  documents.complete = false;
  for (NodePtr& item : builder.finished_items()) {
    if (!item->is_null() && item->sound) {
      documents.items.push_back(std::move(item));
    }
  }
}

}  // namespace

Documents read_documents(const SourceFiles& files, std::uint32_t file, Reporter& reporter) {
  Documents documents;
  if (holds_end_byte(files, file, reporter)) {
    documents.complete = false;
    return documents;
  }
  TreeBuilder builder(files, file);
  try {
    std::istringstream in(files.content(file));
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
      take_document(builder.take_root(), documents, reporter);
      for (const Origin& origin : builder.take_bad_keys()) {
        reporter.report(Code::kBadItem, origin, "a key must be a text");
      }
    }
  } catch (const Stop& stop) {
    reporter.report(stop.code, stop.origin, stop.message);
    keep_finished_items(builder, documents);
  } catch (const YAML::Exception& exception) {
    reporter.report(Code::kBadYaml, builder.origin_of(exception.mark),
                    "not well-formed YAML: " + exception.msg);
    keep_finished_items(builder, documents);
  }
  return documents;
}

}  // namespace tiercel::rules
