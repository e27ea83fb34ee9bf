#include "schema.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace tiercel::store {

namespace {

constexpr std::string_view kStem = "alerts-";
constexpr std::string_view kSuffix = ".db";
constexpr std::size_t kDigits = 10;

}  // namespace

const char* table_statements() {
  return "CREATE TABLE alerts("
         "row INTEGER PRIMARY KEY, id BLOB NOT NULL, time INTEGER NOT NULL,"
         " stored INTEGER NOT NULL, priority INTEGER NOT NULL, rule TEXT NOT NULL,"
         " tags TEXT NOT NULL, user TEXT NOT NULL, namespace TEXT NOT NULL,"
         " cluster TEXT NOT NULL, body BLOB NOT NULL);"
         "CREATE UNIQUE INDEX alerts_by_id ON alerts(id);"
         "CREATE TABLE cursors("
         "output TEXT NOT NULL, segment INTEGER NOT NULL, row INTEGER NOT NULL,"
         " PRIMARY KEY(output, segment)) WITHOUT ROWID;"
         "CREATE TABLE positions("
         "source TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
         " PRIMARY KEY(source, key)) WITHOUT ROWID;"
         "CREATE TABLE meta(key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;";
}

std::string segment_name(std::uint32_t number) {
  std::array<char, kStem.size() + kDigits + kSuffix.size() + 1> name{};
  const int length = std::snprintf(name.data(), name.size(), "alerts-%010u.db", number);
  return {name.data(), static_cast<std::size_t>(length)};
}

std::uint32_t number_in_name(std::string_view name) {
  const std::size_t stem = name.find(kStem);
  if (stem == std::string_view::npos) {
    return 0;
  }
  const std::string_view rest = name.substr(stem + kStem.size());
  if (rest.size() < kDigits + kSuffix.size() || rest.substr(kDigits, kSuffix.size()) != kSuffix) {
    return 0;
  }
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + kDigits, number);
  return error == std::errc{} && end == rest.data() + kDigits ? number : 0;
}

std::optional<std::uint32_t> segment_number(std::string_view name) {
  const std::uint32_t number = number_in_name(name);
  if (number == 0 || name.size() != kStem.size() + kDigits + kSuffix.size()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace tiercel::store
