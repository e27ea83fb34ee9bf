#include "tiercel/http/request.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tiercel::http {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr std::array<std::pair<unsigned, std::string_view>, 17> kReasons{{
    {200, "OK"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
}};

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view find_header(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (same_word(header.name, name)) {
      return header.value;
    }
  }
  return {};
}

Response text_response(unsigned status, std::string_view text) {
  return Response{.status = status,
                  .content_type = "text/plain; charset=utf-8",
                  .body = std::string(text) + "\n",
                  .headers = {}};
}

std::string_view reason_phrase(unsigned status) {
  for (const auto& [code, phrase] : kReasons) {
    if (code == status) {
      return phrase;
    }
  }
  return "Unknown";
}

}  // namespace tiercel::http
