#include "pointer_redaction.h"

#include <charconv>
#include <optional>

#include "tiercel/alert/redactor.h"
#include "tiercel/base/arena.h"

#include "redact_names.h"

namespace tiercel::alert {

namespace {

using audit::Json;

bool is_secret_kind(Json kind) {
  if (!kind.is_string()) {
    return false;
  }
  const std::string_view text = kind.raw_string();
  return text == "Secret" || text == "SecretList";
}

std::optional<std::uint64_t> index_of(std::string_view part) {
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  const bool whole = error == std::errc{} && end == part.data() + part.size();
  return whole ? std::optional(index) : std::nullopt;
}

/// The way from the event to the value.
struct Way {
  Json parent;
  Json value;
  bool secret = false;      // a Secret, or inside one
  bool data = false;        // its data, or inside it
  bool credential = false;  // below a member or the path of a patch that names one
};

bool is_data_path(std::string_view path) {
  return path.starts_with("/data") || path.starts_with("/stringData");
}

std::string_view text_of(Json value, base::Arena& arena) {
  return value.exists() ? value.text(arena) : std::string_view{};
}

Way follow(std::span<const std::string> path, const audit::AuditEvent& event) {
  Way way;
  base::Arena arena;
  way.value = event.root();
  way.secret = is_secret_event(event);
  for (const std::string& part : path) {
    way.parent = way.value;
    if (way.parent.is_array()) {
      const auto index = index_of(part);
      way.value = index ? way.parent.element(*index) : Json();
      continue;
    }
    way.secret = way.secret || is_secret_kind(way.parent.member("kind"));
    const KeyKind kind = key_kind(part);
    way.data = way.data || kind == KeyKind::kSecret || (kind == KeyKind::kData && way.secret);
    if (kind == KeyKind::kValue) {
      const std::string_view patched = text_of(way.parent.member("path"), arena);
      way.data = way.data || (way.secret && is_data_path(patched));
      way.credential = way.credential || is_credential_path(patched) ||
                       is_credential_name(text_of(way.parent.member("name"), arena)) ||
                       is_credential_name(text_of(way.parent.member("key"), arena));
    } else {
      // Of the members of {"password":{…}} it is `value` alone.
      way.credential = kind == KeyKind::kCredential;
    }
    way.value = way.parent.member(part);
  }
  way.secret = way.secret || (way.value.is_object() && is_secret_kind(way.value.member("kind")));
  return way;
}

// What the elements before say about this one.
ArgumentState state_before(const Way& way, std::uint64_t index, const RedactScope& scope,
                           base::Arena& arena) {
  constexpr std::uint64_t kMostElements = 256;
  ArgumentState state;
  state.is_word = true;
  std::uint64_t at = 0;
  if (!way.parent.is_array()) {
    return state;
  }
  way.parent.for_each_element([&](Json element) {
    if (at < index && (at < kMostElements || at + 1 == index) && element.is_string()) {
      std::string ignored;
      JsonVerdict verdict;
      const std::string_view text = element.text(arena);
      if (text.size() < kMostElements) {
        static_cast<void>(redact_any(text, scope.inner(), state, verdict, ignored));
      }
    }
    ++at;
  });
  return state;
}

bool mask_whole(std::string& out) {
  out = kMask;
  return true;
}

bool redact_scalar(std::string_view text, std::string_view name, const Way& way,
                   const RedactScope& scope, std::string& out) {
  switch (key_kind(name)) {
    case KeyKind::kCredential:
      return is_worth_masking(text) && mask_whole(out);
    case KeyKind::kValue:
      if (way.credential) {
        return !text.empty() && mask_whole(out);
      }
      return redact_value(text, scope, out);
    case KeyKind::kUri:
      return redact_uri(text, false, scope, out);
    case KeyKind::kIdentity:
    case KeyKind::kName:
    case KeyKind::kPath:
    case KeyKind::kKind:
    case KeyKind::kResource:
      return redact_shapes(text, scope, out);
    default:
      return redact_value(text, scope, out);
  }
}

}  // namespace

bool is_secret_event(const audit::AuditEvent& event) {
  using audit::Member;
  const Json resource = event.member(Member::kObjectRef).member("resource");
  return (resource.is_string() && resource.raw_string() == "secrets") ||
         is_secret_kind(event.member(Member::kRequestObject).member("kind")) ||
         is_secret_kind(event.member(Member::kResponseObject).member("kind"));
}

bool redact_pointer(std::string_view text, std::span<const std::string> path,
                    const audit::AuditEvent& event, const RedactScope& outer, std::string& out) {
  const Way way = follow(path, event);
  RedactScope scope = outer;
  scope.secret = way.secret;
  scope.data = way.data;
  const std::string_view last = path.empty() ? std::string_view{} : path.back();
  const auto index = way.parent.is_array() ? index_of(last) : std::nullopt;
  const std::string_view name =
      index && path.size() > 1 ? std::string_view(path[path.size() - 2]) : last;
  const KeyKind kind = key_kind(name);
  const bool credential =
      kind == KeyKind::kCredential || (kind == KeyKind::kValue && way.credential);
  if (way.data || way.value.is_object() || (way.value.is_array() && !credential)) {
    return redact_value(text, scope, out);
  }
  if (!index) {
    return redact_scalar(text, name, way, scope, out);
  }
  if (credential) {
    return is_worth_masking(text) && mask_whole(out);
  }
  base::Arena arena;
  ArgumentState state = state_before(way, *index, scope, arena);
  JsonVerdict verdict;
  return redact_any(text, scope, state, verdict, out);
}

}  // namespace tiercel::alert
