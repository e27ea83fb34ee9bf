#include <charconv>
#include <memory>

#include <curl/curl.h>

#include "tiercel/http/client.h"

namespace tiercel::http {

namespace {

using Url = std::unique_ptr<CURLU, void (*)(CURLU*)>;

std::string part_of(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (::curl_url_get(url.get(), part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) {
    return {};
  }
  std::string out(text);
  ::curl_free(text);
  return out;
}

}  // namespace

std::string url_complaint(std::string_view url) {
  if (url.empty()) {
    return "must not be empty: write http://HOST:PORT/PATH or https://…";
  }
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return "must begin with http:// or https://";
  }
  const Url parsed(::curl_url(), &::curl_url_cleanup);
  const CURLUcode code = ::curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), 0);
  return code == CURLUE_OK ? "" : std::string("is no URL: ") + ::curl_url_strerror(code);
}

UrlParts split_url(std::string_view url) {
  const Url parsed(::curl_url(), &::curl_url_cleanup);
  if (::curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), 0) != CURLUE_OK) {
    return {};
  }
  UrlParts parts{part_of(parsed, CURLUPART_SCHEME), part_of(parsed, CURLUPART_HOST),
                 part_of(parsed, CURLUPART_PORT), part_of(parsed, CURLUPART_PATH)};
  if (parts.host.size() > 2 && parts.host.front() == '[') {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  return parts;
}

std::string url_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (is_plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    }
  }
  return out;
}

std::string url_decode(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    const char* const digits = text.data() + at + 1;
    const bool is_byte = text[at] == '%' && at + 2 < text.size() &&
                         std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    out += is_byte ? static_cast<char>(byte) : text[at];
    at += is_byte ? 2 : 0;
  }
  return out;
}

}  // namespace tiercel::http
