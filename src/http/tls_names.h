#pragma once

#include <string>
#include <vector>

#include <openssl/types.h>

namespace tiercel::http {

/// The names in the certificate that the peer has proved to own: the common name of its
/// subject, then the DNS names and URIs it is issued for. Empty where it showed none. Names with
/// a NUL or another control character are left out: they mean one thing here and another in a log.
[[nodiscard]] std::vector<std::string> peer_names(const SSL* ssl);

}  // namespace tiercel::http
