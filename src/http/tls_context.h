#pragma once

#include <memory>

#include "tiercel/base/error.h"
#include "tiercel/http/options.h"

namespace boost::asio::ssl {
class context;
}

namespace tiercel::http {

/// Reads the files of `options` and makes what handshakes need: TLS 1.2 and 1.3, forward
/// secret AEAD ciphers, ALPN http/1.1. Errors say which file and what is wrong with it.
[[nodiscard]] base::Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(
    const TlsOptions& options);

}  // namespace tiercel::http
