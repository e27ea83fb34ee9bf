#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tiercel/audit/field_map.h"
#include "tiercel/base/value.h"

namespace tiercel::alert {

/// How a field's value is redacted when it is shown; decided when rules are compiled.
enum class FieldPolicy : std::uint8_t {
  kKeep,       ///< verbs, stages, times, numbers: never
  kName,       ///< users, names, images, reasons: what has the shape of a token
  kText,       ///< by patterns
  kUri,        ///< ka.uri
  kParameter,  ///< ka.uri.param[…]: by its name, else by patterns
  kKeyed,      ///< annotations and extra values of users: the same
  kPointer,    ///< jevt.value[…]: by where it points
  kData,       ///< ka.req.configmap.obj: the data of a Secret or a ConfigMap
};

/// A field that is not known to hold nothing but names is scanned by all patterns.
[[nodiscard]] FieldPolicy field_policy(const audit::FieldRef& reference);

/// `value`, which the field `reference` has for the map's event, as it may be shown; in
/// the map's arena where something is masked. The map's own value stays as it is.
[[nodiscard]] base::Value redacted(const base::Value& value, FieldPolicy policy,
                                   const audit::FieldRef& reference, audit::FieldMap& map);
/// What has been redacted of one event: a message and its output_fields show the same
/// values. Lives while one alert is rendered.
class RedactionMemo {
 public:
  [[nodiscard]] base::Value get(audit::FieldMap& map, audit::FieldId id, FieldPolicy policy);

 private:
  struct Entry {
    audit::FieldId id{};
    base::Value value;
  };
  static constexpr std::size_t kMost = 8;
  std::array<Entry, kMost> entries_;
  std::size_t count_ = 0;
};

/// The same for the result of a transformer.
[[nodiscard]] base::Value redacted_text(const base::Value& value, audit::FieldMap& map);
/// The field's value as it may be shown.
[[nodiscard]] base::Value redacted_field(audit::FieldMap& map, audit::FieldId id);

}  // namespace tiercel::alert
