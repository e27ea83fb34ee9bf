#include "tiercel/base/network.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include <arpa/inet.h>

namespace tiercel::base {

namespace {
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned kBitsOfAll = 128;
constexpr unsigned kBitsBeforeV4 = 96;
}  // namespace

std::optional<Network::Bytes> Network::read(std::string_view text) {
  const std::string copy(text);
  Bytes bytes{};
  if (::inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) {
    return bytes;
  }
  std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
  if (::inet_pton(AF_INET, copy.c_str(), bytes.data() + kMapped.size()) == 1) {
    return bytes;
  }
  return std::nullopt;
}

bool Network::is_v4(const Bytes& bytes) {
  return std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const auto bytes = read(address);
  if (!bytes) {
    return std::nullopt;
  }
  Network network;
  network.bytes_ = *bytes;
  network.bits_ = kBitsOfAll;
  if (slash != std::string_view::npos) {
    const std::string_view length = text.substr(slash + 1);
    const unsigned before = address.find(':') == std::string_view::npos ? kBitsBeforeV4 : 0;
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    if (error != std::errc() || end != length.data() + length.size() ||
        bits > kBitsOfAll - before) {
      return std::nullopt;
    }
    network.bits_ = before + bits;
  }
  for (unsigned bit = network.bits_; bit < kBitsOfAll; ++bit) {
    if (((static_cast<unsigned>(network.bytes_[bit / 8]) >> (7 - bit % 8)) & 1U) != 0) {
      return std::nullopt;
    }
  }
  return network;
}

bool Network::contains(std::string_view address) const {
  // A link-local peer's has its interface behind it: fe80::1%eth0.
  const auto bytes = read(address.substr(0, address.find('%')));
  if (bits_ == kNone || !bytes || is_v4(*bytes) != is_v4(bytes_)) {
    return false;
  }
  const unsigned whole = bits_ / 8;
  const unsigned rest = bits_ % 8;
  return std::memcmp(bytes->data(), bytes_.data(), whole) == 0 &&
         (rest == 0 || (static_cast<unsigned>((*bytes)[whole] ^ bytes_[whole]) >> (8 - rest)) == 0);
}

}  // namespace tiercel::base
