#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "vendor_schema.h"

namespace tiercel::support {

/// What the checks of all vendors are made of: each notes what is wrong and goes on.
class VendorCheck {
 public:
  using Json = nlohmann::json;

  explicit VendorCheck(const PeerRequest& request) : request_(request) {}

  void expect(bool holds, const std::string& complaint) {
    if (!holds) {
      complaints_.push_back(complaint);
    }
  }
  /// POST to a path (without its query) with a content type (without its parameters).
  void posted(std::string_view path, std::string_view content_type);
  void posted(std::string_view content_type);
  void header(std::string_view name, std::string_view prefix);

  /// Strict JSON: one value, UTF-8, no member twice. Null where it is not.
  [[nodiscard]] Json parse(std::string_view text, const std::string& where);
  [[nodiscard]] Json body() { return parse(request_.body, "the body"); }

  enum class Need : std::uint8_t { kRequired, kOptional };
  /// A text of at most so many characters (UTF-16 units); a required one is not empty.
  void text(const Json& object, const std::string& name, std::size_t most,
            Need need = Need::kRequired);
  void one_of(const Json& object, const std::string& name,
              std::initializer_list<std::string_view> words);
  void number(const Json& object, const std::string& name, Need need = Need::kRequired);
  void time(const Json& object, const std::string& name, Need need = Need::kRequired);
  void object(const Json& object, const std::string& name);
  /// Members beside these are mistakes.
  void only(const Json& object, std::initializer_list<std::string_view> names);

  [[nodiscard]] const PeerRequest& request() const { return request_; }
  [[nodiscard]] Complaints complaints() const { return complaints_; }

 private:
  [[nodiscard]] const Json* member(const Json& object, const std::string& name, Need need);

  const PeerRequest& request_;
  Complaints complaints_;
};

/// A member; null where there is none, or no object.
[[nodiscard]] nlohmann::json at(const nlohmann::json& object, const std::string& name);
/// The same where it must be a text, a list or an object; empty where it is none.
[[nodiscard]] std::string text_at(const nlohmann::json& object, const std::string& name);
[[nodiscard]] nlohmann::json list_at(const nlohmann::json& object, const std::string& name);
[[nodiscard]] nlohmann::json object_at(const nlohmann::json& object, const std::string& name);

[[nodiscard]] std::size_t utf16_units(std::string_view text);
/// RFC 3339 with a zone.
[[nodiscard]] bool is_rfc3339(const std::string& text);
/// [a-zA-Z_][a-zA-Z0-9_]*
[[nodiscard]] bool is_label_name(const std::string& text);

}  // namespace tiercel::support
