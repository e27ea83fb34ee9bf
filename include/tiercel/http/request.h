#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::http {

struct Header {
  std::string name;
  std::string value;
};

/// The first header of that name (case does not matter), or an empty view.
[[nodiscard]] std::string_view find_header(const std::vector<Header>& headers,
                                           std::string_view name);

/// True when the two texts differ in the case of ASCII letters at the most.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

/// Who sends over a Unix socket, where no peer has an address.
inline constexpr std::string_view kUnixPeer = "unix";

/// The head of a request, as plain data. Every byte in it was chosen by the peer.
struct Request {
  std::string method;
  std::string path;   ///< as sent, not decoded, without the query
  std::string query;  ///< what follows the first '?'
  std::vector<Header> headers;
  /// Length of the body on the wire; nothing for a chunked one.
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool gzip = false;  ///< Content-Encoding: gzip; BodyReader hands out what is inside
  std::string peer;   ///< numeric address of the sender, without the port; or kUnixPeer
  /// The names in the certificate that the client has proved to own: common name, DNS names and
  /// URIs. Empty without one. Lives as long as the connection.
  std::span<const std::string> peer_names{};
  /// For the handler to call once it knows that the sender may send: where room is needed,
  /// connections of which no handler has said so are closed first. Empty once it was called.
  std::function<void()> vouch{};
  std::string_view scheme;   ///< "http" or "https"
  std::uint64_t number = 0;  ///< running number, unique within the process's server

  [[nodiscard]] std::string_view header(std::string_view name) const {
    return find_header(headers, name);
  }
};

/// An answer, as plain data. Content-Length, Date and Connection are the server's.
struct Response {
  unsigned status = 200;
  std::string content_type{};  ///< not sent when empty
  std::string body{};
  std::vector<Header> headers{};
  bool close = false;  ///< close the connection after this answer
  /// What the request was for, whatever the status: it is not counted as turned away.
  bool is_answer = false;
};

/// A short text/plain answer: "not found\n".
[[nodiscard]] Response text_response(unsigned status, std::string_view text);

/// "Not Found" for 404.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

}  // namespace tiercel::http
