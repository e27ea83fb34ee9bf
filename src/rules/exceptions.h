#pragma once

#include <string>
#include <vector>

#include "tiercel/rules/loader.h"

#include "definitions.h"
#include "item.h"

namespace tiercel::rules {

/// Reads and checks the `exceptions` of one rule item. Mistakes are reported
/// through the item, which is failed then.
class ExceptionReader {
 public:
  /// `check_fields`: the rule's source is ours, so its fields are known.
  ExceptionReader(Item& item, Reporter& reporter, const LoaderOptions& options, bool check_fields)
      : item_(item), reporter_(reporter), options_(options), check_fields_(check_fields) {}

  /// The exceptions of a definition, or those that replace a rule's.
  [[nodiscard]] std::vector<ExceptionDefinition> read_all(const Node& sequence);
  /// Adds values to exceptions of the same name, and new exceptions.
  void append_to(std::vector<ExceptionDefinition>& exceptions, const Node& sequence);

 private:
  /// One entry of `exceptions`, its shapes checked. A missing key is null.
  struct Entry {
    std::string name;
    Origin origin;
    const Member* fields = nullptr;
    const Member* comparisons = nullptr;
    NodePtr values;
  };

  void report(Code code, Origin origin, std::string message, Reporter::Texts notes = {});
  /// False (reported) where the shapes are wrong.
  bool read_entry(const NodePtr& node, Entry& entry);
  bool check_texts(const Member* member);
  bool check_values(const Member* member, NodePtr& values);
  bool check_value(const Node& value, int depth);

  /// Defaults and the checks of 3.3; fields must be there.
  [[nodiscard]] ExceptionDefinition make(const Entry& entry);
  void check_fields(const ExceptionDefinition& exception);
  void set_comparisons(const Entry& entry, ExceptionDefinition& exception);
  void check_comparison(const PlacedText& comparison, bool is_list);
  void check_tuples(const ExceptionDefinition& exception, const Node& values);

  Item& item_;
  Reporter& reporter_;
  const LoaderOptions& options_;
  bool check_fields_;
  std::string label_;  // of the exception being read
};

}  // namespace tiercel::rules
