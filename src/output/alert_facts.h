#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/alert/alert_view.h"
#include "tiercel/store/feed.h"

namespace tiercel::output {

/// What a matcher, `group_by` or a template can name: a column, or an output field.
enum class FactKind : std::uint8_t {
  kRule,
  kTag,
  kPriority,
  kNamespace,
  kUser,
  kCluster,
  kSource,
  kApiserver,
  kRulesHash,
  kField
};

struct Fact {
  FactKind kind = FactKind::kField;
  std::size_t field = 0;  ///< of kField: its number in FieldNames
};

/// The output fields that somebody will ask for, numbered.
class FieldNames {
 public:
  /// What `name` means; an output field gets a number.
  Fact add(std::string_view name);
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return numbers_.size(); }

 private:
  std::map<std::string, std::size_t, std::less<>> numbers_;
};

/// One alert, as routes see it. Its body is taken apart at most once, and only when
/// something is asked for that is no column.
///
/// Lifetime: looks into the alert and the names. Runs on: one thread.
class AlertFacts {
 public:
  AlertFacts(const store::StoredAlert& alert, const FieldNames& names)
      : alert_(alert), names_(names) {}

  /// True where `holds` is for one of the fact's texts: each tag, each element of a list. What
  /// is absent is the empty text.
  template <class Holds>
  [[nodiscard]] bool any(Fact fact, Holds holds) {
    if (fact.kind == FactKind::kTag) {
      return any_tag(holds);
    }
    if (fact.kind != FactKind::kField) {
      return holds(column(fact.kind));
    }
    const Texts& texts = field(fact.field);
    if (!texts || texts->empty()) {
      return holds(std::string_view{});
    }
    for (const std::string& text : *texts) {
      if (holds(std::string_view(text))) {
        return true;
      }
    }
    return false;
  }

  /// The fact as one text, a list's elements with commas between; nothing where it is absent.
  [[nodiscard]] std::optional<std::string> text(Fact fact);
  /// Null where the body is no alert of ours.
  [[nodiscard]] const alert::AlertView* view();

 private:
  using Texts = std::optional<std::vector<std::string>>;

  template <class Holds>
  bool any_tag(Holds& holds) const {
    std::string_view rest = alert_.tags;
    while (true) {
      const std::size_t comma = rest.find(',');
      if (holds(rest.substr(0, comma))) {
        return true;
      }
      if (comma == std::string_view::npos) {
        return false;
      }
      rest.remove_prefix(comma + 1);
    }
  }
  /// Of any kind but kTag and kField.
  [[nodiscard]] std::string_view column(FactKind kind);
  [[nodiscard]] const Texts& field(std::size_t number);

  const store::StoredAlert& alert_;
  const FieldNames& names_;
  bool is_parsed_ = false;
  bool has_fields_ = false;
  std::optional<alert::AlertView> view_;
  std::string source_;
  std::string apiserver_;  // likewise
  std::string rules_hash_;
  std::vector<Texts> fields_;
};

}  // namespace tiercel::output
