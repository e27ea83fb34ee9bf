#include "token_files.h"

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
    : files_(std::move(files)), tokens_(files_.size()) {}

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

base::Result<void> TokenFiles::take(std::size_t at, std::string token, std::size_t size) {
  const base::MutexLock lock(mutex_);
  for (std::size_t other = 0; other < size; ++other) {
    if (other != at && tokens_[other] == token) {
      return base::Error{.code = "token_file",
                         .message = "the tokens '" + files_[other].first + "' and '" +
                                    files_[at].first +
                                    "' are the same, so that nobody could tell whose it is",
                         .context = files_[at].second};
    }
  }
  tokens_[at] = std::move(token);
  return {};
}

base::Result<void> TokenFiles::open() {
  watches_.clear();
  for (std::size_t at = 0; at < files_.size(); ++at) {
    watches_.emplace_back(std::vector<std::string>{files_[at].second});
    auto token = read(at);
    if (!token) {
      return token.error();
    }
    if (auto taken = take(at, std::move(*token), at); !taken) {
      return taken;
    }
  }
  return {};
}

RenewedTokens TokenFiles::renew(Renew which) {
  RenewedTokens renewed;
  for (std::size_t at = 0; at < watches_.size(); ++at) {
    if (!watches_[at].has_changed() && which == Renew::kChanged) {
      continue;
    }
    auto token = read(at);
    const auto taken =
        token ? take(at, std::move(*token), files_.size()) : base::Result<void>(token.error());
    if (taken) {
      renewed.names.push_back(files_[at].first);
    } else {
      renewed.errors.push_back(taken.error());
    }
  }
  return renewed;
}

std::optional<std::string> TokenFiles::find(std::string_view token) const {
  const base::MutexLock lock(mutex_);
  std::size_t found = tokens_.size();
  for (std::size_t at = 0; at < tokens_.size(); ++at) {
    if (is_same(token, tokens_[at]) && !token.empty()) {
      found = at;
    }
  }
  return found == tokens_.size() ? std::nullopt : std::optional(files_[found].first);
}

}  // namespace tiercel::source
