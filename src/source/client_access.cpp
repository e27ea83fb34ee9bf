#include "client_access.h"

#include <algorithm>
#include <optional>

namespace tiercel::source {

namespace {

constexpr std::string_view kNoName = "it has shown no certificate with a name";
constexpr std::string_view kOtherName = "its certificate has none of webserver.ssl_client_names";

// The token of "Authorization: Bearer TOKEN"; the word in any case, as in RFC 9110.
std::optional<std::string_view> bearer_of(const http::Request& request) {
  std::string_view value = request.header("Authorization");
  const std::size_t blank = value.find(' ');
  if (blank == std::string_view::npos || !http::same_word(value.substr(0, blank), "Bearer")) {
    return std::nullopt;
  }
  value.remove_prefix(std::min(value.find_first_not_of(' ', blank), value.size()));
  return value.substr(0, value.find_last_not_of(" \t") + 1);
}

}  // namespace

bool matches_name(std::string_view pattern, std::string_view name) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;  // the last one met, and where it began to stand
  std::size_t from = 0;
  while (at < name.size()) {
    if (in < pattern.size() && pattern[in] == '*') {
      star = in++;
      from = at;
    } else if (in < pattern.size() && pattern[in] == name[at]) {
      ++in;
      ++at;
    } else if (star != std::string_view::npos) {
      in = star + 1;
      at = ++from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in) == std::string_view::npos;
}

ClientAccess::ClientAccess(const WebhookAccess& access)
    : names_(access.names), certificate_(access.certificate), tokens_(access.tokens) {
  for (const std::string& text : access.networks) {
    // The configuration has refused what is none; here it allows nobody.
    networks_.push_back(base::Network::parse(text).value_or(base::Network()));
  }
}

bool ClientAccess::is_in_network(std::string_view peer) const {
  return networks_.empty() ||
         std::any_of(networks_.begin(), networks_.end(),
                     [peer](const base::Network& network) { return network.contains(peer); });
}

std::string_view ClientAccess::allowed_name(const http::Request& request) const {
  for (const std::string& name : request.peer_names) {
    if (names_.empty() || std::any_of(names_.begin(), names_.end(), [&](const std::string& one) {
          return matches_name(one, name);
        })) {
      return name;
    }
  }
  return {};
}

ClientAccess::Verdict ClientAccess::judge(const http::Request& request) {
  // Looked for in any case, or the time of a refusal would tell which part was wrong.
  const auto token = bearer_of(request);
  auto known = tokens_.empty() ? std::nullopt : tokens_.find(token.value_or(std::string_view()));
  if (!is_in_network(request.peer)) {
    return {.reason = "its address lies outside webserver.allowed_networks"};
  }
  using Certificate = WebhookAccess::Certificate;
  const std::string_view name = allowed_name(request);
  // Also on a port whose handshake did not ask for one.
  if (certificate_ == Certificate::kRequired && name.empty()) {
    return {.reason = request.peer_names.empty() ? kNoName : kOtherName};
  }
  if (tokens_.empty()) {
    if (name.empty() && !request.peer_names.empty()) {
      return {.reason = kOtherName};
    }
    return {.is_allowed = true, .identity = std::string(name)};
  }
  if (known) {
    return {.is_allowed = true, .identity = std::move(*known)};
  }
  if (certificate_ == Certificate::kOptional && !name.empty()) {
    return {.is_allowed = true, .identity = std::string(name)};
  }
  return {.reason = token ? "its token is none of webserver.tokens"
                          : "it sends no token (kube-apiserver sends one over https only)"};
}

void Refusals::add(const std::string& peer, std::string_view reason) {
  const std::int64_t now = clock_.steady();
  base::LogLimit& log = log_of(reason);
  if (log.lets_through(now)) {
    log.say("audit batches from " + peer + " are refused: " + std::string(reason));
  }
  if (count(now) && on_burst_) {
    on_burst_(peer, reason);
  }
}

// What a handshake failed for is OpenSSL's text, so that reasons beyond the first share one.
base::LogLimit& Refusals::log_of(std::string_view reason) {
  const base::MutexLock lock(mutex_);
  const auto found = logs_.find(reason);
  if (found != logs_.end()) {
    return found->second;
  }
  return logs_.size() < kMostReasons ? logs_.try_emplace(std::string(reason)).first->second
                                     : other_log_;
}

bool Refusals::count(std::int64_t now) {
  const base::MutexLock lock(mutex_);
  if (count_ == 0 || now - began_ >= kWindow) {
    const bool follows = count_ != 0 && now - began_ < 2 * kWindow;
    windows_ = follows ? windows_ + 1 : 1;
    began_ = now;
    count_ = 0;
  }
  ++count_;
  return count_ == kBurst ||
         (count_ == 1 && windows_ >= kLasting && (windows_ - kLasting) % kAgain == 0);
}

}  // namespace tiercel::source
