#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/condition/expr.h"

#include "reporter.h"
#include "text_table.h"

namespace tiercel::rules {

/// Macros as tree substitution: a bare identifier becomes the macro's tree, which
/// is shared by all who name it.
class MacroExpander {
 public:
  /// A macro as it goes in. `tree` is null where the macro had a mistake; what
  /// names it is dropped without another report.
  struct Macro {
    std::string name;
    condition::ExprPtr tree;
    std::uint32_t position = 0;
    std::uint32_t sees = 0;
    Origin origin;
  };
  /// What a rule sees: every macro.
  static constexpr std::uint32_t kSeesAll = 0xFFFFFFFF;

  /// `may_be_missing`: names whose absence follows from a mistake reported already.
  MacroExpander(std::vector<Macro> macros, const TextTable& texts, Reporter& reporter,
                std::function<bool(const std::string&)> may_be_missing);

  /// Expands every macro, so that mistakes in unused ones are reported too.
  void expand_all();
  /// The condition without macros; null when something was wrong. `sees`: only
  /// macros first defined before that position are visible.
  [[nodiscard]] condition::ExprPtr expand(const condition::ExprPtr& tree, std::uint32_t sees);
  [[nodiscard]] bool is_used(std::size_t macro) const { return entries_[macro].used; }

 private:
  /// An expanded tree and its measures, shared parts counted each time.
  struct Expanded {
    condition::ExprPtr tree;
    std::size_t size = 1;
    std::size_t height = 1;
  };
  enum class State : std::uint8_t { kNew, kOpen, kDone };
  struct Entry {
    Macro macro;
    Expanded expanded;
    State state = State::kNew;
    bool used = false;
  };

  [[nodiscard]] Expanded expand(const condition::ExprPtr& tree, std::uint32_t sees,
                                std::size_t depth);
  [[nodiscard]] Expanded expand_operands(const condition::ExprPtr& tree, std::uint32_t sees,
                                         std::size_t depth);
  [[nodiscard]] Expanded expand_name(const condition::Expr& name, std::uint32_t sees,
                                     std::size_t depth);
  [[nodiscard]] const Expanded& expand_macro(Entry& entry, std::size_t depth);
  void report(Code code, const condition::Expr& at, std::string message,
              Reporter::Texts notes = {});
  void report_undefined(const condition::Expr& at, std::uint32_t sees);

  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> by_name_;
  const TextTable& texts_;
  Reporter& reporter_;
  std::function<bool(const std::string&)> may_be_missing_;
};

}  // namespace tiercel::rules
