#pragma once

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tiercel/base/diagnostic.h"
#include "tiercel/rules/codes.h"

#include "source_files.h"

namespace tiercel::rules {

/// Takes what is wrong, places it, and passes on what is new: the whole set is
/// checked again after each file and finds the same mistakes again.
class Reporter {
 public:
  using Texts = std::vector<std::string>;

  explicit Reporter(const SourceFiles& files) : files_(files) {}

  /// Where diagnostics go from now on. Null: nowhere.
  void send_to(base::Diagnostics* diagnostics) { diagnostics_ = diagnostics; }
  void report(Code code, Origin origin, std::string message, Texts within = {}, Texts notes = {});
  /// For a diagnostic that is placed already.
  void report(base::Diagnostic diagnostic);
  [[nodiscard]] std::size_t errors() const { return errors_; }

 private:
  using Key = std::tuple<std::string, std::uint32_t, std::uint32_t, std::string, std::string>;

  const SourceFiles& files_;
  base::Diagnostics* diagnostics_ = nullptr;
  std::set<Key> seen_;
  std::size_t errors_ = 0;
};

/// `rule "name"`, for messages and Diagnostic::within.
[[nodiscard]] std::string labelled(std::string_view kind, std::string_view name);
/// "did you mean 'x'?" or nothing.
[[nodiscard]] Reporter::Texts suggestion(std::string_view name,
                                         const std::vector<std::string_view>& known);

}  // namespace tiercel::rules
