#include <memory>

#include <curl/curl.h>

#include "tiercel/http/client.h"

namespace tiercel::http {

std::string url_complaint(std::string_view url) {
  if (url.empty()) {
    return "must not be empty: write http://HOST:PORT/PATH or https://…";
  }
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return "must begin with http:// or https://";
  }
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(::curl_url(), &::curl_url_cleanup);
  const CURLUcode code = ::curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), 0);
  return code == CURLUE_OK ? "" : std::string("is no URL: ") + ::curl_url_strerror(code);
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

}  // namespace tiercel::http
