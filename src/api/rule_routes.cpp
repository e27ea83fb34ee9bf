#include <nlohmann/json.hpp>

#include "tiercel/api/admin.h"

namespace tiercel::api {

namespace {

using Json = nlohmann::json;

// The text under this name; nothing where it is missing or empty.
std::string text_of(const Json& body, const char* name) {
  const auto found = body.is_object() ? body.find(name) : body.end();
  return body.is_object() && found != body.end() && found->is_string() ? found->get<std::string>()
                                                                       : std::string();
}

http::Response refused(const base::Error& error) {
  const bool is_about_name = error.code == "unknown_rule" || error.code == "not_disabled";
  return error_response(is_about_name ? 404 : 400, error.text());
}

}  // namespace

http::Response Admin::disabled_rules() const {
  return json_response(disabled_rules_json(parts_.disabled_rules(), parts_.clock.now()));
}

void Admin::add_rule_routes(Routes& routes) const {
  routes.get("/rules/disabled", [this](const http::Request&) { return disabled_rules(); });
  routes.post("/rules/disable", [this](const http::Request&, std::string_view text) {
    const Json body = Json::parse(text, nullptr, false);
    const std::string rule = text_of(body, "rule");
    const bool has_time = body.is_object() && body.contains("seconds") &&
                          body["seconds"].is_number_unsigned() &&
                          body["seconds"].get<std::uint64_t>() <= 1'000'000'000;
    if (rule.empty() || !has_time) {
      return error_response(400, R"(send {"rule": "NAME", "seconds": 7200})");
    }
    const std::chrono::seconds time(body["seconds"].get<std::int64_t>());
    const auto disabled = parts_.disable_rule(rule, time);
    return disabled ? disabled_rules() : refused(disabled.error());
  });
  routes.post("/rules/enable", [this](const http::Request&, std::string_view text) {
    const std::string rule = text_of(Json::parse(text, nullptr, false), "rule");
    if (rule.empty()) {
      return error_response(400, R"(send {"rule": "NAME"})");
    }
    const auto enabled = parts_.enable_rule(rule);
    return enabled ? disabled_rules() : refused(enabled.error());
  });
}

}  // namespace tiercel::api
