#include "taking.h"

#include <nlohmann/json.hpp>

#include "answer_json.h"

namespace tiercel::output {

namespace {

// A text without the line's end that some servers add.
bool says(const http::ClientResponse& answer, std::string_view text) {
  std::string_view said = answer.body;
  while (said.ends_with('\n') || said.ends_with('\r')) {
    said.remove_suffix(1);
  }
  return answer.status == 200 && said == text;
}

// A member of a JSON object; null where there is none.
nlohmann::json member(const http::ClientResponse& answer, const char* name) {
  const nlohmann::json said = parse_answer(answer.body);
  return said.is_object() && said.contains(name) ? said[name] : nlohmann::json(nullptr);
}

}  // namespace

constinit const Taking kAlertmanagerTakes{
    "200 without a body", [](const http::ClientResponse& answer) {
      return answer.status == 200 && (answer.body.empty() || parse_answer(answer.body).is_object());
    }};

constinit const Taking kLokiTakes{
    "204", [](const http::ClientResponse& answer) { return answer.status == 204; }};

constinit const Taking kSplunkTakes{"200 with \"code\":0", [](const http::ClientResponse& answer) {
                                      return answer.status == 200 && member(answer, "code") == 0;
                                    }};

constinit const Taking kDatadogTakes{"202", [](const http::ClientResponse& answer) {
                                       return answer.status == 202 || says(answer, "{}");
                                     }};

constinit const Taking kSlackTakes{"200 with ok", [](const http::ClientResponse& answer) {
                                     return says(answer, "ok") ||
                                            (answer.status == 200 && member(answer, "ok") == true);
                                   }};

constinit const Taking kTeamsTakes{"202", [](const http::ClientResponse& answer) {
                                     return answer.status == 202 || says(answer, "1");
                                   }};

constinit const Taking kDiscordTakes{
    "204", [](const http::ClientResponse& answer) {
      return answer.status == 204 || (answer.status == 200 && member(answer, "id").is_string());
    }};

constinit const Taking kMattermostTakes{
    "200 with ok", [](const http::ClientResponse& answer) { return says(answer, "ok"); }};

constinit const Taking kPagerdutyTakes{
    "202", [](const http::ClientResponse& answer) { return answer.status == 202; }};

}  // namespace tiercel::output
