#pragma once

#include <openssl/types.h>

namespace tiercel::http {

/// OpenSSL's end of a socket, without the signal that a write to a closed one would raise.
/// OpenSSL's own would need the whole process to ignore SIGPIPE.
///
/// The descriptor is non-blocking and stays the caller's. Null when memory has run out.
[[nodiscard]] BIO* make_socket_bio(int descriptor);

}  // namespace tiercel::http
