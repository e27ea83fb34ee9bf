#include <algorithm>
#include <array>
#include <charconv>

#include "tiercel/audit/field.h"
#include "tiercel/base/nearest.h"

#include "field_table.h"
#include "json_pointer.h"

// From what a rule writes to the row and its prepared argument.

namespace tiercel::audit {

namespace {

using Kind = FieldError::Kind;

struct Renamed {
  std::string_view old_name;
  std::string_view name;
};
// Names that older releases of Falco had.
constexpr std::array<Renamed, 2> kRenamed{{
    {"jevt.time", "evt.time"},
    {"jevt.time.iso8601", "evt.time.iso8601"},
}};

// Classes and names that Falco has for its other source.
constexpr std::array<std::string_view, 9> kSystemCallClasses{
    "proc.", "thread.", "fd.", "fs.", "user.", "group.", "container.", "k8s.", "syslog."};
constexpr std::array<std::string_view, 28> kSystemCallNames{
    "evt.type",         "evt.type.is",      "evt.dir",           "evt.args",
    "evt.arg",          "evt.rawarg",       "evt.info",          "evt.deltatime",
    "evt.deltatime.s",  "evt.deltatime.ns", "evt.latency",       "evt.latency.s",
    "evt.latency.ns",   "evt.category",     "evt.cpu",           "evt.res",
    "evt.rawres",       "evt.failed",       "evt.count",         "evt.buffer",
    "evt.buflen",       "evt.io_dir",       "evt.is_io",         "evt.is_wait",
    "evt.is_open_read", "evt.is_open_exec", "evt.is_open_write", "evt.abspath"};

bool is_for_system_calls(std::string_view name) {
  const auto starts = [name](std::string_view prefix) { return name.starts_with(prefix); };
  return std::any_of(kSystemCallClasses.begin(), kSystemCallClasses.end(), starts) ||
         std::find(kSystemCallNames.begin(), kSystemCallNames.end(), name) !=
             kSystemCallNames.end();
}

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// The nearest name: the same but for upper and lower case, else by edit distance.
std::string nearest_field(std::string_view name, std::span<const std::string> static_names) {
  std::vector<std::string> statics;
  statics.reserve(static_names.size());
  for (const std::string& known : static_names) {
    statics.push_back(std::string(kStaticPrefix) + known);
  }
  std::vector<std::string_view> known(statics.begin(), statics.end());
  const std::string lower = to_lower(name);
  for (const Field& field : fields()) {
    if (field.name == kStaticPrefix) {
      continue;
    }
    if (to_lower(field.name) == lower) {
      return std::string(field.name);
    }
    known.push_back(field.name);
  }
  return std::string(base::nearest_name(name, known));
}

FieldError unknown_field(std::string_view name, std::span<const std::string> static_names) {
  for (const Renamed& renamed : kRenamed) {
    if (renamed.old_name == name) {
      return {Kind::kUnknown,
              in_quotes(name) + " was a field up to Falco 0.31; it is " +
                  std::string(renamed.name) + " now",
              std::string(renamed.name)};
    }
  }
  if (is_for_system_calls(name)) {
    return {Kind::kUnknown,
            in_quotes(name) + " exists for system calls only, not for audit events",
            {}};
  }
  if (name.starts_with(kStaticPrefix)) {
    return {Kind::kUnknown,
            "no field " + in_quotes(name) + ": static_fields has no " +
                in_quotes(name.substr(kStaticPrefix.size())),
            nearest_field(name, static_names)};
  }
  return {Kind::kUnknown, "no field " + in_quotes(name), nearest_field(name, static_names)};
}

FieldError bad_argument(std::string_view name, std::string_view what) {
  return {Kind::kArgument, in_quotes(name) + ' ' + std::string(what), {}};
}

// Decimal digits without leading zero, at most 2^64-1.
std::optional<std::uint64_t> parse_index(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  std::uint64_t index = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, index);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(index) : std::nullopt;
}

// Whether Falco writes the argument back in quotes.
bool needs_quotes(std::string_view argument) {
  return argument.empty() || std::any_of(argument.begin(), argument.end(), [](char c) {
           return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '=' || c == '"' ||
                  c == '\'' || c == '\\';
         });
}

std::string in_brackets(std::string_view argument) {
  if (!needs_quotes(argument)) {
    return '[' + std::string(argument) + ']';
  }
  constexpr std::string_view kPlain = "\b\f\n\r\t\"\\";
  constexpr std::string_view kEscaped = "bfnrt\"\\";
  std::string text = "[\"";
  for (const char c : argument) {
    const std::size_t at = kPlain.find(c);
    if (at != std::string_view::npos) {
      text += '\\';
    }
    text += at == std::string_view::npos ? c : kEscaped[at];
  }
  return text + "\"]";
}

// What is wrong with giving this argument to this field; nothing when it is fine.
std::optional<FieldError> check_argument(const Field& field, std::string_view name,
                                         std::string_view argument) {
  if (argument.find(' ') != std::string_view::npos) {
    return bad_argument(name, "takes no argument that holds a blank");
  }
  if (argument.find(']') != std::string_view::npos) {
    return FieldError{Kind::kUnknown,
                      "no field " + in_quotes(std::string(name) + in_brackets(argument)) +
                          ": an argument cannot hold a closing bracket",
                      {}};
  }
  switch (field.arg) {
    case FieldArg::kNone:
      // Falco says "no such field" for its own classes and "no argument" for plugins'.
      if (field.field_class == kEventClass || field.field_class == kStaticClass) {
        return FieldError{Kind::kUnknown, in_quotes(name) + " takes no argument",
                          std::string(name)};
      }
      return bad_argument(name, "takes no argument");
    case FieldArg::kIndex:
      if (!parse_index(argument)) {
        return bad_argument(name, "takes an index, decimal digits without leading zero, not " +
                                      in_quotes(argument));
      }
      return std::nullopt;
    case FieldArg::kKey:
      return std::nullopt;
  }
  return std::nullopt;
}

const Field* find_row(std::string_view name, std::span<const std::string> static_names) {
  if (!name.starts_with(kStaticPrefix)) {
    return find_field(name);
  }
  const std::string_view wanted = name.substr(kStaticPrefix.size());
  const bool configured =
      std::find(static_names.begin(), static_names.end(), wanted) != static_names.end();
  return configured ? find_field(kStaticPrefix) : nullptr;
}

}  // namespace

boost::system::result<FieldRef, FieldError> resolve_field(
    std::string_view name, const std::optional<std::string>& argument, bool /*quoted*/,
    std::span<const std::string> static_names) {
  const Field* const field = find_row(name, static_names);
  if (field == nullptr) {
    return unknown_field(name, static_names);
  }
  FieldRef reference;
  reference.field = field;
  reference.key = std::string(name);
  if (field->field_class == kStaticClass) {
    reference.static_name = std::string(name.substr(kStaticPrefix.size()));
    reference.argument.text = reference.static_name;
  }
  if (!argument) {
    if (field->arg_required) {
      return bad_argument(name, "needs an argument: " + std::string(name) + "[…]");
    }
    return reference;
  }
  if (auto problem = check_argument(*field, name, *argument)) {
    return *std::move(problem);
  }
  reference.argument.text = *argument;
  reference.argument.present = true;
  if (field->arg == FieldArg::kIndex) {
    reference.argument.index = parse_index(*argument);
  } else if (field->field_class == kJsonClass) {
    reference.argument.path = split_pointer(*argument);
  }
  reference.key += in_brackets(*argument);
  return reference;
}

}  // namespace tiercel::audit
