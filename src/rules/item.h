#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node.h"
#include "reporter.h"

namespace tiercel::rules {

/// A map of a rules file while it is read: looks keys up, checks the shapes of
/// their values, reports what is wrong and remembers that something was.
class Item {
 public:
  Item(NodePtr node, Reporter& reporter, Reporter::Texts within)
      : node_(std::move(node)), reporter_(reporter), within_(std::move(within)) {}

  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] bool has(std::string_view key) const { return node_->find(key) != nullptr; }
  [[nodiscard]] const Member* find(std::string_view key) const { return node_->find(key); }
  [[nodiscard]] const Reporter::Texts& within() const { return within_; }
  void enter(std::string label) { within_.push_back(std::move(label)); }

  [[nodiscard]] bool failed() const { return failed_; }
  /// For a mistake reported by other means.
  void fail() { failed_ = true; }
  /// Reports at `origin` within this item; an error makes the item failed.
  void report(Code code, Origin origin, std::string message, Reporter::Texts notes = {});

  /// One error naming all of `keys` that are missing.
  void require(std::initializer_list<std::string_view> keys);
  /// LOAD_UNKNOWN_KEY for each key that is not among `known`.
  void warn_unknown_keys(std::span<const std::string_view> known);

  /// The value as a text that is not empty. Null (and, when the key is there, an
  /// error) otherwise; a missing key is no error here, see require().
  [[nodiscard]] NodePtr text(std::string_view key);
  /// The same where empty and null mean "not given".
  [[nodiscard]] NodePtr optional_text(std::string_view key);
  [[nodiscard]] std::optional<bool> boolean(std::string_view key);
  /// The value as a sequence, its items unchecked.
  [[nodiscard]] NodePtr sequence(std::string_view key);
  /// The items of a sequence as texts, which may be empty.
  [[nodiscard]] std::optional<std::vector<NodePtr>> texts(std::string_view key);

 private:
  [[nodiscard]] bool check_not_null(const Member& member);

  NodePtr node_;
  Reporter& reporter_;
  Reporter::Texts within_;
  bool failed_ = false;
};

/// y n yes no true false on off, in lower case, Capitalised or UPPER.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);
/// "a text", "a sequence" …
[[nodiscard]] std::string_view kind_name(const Node& node);

}  // namespace tiercel::rules
