#include "tiercel/alert/alert_id.h"

#include <cstring>

namespace tiercel::alert {

namespace {

// 64×64→128 multiply and fold, as in audit::event_key.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = mix(seed ^ text.size(), 0xE7037ED1A0B428DBU);
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t taken = text.size() < 8 ? text.size() : 8;
    std::memcpy(&word, text.data(), taken);
    hash = mix(hash ^ word, 0xA0761D6478BD642FU) + 1;
    text.remove_prefix(taken);
  }
  return hash;
}

void put_big_endian(std::uint8_t* out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t at = bytes; at-- > 0; value >>= 8U) {
    out[at] = static_cast<std::uint8_t>(value & 0xFFU);
  }
}

}  // namespace

AlertId make_alert_id(std::int64_t time, bool time_is_arrival, const audit::EventKey& key,
                      std::string_view rule) {
  AlertId id;
  const std::int64_t milliseconds = time_is_arrival || time < 0 ? 0 : time / 1'000'000;
  put_big_endian(id.bytes.data(), static_cast<std::uint64_t>(milliseconds), 6);
  const std::uint64_t high = hash_text(rule, key.bits[0]);
  const std::uint64_t low = hash_text(rule, key.bits[1] ^ high);
  put_big_endian(id.bytes.data() + 6, high, 2);
  put_big_endian(id.bytes.data() + 8, low, 8);
  return id;
}

void append_text(std::string& out, const AlertId& id) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const std::uint8_t byte : id.bytes) {
    out.push_back(kHex[byte >> 4U]);
    out.push_back(kHex[byte & 0xFU]);
  }
}

std::string to_text(const AlertId& id) {
  std::string text;
  append_text(text, id);
  return text;
}

}  // namespace tiercel::alert
