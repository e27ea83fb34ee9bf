#include "token_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/stat.h>

#include "tiercel/base/secret_file.h"

namespace tiercel::source {

namespace {

// No shorter for texts that differ early. The length is no secret.
bool is_same(std::string_view a, std::string_view b) {
  volatile unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t at = 0; at < a.size() && !b.empty(); ++at) {
    difference =
        static_cast<unsigned char>(difference | (static_cast<unsigned char>(a[at]) ^
                                                 static_cast<unsigned char>(b[at % b.size()])));
  }
  return difference == 0;
}

}  // namespace

TokenFiles::TokenFiles(std::vector<std::pair<std::string, std::string>> files)
    : files_(std::move(files)), tokens_(std::make_shared<const Tokens>(files_.size())) {}

base::Result<std::string> TokenFiles::read(std::size_t at) const {
  const auto& [name, path] = files_[at];
  struct stat status {};
  errno = 0;
  // Neither a folder, which cannot be read, nor a pipe, which can be waited on for ever.
  const bool is_file = ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
  const int missing = errno;
  auto token = is_file ? base::read_secret(path) : std::nullopt;
  std::string problem;
  if (!is_file) {
    problem = missing != 0 ? std::strerror(missing) : "it is no file";
  } else if (!token) {
    problem = errno != 0 ? std::strerror(errno) : "it must hold the token on one line";
  } else if (token->size() < kShortest) {
    problem = "it has " + std::to_string(token->size()) + " characters; fewer than " +
              std::to_string(kShortest) + " can be guessed (try: openssl rand -hex 32)";
  } else if (token->size() > kLongest) {
    problem = "it has " + std::to_string(token->size()) + " characters, more than " +
              std::to_string(kLongest);
  } else if (token->find_first_of(" \t") != std::string::npos) {
    problem = "a token has no blanks within";
  }
  if (!problem.empty()) {
    return base::Error{.code = "token_file",
                       .message = "the token '" + name + "' cannot be used: " + problem,
                       .context = path};
  }
  return base::Result<std::string>(boost::system::in_place_value, std::move(*token));
}

// Empty where there is none.
std::string TokenFiles::twin_of(const Tokens& tokens, std::size_t at) const {
  for (std::size_t other = 0; other < tokens.size(); ++other) {
    if (other != at && !tokens[at].empty() && tokens[other] == tokens[at]) {
      return files_[other].first;
    }
  }
  return {};
}

base::Error TokenFiles::same(const std::string& name, std::size_t at) const {
  return base::Error{.code = "token_file",
                     .message = "the tokens '" + name + "' and '" + files_[at].first +
                                "' are the same, so that nobody could tell whose it is",
                     .context = files_[at].second};
}

base::Result<void> TokenFiles::open() {
  watches_.clear();
  Tokens tokens(files_.size());
  for (std::size_t at = 0; at < files_.size(); ++at) {
    watches_.emplace_back(std::vector<std::string>{files_[at].second});
    auto token = read(at);
    if (!token) {
      return token.error();
    }
    tokens[at] = std::move(*token);
    if (const std::string twin = twin_of(tokens, at); !twin.empty()) {
      return same(twin, at);
    }
  }
  failed_.assign(files_.size(), false);
  tokens_.publish(std::make_shared<const Tokens>(std::move(tokens)));
  return {};
}

// All are read before any is judged, and one that was refused is judged again with the next change:
// two files whose tokens move on from one to the other are each other's twins for a moment.
RenewedTokens TokenFiles::renew(Renew which) {
  std::vector<bool> is_told(watches_.size());
  for (std::size_t at = 0; at < watches_.size(); ++at) {
    // Asked in any case, or the change would be found again.
    is_told[at] = watches_[at].has_changed() || which == Renew::kAll;
  }
  const bool is_any = std::find(is_told.begin(), is_told.end(), true) != is_told.end();
  if (!is_any && which != Renew::kFailed) {
    return {};
  }
  RenewedTokens renewed;
  const auto old = tokens_.current();
  Tokens next = *old;
  std::vector<std::size_t> read_ones;
  const auto refuse = [&](std::size_t at, base::Error error) {
    failed_[at] = true;
    if (is_told[at]) {
      renewed.errors.push_back(std::move(error));
    }
  };
  for (std::size_t at = 0; at < watches_.size(); ++at) {
    if (!is_told[at] && !failed_[at]) {
      continue;
    }
    if (auto token = read(at)) {
      next[at] = std::move(*token);
      read_ones.push_back(at);
    } else {
      refuse(at, token.error());
    }
  }
  put_back_twins(*old, next, read_ones, refuse);
  for (const std::size_t at : read_ones) {
    failed_[at] = false;
    renewed.names.push_back(files_[at].first);
  }
  tokens_.publish(std::make_shared<const Tokens>(std::move(next)));
  return renewed;
}

// A token that is put back can be another's twin in turn. All of them together are the old ones,
// none of which has one.
void TokenFiles::put_back_twins(const Tokens& old, Tokens& next,
                                std::vector<std::size_t>& read_ones,
                                const std::function<void(std::size_t, base::Error)>& refuse) const {
  bool is_settled = false;
  while (!is_settled) {
    is_settled = true;
    for (std::size_t in = 0; in < read_ones.size(); ++in) {
      const std::size_t at = read_ones[in];
      if (const std::string twin = twin_of(next, at); !twin.empty()) {
        next[at] = old[at];
        refuse(at, same(twin, at));
        read_ones.erase(read_ones.begin() + static_cast<std::ptrdiff_t>(in));
        is_settled = false;
        break;
      }
    }
  }
}

std::optional<std::string> TokenFiles::find(std::string_view token) const {
  // No token is so long: nobody shall have it compared.
  if (token.empty() || token.size() > kLongest) {
    return std::nullopt;
  }
  const auto tokens = tokens_.current();
  std::size_t found = tokens->size();
  for (std::size_t at = 0; at < tokens->size(); ++at) {
    if (is_same(token, (*tokens)[at])) {
      found = at;
    }
  }
  return found == tokens->size() ? std::nullopt : std::optional(files_[found].first);
}

}  // namespace tiercel::source
