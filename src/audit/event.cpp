#include "tiercel/audit/event.h"

#include <array>
#include <string_view>

#include "tiercel/audit/document.h"
#include "tiercel/base/same_text.h"

namespace tiercel::audit {

namespace {

constexpr auto kMembers = static_cast<std::size_t>(Member::kCount);

// In the order of Member.
constexpr std::array<std::string_view, kMembers> kNames{
    "kind",
    "apiVersion",
    "level",
    "auditID",
    "stage",
    "requestURI",
    "verb",
    "user",
    "impersonatedUser",
    "sourceIPs",
    "userAgent",
    "objectRef",
    "responseStatus",
    "requestObject",
    "responseObject",
    "requestReceivedTimestamp",
    "stageTimestamp",
    "annotations",
};

// Length and last letter tell the names apart; a table without collisions makes looking one
// up a single comparison. That there is none is checked while compiling.
constexpr std::size_t kSlots = 64;
constexpr std::size_t slot_of(std::string_view key) {
  return (key.size() * 3 + static_cast<unsigned char>(key.back())) % kSlots;
}
constexpr auto make_slots() {
  std::array<Member, kSlots> slots{};
  slots.fill(Member::kCount);
  for (std::size_t at = 0; at < kMembers; ++at) {
    Member& slot = slots[slot_of(kNames[at])];
    if (slot != Member::kCount) {
      throw "two names share a slot: change the factor in slot_of";
    }
    slot = static_cast<Member>(at);
  }
  return slots;
}
constexpr auto kMemberOfSlot = make_slots();

Member find_member(std::string_view key) {
  if (key.empty()) {
    return Member::kCount;
  }
  const Member member = kMemberOfSlot[slot_of(key)];
  return member != Member::kCount && base::same_text(kNames[static_cast<std::size_t>(member)], key)
             ? member
             : Member::kCount;
}

Member find_escaped_member(std::string_view raw_key) {
  base::Arena arena;
  return find_member(decode_string(raw_key, arena));
}

// Two digits at `at`, or -1.
int two_digits(std::string_view text, std::size_t at) {
  const unsigned tens = static_cast<unsigned char>(text[at]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(text[at + 1]) - unsigned{'0'};
  return tens > 9 || ones > 9 ? -1 : static_cast<int>(tens * 10 + ones);
}

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
constexpr std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// How many nanoseconds one is in the last of so many digits of a second's fraction.
constexpr std::size_t kFractionDigits = 9;
constexpr std::array<std::int64_t, kFractionDigits + 1> kUnitOfDigits{
    1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};

// "Z" or "±hh:mm" as the whole rest: seconds east of UTC.
bool parse_zone(std::string_view rest, std::int64_t& out_seconds) {
  if (rest == "Z") {
    out_seconds = 0;
    return true;
  }
  if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') {
    return false;
  }
  const int hours = two_digits(rest, 1);
  const int minutes = two_digits(rest, 4);
  if (hours < 0 || hours > 24 || minutes < 0 || minutes > 59) {
    return false;
  }
  out_seconds = std::int64_t{hours * 60 + minutes} * 60 * (rest[0] == '-' ? -1 : 1);
  return true;
}

}  // namespace

bool parse_time(std::string_view text, std::int64_t& out_nanoseconds) {
  // 2020-01-02T03:04:06[.123456789]Z
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':') {
    return false;
  }
  const int century = two_digits(text, 0);
  const int year_of_century = two_digits(text, 2);
  const int month = two_digits(text, 5);
  const int day = two_digits(text, 8);
  const int hour = two_digits(text, 11);
  const int minute = two_digits(text, 14);
  const int second = two_digits(text, 17);
  if (century < 0 || year_of_century < 0 || month < 1 || month > 12 || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59 || second < 0 || second > 59) {
    return false;
  }
  const int year = century * 100 + year_of_century;
  if (day < 1 || day > days_in_month(year, month)) {
    return false;
  }
  std::size_t at = 19;
  std::int64_t fraction = 0;
  if (text[at] == '.' || text[at] == ',') {
    const std::size_t first = ++at;
    std::size_t digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      if (digits < kFractionDigits) {
        fraction = fraction * 10 + (text[at] - '0');
        ++digits;
      }
    }
    if (at == first) {
      return false;
    }
    fraction *= kUnitOfDigits[digits];
  }
  std::int64_t zone = 0;
  if (!parse_zone(text.substr(at), zone)) {
    return false;
  }
  // What 64 bits of nanoseconds can hold: the years 1678 to 2261 for certain.
  if (year < 1678 || year > 2261) {
    return false;
  }
  const std::int64_t seconds = days_from_civil(year, month, day) * 86'400 +
                               std::int64_t{hour} * 3'600 + std::int64_t{minute} * 60 + second -
                               zone;
  out_nanoseconds = seconds * 1'000'000'000 + fraction;
  return true;
}

void AuditEvent::bind(Json root, std::int64_t arrival) {
  root_ = root;
  members_.fill(0);
  number_ = 0;
  root.for_each_member([this](std::string_view raw_key, Json value) {
    Member member = find_member(raw_key);
    if (member == Member::kCount && raw_key.find('\\') != std::string_view::npos) {
      member = find_escaped_member(raw_key);
    }
    if (member != Member::kCount) {
      std::uint32_t& slot = members_[static_cast<std::size_t>(member)];
      slot = slot != 0 ? slot : value.position();  // the first duplicate counts
    }
  });
  const Json stamp = member(Member::kStageTimestamp);
  time_is_arrival_ = !stamp.is_string() || !parse_time(stamp.raw_string(), time_);
  if (time_is_arrival_) {
    time_ = arrival;
  }
}

}  // namespace tiercel::audit
