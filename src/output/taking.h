#pragma once

#include <string_view>

#include "tiercel/http/client.h"

namespace tiercel::output {

/// How a vendor says that it has taken a request. A status of 2xx alone says little: the login page
/// of a proxy has one too, and what it got is lost.
struct Taking {
  std::string_view answer{};  ///< in words, for who reads why alerts are not delivered
  bool (*is_it)(const http::ClientResponse& answer) = nullptr;  ///< nullptr: each 2xx is
};

// What the vendors document; where one documents several answers, all of them.

/// POST /api/v2/alerts: 200 without a body. Servers that stand in for it say a JSON object.
extern const Taking kAlertmanagerTakes;
/// POST /loki/api/v1/push: 204.
extern const Taking kLokiTakes;
/// {"text":"Success","code":0}, with an ackId where the token has acknowledgement.
extern const Taking kSplunkTakes;
/// The intake v2: 202. The one before it: 200 and {}.
extern const Taking kDatadogTakes;
/// An incoming webhook: "ok". A workflow's: {"ok":true}.
extern const Taking kSlackTakes;
/// A workflow without a Response action: 202. A connector: 200 and "1"; its failures are a 200 too.
extern const Taking kTeamsTakes;
/// 204; with ?wait=true 200 and the message.
extern const Taking kDiscordTakes;
/// "ok".
extern const Taking kMattermostTakes;
/// The Events API v2: 202.
extern const Taking kPagerdutyTakes;

}  // namespace tiercel::output
