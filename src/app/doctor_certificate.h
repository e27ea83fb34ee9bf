#pragma once

#include <string>

namespace tiercel::app {

class Findings;

/// Whether the first certificate of the file is good for this host name or address.
[[nodiscard]] bool certificate_names(const std::string& path, const std::string& host);
/// What a client shows: its term, its key where `key` is not empty, and whether a server with this
/// `authority` takes it, where that is not empty.
void examine_client_certificate(const std::string& path, const std::string& key,
                                const std::string& authority, Findings& findings);

}  // namespace tiercel::app
