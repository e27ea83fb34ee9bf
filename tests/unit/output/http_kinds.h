#pragma once

#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "peer_server.h"
#include "vendor_schema.h"

namespace tiercel::output {

/// What tests must know of a kind of output that speaks HTTP: one row for each, in http_kinds.cpp.
struct HttpKind {
  using Options = std::vector<std::pair<std::string, std::string>>;

  std::string_view name;       ///< of the row in output_types()
  std::string_view variant{};  ///< where a kind has two ways to its peer
  std::string_view path;       ///< where the vendor listens
  std::string_view url_option = "url";
  std::string_view url_path{};  ///< what of `path` stands in that option
  Options options{};            ///< what it needs beside
  support::Complaints (*check)(const support::PeerRequest& request) = nullptr;
  /// What the vendor answers when it takes a request.
  support::PeerAnswer (*takes)(const support::PeerRequest& request) = nullptr;
  bool is_batch = false;  ///< several alerts a request
  friend void PrintTo(const HttpKind& kind, std::ostream* out) { *out << kind.label(); }
  [[nodiscard]] std::string label() const { return std::string(name) + std::string(variant); }

  /// For a peer at this address, "http://127.0.0.1:1234".
  [[nodiscard]] Options options_for(const std::string& address, const Options& more = {}) const;
};

[[nodiscard]] std::span<const HttpKind> http_kinds();
/// Fails the test where there is none.
[[nodiscard]] const HttpKind& http_kind(std::string_view name);

/// Kinds that do not speak HTTP, and where it is tested what they do when their peer fails.
struct OtherKind {
  std::string_view name;
  std::string_view tests;  ///< file in this repository, or its folder
};
[[nodiscard]] std::span<const OtherKind> other_kinds();

/// Elasticsearch's answer to a bulk request, each item created.
[[nodiscard]] support::PeerAnswer bulk_created(const support::PeerRequest& request);

}  // namespace tiercel::output
