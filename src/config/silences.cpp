#include <algorithm>
#include <chrono>

#include "tiercel/base/utc_time.h"

#include "routing_parts.h"
#include "scalar.h"

namespace tiercel::config {

namespace {

constexpr std::size_t kMostSilences = 1000;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLong = std::int64_t{90} * 24 * 3600 * kSecond;
constexpr std::string_view kTimeExample = "2026-01-31T18:00:00Z";

// Takes `count` digits from the front; negative where there are fewer.
int take_digits(std::string_view& rest, std::size_t count) {
  if (rest.size() < count) {
    return -1;
  }
  int value = 0;
  for (std::size_t at = 0; at < count; ++at) {
    if (rest[at] < '0' || rest[at] > '9') {
      return -1;
    }
    value = value * 10 + (rest[at] - '0');
  }
  rest.remove_prefix(count);
  return value;
}

bool take_char(std::string_view& rest, std::string_view any_of) {
  if (rest.empty() || any_of.find(rest.front()) == std::string_view::npos) {
    return false;
  }
  rest.remove_prefix(1);
  return true;
}

// ".123" as nanoseconds; digits beyond the ninth are dropped.
std::optional<std::int64_t> take_fraction(std::string_view& rest) {
  std::int64_t nanoseconds = 0;
  if (!take_char(rest, ".")) {
    return nanoseconds;
  }
  std::int64_t unit = kSecond / 10;
  std::size_t digits = 0;
  while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
    nanoseconds += unit * (rest.front() - '0');
    unit /= 10;
    ++digits;
    rest.remove_prefix(1);
  }
  return digits == 0 ? std::nullopt : std::optional<std::int64_t>(nanoseconds);
}

// "Z" or "+02:00" as seconds east of Greenwich.
std::optional<std::int64_t> take_zone(std::string_view& rest) {
  if (take_char(rest, "Zz")) {
    return 0;
  }
  const bool is_west = rest.starts_with('-');
  if (!take_char(rest, "+-")) {
    return std::nullopt;
  }
  const int hours = take_digits(rest, 2);
  if (hours < 0 || hours > 23 || !take_char(rest, ":")) {
    return std::nullopt;
  }
  const int minutes = take_digits(rest, 2);
  if (minutes < 0 || minutes > 59) {
    return std::nullopt;
  }
  const std::int64_t offset = hours * std::int64_t{3600} + minutes * std::int64_t{60};
  return is_west ? -offset : offset;
}

std::optional<std::int64_t> take_days(std::string_view& rest) {
  const int year = take_digits(rest, 4);
  if (year < 1970 || year > 2200 || !take_char(rest, "-")) {
    return std::nullopt;
  }
  const int month = take_digits(rest, 2);
  if (month < 1 || !take_char(rest, "-")) {
    return std::nullopt;
  }
  const int day = take_digits(rest, 2);
  const std::chrono::year_month_day date{
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
      std::chrono::day(day < 0 ? 0U : static_cast<unsigned>(day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// Reads the elements of `silences`.
class SilenceReader {
 public:
  SilenceReader(std::int64_t now, std::vector<SilenceSettings>& out, Reporter& reporter)
      : now_(now), out_(out), reporter_(reporter) {}

  void read(const Node& item) {
    if (!check_members(item, "a silence",
                       {"id", "matchers", "match", "outputs", "output", "receiver", "starts",
                        "ends", "owner", "comment"},
                       reporter_)) {
      return;
    }
    SilenceSettings silence;
    silence.location = reporter_.locate(item.place);
    silence.id = "silences[" + std::to_string(out_.size()) + "]";
    read_id(item, silence.id);
    read_matchers(item, silence.matchers, reporter_);
    read_output_names(item, silence.outputs, reporter_);
    const bool starts_well = read_time(item, "starts", silence.starts);
    const bool ends_well = read_time(item, "ends", silence.ends);
    need(item, "owner", silence.owner, "who answers for it");
    need(item, "comment", silence.comment, "why it is there");
    if (starts_well && ends_well) {
      check_span(item, silence);
    }
    out_.push_back(std::move(silence));
  }

 private:
  void read_id(const Node& item, std::string& id) {
    const Node* const node = item.find("id");
    if (node == nullptr || node->is_null()) {
      return;
    }
    const std::string* const text = take_text(*node, "'id'", reporter_);
    if (text == nullptr || text->empty()) {
      return;
    }
    id = *text;
    if (std::any_of(out_.begin(), out_.end(),
                    [&id](const SilenceSettings& other) { return other.id == id; })) {
      reporter_.error(Code::kConflict, node->place,
                      "there is a silence with the id '" + id + "' already");
    }
  }

  // True where the time is known, or may be absent and is.
  bool read_time(const Node& item, std::string_view key, std::int64_t& out) {
    const std::string name(key);
    const Node* const node = item.find(key);
    if (node == nullptr || node->is_null()) {
      if (key == "ends") {
        reporter_.error(Code::kBadValue, item.place, "a silence needs 'ends': none lasts for ever",
                        {"for example: ends: " + std::string(kTimeExample)});
        return false;
      }
      return true;
    }
    const std::string* const text = take_text(*node, "'" + name + "'", reporter_);
    if (text == nullptr) {
      return false;
    }
    const std::optional<std::int64_t> time = parse_rfc3339(*text);
    if (!time) {
      reporter_.error(Code::kBadValue, node->place,
                      "'" + name + "' is no time of RFC 3339: '" + *text + "'",
                      {"write date, time and zone: " + name + ": " + std::string(kTimeExample) +
                       ", or with +01:00 for Z"});
      return false;
    }
    out = *time;
    return true;
  }

  void need(const Node& item, std::string_view key, std::string& out, std::string_view what) {
    const std::string name(key);
    const Node* const node = item.find(key);
    if (node != nullptr && !node->is_null()) {
      const std::string* const text = take_text(*node, "'" + name + "'", reporter_);
      if (text == nullptr) {
        return;
      }
      out = *text;
    }
    if (out.empty()) {
      reporter_.error(Code::kBadValue, node == nullptr ? item.place : node->place,
                      "a silence needs '" + name + "': " + std::string(what),
                      {"write " + name + ": and a text"});
    }
  }

  void check_span(const Node& item, const SilenceSettings& silence) {
    const Place place = item.find("ends")->place;
    if (silence.ends <= silence.starts) {
      reporter_.error(Code::kConflict, place,
                      "the silence '" + silence.id + "' ends before it starts");
    } else if (silence.ends <= now_) {
      reporter_.note(Code::kBadValue, place,
                     "the silence '" + silence.id + "' has ended and does nothing");
    } else if (silence.ends - (silence.starts == 0 ? now_ : silence.starts) > kLong) {
      reporter_.warning(Code::kBadValue, place,
                        "the silence '" + silence.id + "' lasts longer than 90 days",
                        {"what is silent for so long is forgotten: let it end earlier and renew "
                         "it, or change the rule"});
    }
  }

  std::int64_t now_;
  std::vector<SilenceSettings>& out_;
  Reporter& reporter_;
};

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  const std::optional<std::int64_t> days = take_days(text);
  if (!days || !take_char(text, "Tt ")) {
    return std::nullopt;
  }
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take_char(text, ":")) {
    return std::nullopt;
  }
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take_char(text, ":")) {
    return std::nullopt;
  }
  const int second = take_digits(text, 2);
  if (second < 0 || second > 60) {
    return std::nullopt;
  }
  const std::optional<std::int64_t> fraction = take_fraction(text);
  const std::optional<std::int64_t> zone = fraction ? take_zone(text) : std::nullopt;
  if (!zone || !text.empty()) {
    return std::nullopt;
  }
  const std::int64_t seconds =
      *days * 86'400 + hour * std::int64_t{3600} + minute * std::int64_t{60} + second - *zone;
  return seconds * kSecond + *fraction;
}

std::string rfc3339_text(std::int64_t nanoseconds) {
  return base::utc_text(nanoseconds, nanoseconds % kSecond == 0 ? 0 : 9);
}

void read_silences(const Node& node, std::int64_t now, std::vector<SilenceSettings>& out,
                   Reporter& reporter) {
  if (!node.is_sequence()) {
    reporter.error(Code::kWrongType, node.place,
                   "'silences' is a list, not " + std::string(kind_text(node)));
    return;
  }
  if (node.items.size() > kMostSilences) {
    reporter.error(Code::kOutOfBounds, node.place, "there are more than 1000 silences");
    return;
  }
  SilenceReader reader(now, out, reporter);
  for (const Node& item : node.items) {
    if (reporter.is_full()) {
      return;
    }
    reader.read(item);
  }
}

}  // namespace tiercel::config
