#include "peer_secrets.h"

#include <algorithm>
#include <utility>

#include <openssl/evp.h>

#include "tiercel/base/json_text.h"

#include "http_peer.h"

namespace tiercel::output {

namespace {

// Of a path: "api" tells nobody anything, and is in many an answer.
constexpr std::size_t kLeastPiece = 16;
constexpr std::size_t kLeastSecret = 4;

std::string base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0');
  const int length = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    const char low = static_cast<char>(c | ' ');
    return c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_escape = text[at] == '%' && at + 2 < text.size() && digit(text[at + 1]) >= 0 &&
                           digit(text[at + 2]) >= 0;
    out += is_escape ? static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2])) : text[at];
    at += is_escape ? 2 : 0;
  }
  return out;
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t found = 0; (found = text.find(what, at)) != std::string_view::npos;) {
    out += text.substr(at, found - at);
    out += by;
    at = found + what.size();
  }
  return out += text.substr(at);
}

// As it is, and as peers that answer in JSON write it: some escape a slash.
void add(std::string_view secret, std::vector<std::string>& out) {
  if (secret.size() < kLeastSecret) {
    return;
  }
  std::string escaped;
  base::append_json_escaped(escaped, secret);
  for (const std::string& form : {std::string(secret), escaped, replaced(escaped, "/", "\\/")}) {
    if (std::find(out.begin(), out.end(), form) == out.end()) {
      out.push_back(form);
    }
  }
}

// A header's value, and what stands in it behind "Bearer", "Splunk" and the like.
void add_header(std::string_view value, std::vector<std::string>& out) {
  add(value, out);
  if (const std::size_t blank = value.rfind(' '); blank != std::string_view::npos) {
    add(value.substr(blank + 1), out);
  }
}

void add_basic(const std::string& user, const std::string& password,
               std::vector<std::string>& out) {
  add(password, out);
  if (!user.empty() || !password.empty()) {
    add(base64(user + ':' + password), out);
  }
}

struct UrlParts {
  std::string_view user;    // with its password
  std::string_view target;  // path and query
};

UrlParts parts_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?#", host), url.size());
  const std::string_view host_and_user = url.substr(host, path - host);
  const std::size_t end = host_and_user.rfind('@');
  return {end == std::string_view::npos ? std::string_view{} : host_and_user.substr(0, end),
          url.substr(path)};
}

void add_user(std::string_view user, std::vector<std::string>& out) {
  const std::size_t colon = user.find(':');
  add(user.substr(colon == std::string_view::npos ? 0 : colon + 1), out);
  if (colon != std::string_view::npos) {
    add_basic(percent_decoded(user.substr(0, colon)), percent_decoded(user.substr(colon + 1)), out);
  }
}

void add_target(std::string_view target, std::vector<std::string>& out) {
  const std::size_t query = std::min(target.find('?'), target.size());
  for (const std::string_view part :
       {target, target.substr(0, query), target.substr(std::min(query + 1, target.size()))}) {
    add(part, out);
    add(percent_decoded(part), out);
  }
  for (std::size_t at = 0; at < target.size();) {
    const std::size_t end = std::min(target.find_first_of("/?&=#", at), target.size());
    if (end - at >= kLeastPiece) {
      add(target.substr(at, end - at), out);
      add(percent_decoded(target.substr(at, end - at)), out);
    }
    at = end + 1;
  }
}

}  // namespace

PeerSecrets::PeerSecrets(const HttpPeerOptions& options, const std::vector<std::string>& more) {
  const UrlParts url = parts_of(options.url);
  add_user(url.user, secrets_);
  add_target(url.target, secrets_);
  add_user(parts_of(options.proxy).user, secrets_);
  add(options.bearer_token, secrets_);
  add_basic(options.username, options.password, secrets_);
  for (const auto& [name, value] : options.headers) {
    add_header(value, secrets_);
  }
  for (const std::string& secret : more) {
    add(secret, secrets_);
  }
  std::sort(secrets_.begin(), secrets_.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string PeerSecrets::hide(std::string_view said, std::string_view token) const {
  constexpr std::string_view kHidden = "\u2026";
  std::string text(said);
  std::vector<std::string> of_token;
  add(token, of_token);
  for (const auto* const list : {&std::as_const(of_token), &secrets_}) {
    for (const std::string& secret : *list) {
      if (text.find(secret) != std::string::npos) {
        text = replaced(text, secret, kHidden);
      }
    }
  }
  return text;
}

}  // namespace tiercel::output
