#include "tiercel/audit/event_key.h"

#include <cstring>
#include <string_view>

namespace tiercel::audit {

namespace {

// 64×64→128 multiply and fold, the mixing step of the wyhash family: every input bit
// reaches every output bit. Not keyed: somebody who can choose all parts can make two
// events collide, and gains that his own second alert counts as a repetition.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

constexpr std::uint64_t kSecret0 = 0xA0761D6478BD642FU;
constexpr std::uint64_t kSecret1 = 0xE7037ED1A0B428DBU;

class KeyHash {
 public:
  void add(std::string_view part) {
    absorb(part.size() + 1);  // the length, so that no two lists of parts look alike
    while (part.size() >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, part.data(), 8);
      absorb(word);
      part.remove_prefix(8);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, part.data(), part.size());
    absorb(rest);
  }
  void add_absent() { absorb(0); }
  [[nodiscard]] EventKey key() const {
    return {{mix(low_ ^ kSecret0, high_ ^ kSecret1), mix(high_ ^ kSecret0, low_ ^ kSecret1)}};
  }

 private:
  void absorb(std::uint64_t word) {
    low_ = mix(low_ ^ word, kSecret1);
    high_ = mix(high_ + word, kSecret0) ^ low_;
  }

  std::uint64_t low_ = 0x2D358DCCAA6C78A5U;
  std::uint64_t high_ = 0x8BB84B93962EACC9U;
};

Json last_element(Json array) {
  Json last;
  if (array.is_array()) {
    array.for_each_element([&last](Json element) { last = element; });
  }
  return last;
}

}  // namespace

EventKey event_key(const AuditEvent& event, base::Arena& arena) {
  KeyHash hash;
  const auto add = [&](Json value) {
    if (value.exists()) {
      hash.add(value.text(arena));
    } else {
      hash.add_absent();
    }
  };
  add(event.member(Member::kAuditId));
  add(event.member(Member::kStage));
  add(event.member(Member::kStageTimestamp));
  add(event.member(Member::kRequestReceivedTimestamp));
  add(event.member(Member::kUser).member("username"));
  add(event.member(Member::kVerb));
  add(event.member(Member::kRequestUri));
  add(last_element(event.member(Member::kSourceIps)));
  add(event.member(Member::kResponseStatus).member("code"));
  return hash.key();
}

}  // namespace tiercel::audit
