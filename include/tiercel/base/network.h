#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tiercel::base {

/// A range of IP addresses in CIDR notation: "10.0.0.0/8", "fd00::/8", or one address. Made of
/// nothing, no address lies in it.
class Network {
 public:
  /// Nothing where the text is none, or has bits set behind its length ("10.0.0.1/8"), which is
  /// a slip more often than meant.
  [[nodiscard]] static std::optional<Network> parse(std::string_view text);

  /// Whether a numeric address lies in it. An IPv4 address lies in networks of IPv4 only, however
  /// it is written (::ffff:10.0.0.1 is 10.0.0.1); a text that is no address lies in none.
  [[nodiscard]] bool contains(std::string_view address) const;

 private:
  /// An IPv4 address stands in the last four bytes, as in ::ffff:0:0/96.
  using Bytes = std::array<std::uint8_t, 16>;
  [[nodiscard]] static std::optional<Bytes> read(std::string_view text);
  [[nodiscard]] static bool is_v4(const Bytes& bytes);

  Bytes bytes_{};
  static constexpr unsigned kNone = 129;
  unsigned bits_ = kNone;  // of the 128
};

}  // namespace tiercel::base
