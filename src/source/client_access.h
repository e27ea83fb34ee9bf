#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/log_limit.h"
#include "tiercel/base/network.h"
#include "tiercel/http/request.h"
#include "tiercel/source/webhook_source.h"

#include "token_files.h"

namespace tiercel::source {

/// Who may post audit batches, and in whose name.
///
/// A client must come from an allowed network; where tokens are configured it must send one,
/// unless certificates are optional and it has one; a certificate must have an allowed name.
/// What is not configured is not asked for.
///
/// Runs on: any thread; thread-safe but for open() and renew_tokens(), which one thread calls.
class ClientAccess {
 public:
  explicit ClientAccess(const WebhookAccess& access);

  /// Reads the tokens. Errors: "token_file".
  [[nodiscard]] base::Result<void> open() { return tokens_.open(); }
  [[nodiscard]] RenewedTokens renew_tokens(Renew which) { return tokens_.renew(which); }

  struct Verdict {
    bool is_allowed = false;
    /// The token's name, or the certificate's; empty where there is neither.
    std::string identity{};
    /// Why not, for our own log. The client is never told.
    std::string_view reason{};
  };
  [[nodiscard]] Verdict judge(const http::Request& request);

 private:
  [[nodiscard]] bool is_in_network(std::string_view peer) const;
  /// The first of the certificate's names that may post; empty without one.
  [[nodiscard]] std::string_view allowed_name(const http::Request& request) const;

  std::vector<base::Network> networks_;
  std::vector<std::string> names_;  // patterns
  const WebhookAccess::Certificate certificate_;
  TokenFiles tokens_;
};

/// `*` stands for any run of characters. Takes time in proportion to both texts' product.
[[nodiscard]] bool matches_name(std::string_view pattern, std::string_view name);

/// Tells of refused clients: a log line a minute for each reason, and when they burst, or go on for
/// so long that one apiserver which tries a few times a minute is heard of too.
///
/// Runs on: any thread; thread-safe.
class Refusals {
 public:
  static constexpr std::uint64_t kBurst = 20;  ///< within kWindow
  static constexpr std::int64_t kWindow = 60'000'000'000;
  static constexpr std::uint64_t kLasting = 3;  ///< windows in a row with a refusal
  static constexpr std::uint64_t kAgain = 60;   ///< windows, as long as it goes on

  Refusals(WebhookAccess::OnBurst on_burst, const base::Clock& clock)
      : on_burst_(std::move(on_burst)), clock_(clock) {}
  void add(const std::string& peer, std::string_view reason) TIERCEL_EXCLUDES(mutex_);

 private:
  static constexpr std::size_t kMostReasons = 32;

  /// One that lives as long as this does.
  [[nodiscard]] base::LogLimit& log_of(std::string_view reason) TIERCEL_EXCLUDES(mutex_);
  /// True where it is time to tell.
  [[nodiscard]] bool count(std::int64_t now) TIERCEL_EXCLUDES(mutex_);

  const WebhookAccess::OnBurst on_burst_;
  const base::Clock& clock_;
  base::LogLimit other_log_;
  base::Mutex mutex_;
  std::map<std::string, base::LogLimit, std::less<>> logs_ TIERCEL_GUARDED_BY(mutex_);
  std::int64_t began_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::uint64_t count_ TIERCEL_GUARDED_BY(mutex_) = 0;
  std::uint64_t windows_ TIERCEL_GUARDED_BY(mutex_) = 0;  // in a row
};

}  // namespace tiercel::source
