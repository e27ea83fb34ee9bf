#include "response_text.h"

#include <array>
#include <ctime>
#include <utility>

namespace tiercel::http {

namespace {

using base::Metric;

constexpr std::array<std::pair<unsigned, Metric>, 11> kRejections{{
    {400, Metric::kRejectedHeader},
    {401, Metric::kRejectedAuthentication},
    {404, Metric::kRejectedPath},
    {405, Metric::kRejectedMethod},
    {408, Metric::kRejectedTimeout},
    {413, Metric::kRejectedSize},
    {415, Metric::kRejectedType},
    {429, Metric::kRejectedBusy},
    {431, Metric::kRejectedHeader},
    {501, Metric::kRejectedHeader},
    {503, Metric::kRejectedBusy},
}};

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value) {
    if (c != '\r' && c != '\n' && c != '\0') {
      out += c;
    }
  }
  out += "\r\n";
}

std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

}  // namespace

std::string response_head(const Response& response, std::string_view connection) {
  std::string out;
  out.reserve(256);
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  append_header(out, "Date", date());
  if (!response.content_type.empty()) {
    append_header(out, "Content-Type", response.content_type);
  }
  for (const Header& header : response.headers) {
    append_header(out, header.name, header.value);
  }
  if (!connection.empty()) {
    append_header(out, "Connection", connection);
  }
  if (response.status != 204 && response.status != 304) {
    append_header(out, "Content-Length", std::to_string(response.body.size()));
  }
  out += "\r\n";
  return out;
}

std::optional<base::Metric> rejection_of(unsigned status) {
  for (const auto& [code, metric] : kRejections) {
    if (code == status) {
      return metric;
    }
  }
  return std::nullopt;
}

}  // namespace tiercel::http
