#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/audit/event.h"
#include "tiercel/audit/local_zone.h"
#include "tiercel/base/arena.h"
#include "tiercel/base/error.h"
#include "tiercel/base/value.h"

namespace tiercel::audit {

/// Which argument a field takes in brackets.
enum class FieldArg : std::uint8_t { kNone, kIndex, kKey };

/// How a field's value is written in `output_fields`: as what it is, as the event's
/// time in nanoseconds (the five evt.time texts, as in Falco), or as a number of 64
/// bits with a sign (evt.reltime, which wraps for an event older than the first).
enum class FieldJson : std::uint8_t { kPlain, kEventTime, kSigned };

/// Which part of an event a field reads, hence at which audit level it can have a value: Metadata
/// for kMetadata, Request for kRequestObject, RequestResponse for kResponseObject.
enum class FieldPart : std::uint8_t {
  kMetadata,
  kRequestObject,
  kResponseObject,
  kResultObject,  ///< the response object of a patch, the request object of every other verb
  kPointer,       ///< what the JSON pointer in brackets leads to
  kEvent,         ///< all of it
};

/// A field's argument, parsed and prepared when the rules are compiled.
struct FieldArgument {
  /// Unescaped; empty without an argument. For static.NAME, which takes none, NAME.
  std::string text;
  bool present = false;
  std::optional<std::uint64_t> index;  ///< for kIndex
  std::vector<std::string> path;       ///< for JSON pointers: decoded parts
};

/// What the daemon knows besides the event: read by evt.* and static.* fields.
struct FieldContext {
  std::string hostname;               ///< FALCO_HOSTNAME, else the system's
  std::int64_t first_event_time = 0;  ///< evt.reltime counts from here
  std::vector<std::pair<std::string, std::string>> static_fields;
  /// Of the batch: the name its sender has proved to be, before what the events say, or has
  /// said it is, behind it; empty: neither.
  std::string cluster;
  bool cluster_is_proved = false;
  LocalZone zone;  ///< of the local times; the system's
};

struct FieldInput {
  const AuditEvent& event;
  const FieldArgument& argument;
  const FieldContext& context;
};

/// A named, typed, documented quantity read from an event. One row of a family's
/// table (src/audit/fields_*.cpp); adding a row is all it takes to add a field.
struct Field {
  std::string_view name;
  base::ValueShape shape;
  FieldArg arg = FieldArg::kNone;
  bool arg_required = false;
  bool ours = false;  ///< not in Falco
  FieldPart part = FieldPart::kMetadata;
  FieldJson json = FieldJson::kPlain;
  std::uint8_t text_digits = 0;  ///< zero-padded to this many digits in text
  /// When printed, control characters, noncharacters and invalid UTF-8 become U+FFFD
  /// (the evt.* texts). Conditions see the value as it is.
  bool clean_text = false;
  std::string_view field_class;  ///< "k8saudit", "json", "evt", "static"
  std::string_view since;        ///< Falco or plugin release, or ours
  std::string_view doc;
  base::Value (*extract)(const FieldInput& input, base::Arena& arena) = nullptr;
};

/// All fields, grouped by family; static.NAME is one row named "static." that any
/// configured name matches.
[[nodiscard]] std::span<const Field> fields();
/// The row of this exact name (case-sensitive); null when there is none.
[[nodiscard]] const Field* find_field(std::string_view name);

/// What is wrong with a field reference. kUnknown counts as "no such field" for
/// skip-if-unknown-filter, kArgument does not.
struct FieldError {
  enum class Kind : std::uint8_t { kUnknown, kArgument };
  Kind kind = Kind::kUnknown;
  std::string message;
  std::string nearest;  ///< nearest known name, may be empty
};

/// A reference to a field with its argument, checked.
struct FieldRef {
  const Field* field = nullptr;
  std::string static_name;  ///< for static.NAME
  FieldArgument argument;
  /// The canonical spelling, as the key of `output_fields`:
  /// ka.uri.param[command], quotes only where the argument needs them.
  std::string key;
};

/// Resolves `name` with an optional argument as a condition does: whole name,
/// argument checked as Falco checks it. `quoted` says the argument stood in quotes.
/// `static_names` are the configured static_fields: static.NAME exists for these only.
[[nodiscard]] boost::system::result<FieldRef, FieldError> resolve_field(
    std::string_view name, const std::optional<std::string>& argument, bool quoted,
    std::span<const std::string> static_names = {});

}  // namespace tiercel::audit

namespace tiercel::audit {
[[noreturn]] inline void throw_exception_from_error(const FieldError& error,
                                                    const boost::source_location& /*where*/) {
  throw std::runtime_error(error.message);
}
}  // namespace tiercel::audit
